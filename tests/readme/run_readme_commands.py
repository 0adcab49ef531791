# SPDX-License-Identifier: BSD-3-Clause
"""Run the commands of every README.md of the project, in the order in which they stand, in the project's root.

A block that starts with ```bash is run by bash -euo pipefail; one with ```bash slow only with --slow. A block with
```bash own test may hold only commands that another test runs (OWN_TESTS). Anything else (```text, ```yaml) is not run.

usage: run_readme_commands.py [--slow] [README.md ...]     exit code 77: the build folder is not the one of the README"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWN_TESTS = {"bash examples/quickstart.sh", "bash tests/run.sh", "bash tests/run.sh --all",
             "bash examples/05_nve_drift/nve_drift.sh", "bash examples/07_liquid_silicon/liquid_silicon.sh",
             "bash tests/chroot/run.sh FOLDER", "bash potentials/retrain.sh --no-time Si"}
BLOCK = re.compile(r"^```bash( slow| own test)?[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


def readme_files():
    """The README of the root first, then those of the folders by name; build folders are none of ours."""
    folders = ["examples", "potentials", "src", "tests", "training"]
    return [ROOT / "README.md"] + [path for folder in folders for path in sorted((ROOT / folder).rglob("README.md"))]


def blocks_of(path):
    """(line number, kind, text) of each block of commands; kind is "", "slow" or "own test"."""
    text = path.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        yield text.count("\n", 0, block.start()) + 2, (block.group(1) or "").strip(), block.group(2)


def foreign_commands(text):
    """Commands of a block "own test" that no other test runs."""
    lines = [line.split("#")[0].strip() for line in text.split("\n")]
    return [line for line in lines if line and line not in OWN_TESTS]


def main():
    arguments = sys.argv[1:]
    slow = "--slow" in arguments
    files = [pathlib.Path(name).resolve() for name in arguments if name != "--slow"] or readme_files()
    build = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build"))
    if build.resolve() != (ROOT / "build").resolve():
        print(f"skipped: the commands of the README files speak of build/, this build is {build}")
        return 77
    n_passed, failed = 0, []
    for path in files:
        for line, kind, command in blocks_of(path):
            place = f"{path.relative_to(ROOT)}:{line}"
            if kind == "own test":
                failed.extend(f"{place}: no test runs {foreign}" for foreign in foreign_commands(command))
            if kind != ("slow" if slow else ""):
                continue
            print(f"== {place}\n{command}", flush=True)
            run = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
            if run.returncode == 0:
                n_passed += 1
            else:
                failed.append(f"{place} (exit code {run.returncode})")
    for place in failed:
        print("FAIL:", place)
    print(f"{n_passed} blocks passed, {len(failed)} failed")
    return 1 if failed or n_passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
