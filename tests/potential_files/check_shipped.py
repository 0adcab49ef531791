# SPDX-License-Identifier: BSD-3-Clause
"""The potentials in potentials/ are what their table says: each passes `mlsoap check`, its identity and size, its configuration, its
errors and the worth of its uncertainties are those of table.json and of README.md, its files name no place of the machine that made
them; silicon gives these errors on the test set again.

usage: check_shipped.py MLSOAP [FOLDER]"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LARGEST_TOTAL = 20e6  # bytes
sys.path.insert(0, str(ROOT / "potentials"))

import retrain  # noqa: E402  behind the path


def run(program, *words):
    return subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def check_potential(program, folder, name, row, readme):
    path = folder / f"{name}.mlsoap"
    run(program, "check", path)
    info = json.loads(run(program, "info", path, "--json"))
    assert info["sha256"] == row["identity"], f"{name}: identity {info['sha256']}, in the table {row['identity']}"
    assert path.stat().st_size == row["bytes"], f"{name}: size {path.stat().st_size}, in the table {row['bytes']}"
    for target in ("energy", "forces"):
        stored = info["errors"]["test"]["total"][target]["mae"]
        assert abs(stored - row["errors"]["all"][target]) <= 1e-12, f"{name}: {target} {stored}"
    shown = [f"`{name}.mlsoap`", f"{row['errors']['all']['energy']:.2f}", f"{row['errors']['all']['forces']:.4f}",
             row["identity"][:16]]
    assert any(all(text in line for text in shown) for line in readme.split("\n")), f"README.md lacks {shown}"
    assert row["uncertainty"] == retrain.uncertainty_of(info), f"{name}: uncertainty {retrain.uncertainty_of(info)}"
    for file in (folder / f"{name}.yaml", folder / f"{name}.config.yaml"):
        assert file.exists(), f"{file} is missing"
    for file in (path, folder / f"{name}.config.yaml"):
        for place in (b"/work", b"/home", b"/root", b"/tmp"):
            assert place not in file.read_bytes()[:200000], f"{file} names {place.decode()}"


def check_silicon(program, folder, row):
    """`mlsoap eval --json` on the published test set."""
    result = subprocess.run([program, "eval", str(folder / "Si.mlsoap"), str(ROOT / "examples/data/si_zuo2020/test.xyz"), "--json",
                             "/dev/stderr"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
    errors = json.loads(result)
    found = {"all": errors["total"], **errors["by_config_type"]}
    for kind, expected in row["errors"].items():
        for target, value in expected.items():
            mae = found[kind][target]["mae"]
            assert abs(mae - value) <= 1e-6 * max(1, abs(value)), f"Si, {kind}: {target} {mae}, in the table {value}"


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "potentials"
    rows = json.loads((folder / "table.json").read_text(encoding="utf-8"))
    readme = (folder / "README.md").read_text(encoding="utf-8")
    names = sorted(path.stem for path in folder.glob("*.mlsoap"))
    assert names == sorted(rows), f"potentials {names}, in the table {sorted(rows)}"
    assert sum(row["bytes"] for row in rows.values()) < LARGEST_TOTAL
    for name in names:
        check_potential(program, folder, name, rows[name], readme)
    assert retrain.table(rows) in readme, "the tables of README.md are not those of table.json; potentials/retrain.py writes both"
    check_silicon(program, folder, rows["Si"])
    print(f"{len(names)} potentials are what their table says")


if __name__ == "__main__":
    main()
