# SPDX-License-Identifier: BSD-3-Clause
"""Run the commands of every README.md of the project, in the order in which they stand, in the project's root.

A block that starts with ```bash is run by bash -euo pipefail; one with ```bash slow only with --slow. The two commands
that are tests of their own (the quickstart, tests/run.sh) are passed over. Anything else (```text, ```yaml) is not run.

usage: run_readme_commands.py [--slow] [README.md ...]     exit code 77: the build folder is not the one of the README"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWN_TESTS = re.compile(r"^bash (examples/quickstart\.sh|tests/run\.sh( --all)?)\s*(#.*)?$")
BLOCK = re.compile(r"^```bash( slow)?[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


def readme_files():
    names = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*README.md"], capture_output=True, text=True, check=False)
    listed = [ROOT / name for name in names.stdout.split("\n") if name]
    if listed:  # the README at the root first, then by folder
        return sorted(listed, key=lambda path: (len(path.parts), path))
    folders = ["", "examples", "potentials", "src", "tests", "training"]
    return [path for folder in folders for path in sorted((ROOT / folder).glob("README.md" if not folder else "**/README.md"))]


def commands_of(path, slow):
    """(line number, text) of each block that is to be run."""
    text = path.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        lines = [line for line in block.group(2).split("\n") if not OWN_TESTS.match(line.strip())]
        if bool(block.group(1)) == slow and any(line.strip() and not line.startswith("#") for line in lines):
            yield text.count("\n", 0, block.start()) + 2, "\n".join(lines)


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
        for line, command in commands_of(path, slow):
            place = f"{path.relative_to(ROOT)}:{line}"
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
