#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The dimer example: its data are those of the reference, the energy MAE on all 200 points is below 0.1 meV, the plot is
# there, and the pair style refuses a potential whose centers are points in space.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
results=$BUILD_DIR/h2_dimer
fail() { echo "FAIL: $*" >&2; exit 1; }

rm -rf "$results"
bash "$project_root/examples/04_h2_dimer/h2_dimer.sh"
python3 - "$results" "$project_root/tests/reference/h2_dimer.json" <<'END'
import json, re, sys
results, reference = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
energies = [float(e) for e in re.findall(r" energy=(\S+)", open(f"{results}/all.xyz", encoding="ascii").read())]
training = [float(e) for e in re.findall(r" energy=(\S+)", open(f"{results}/train.xyz", encoding="ascii").read())]
assert len(energies) == 200 and len(training) == 30
assert all(abs(a - b) <= 1e-11 for a, b in zip(energies, reference["energies"])), "other data than the reference"
assert all(abs(a - reference["energies"][i]) <= 1e-11 for a, i in zip(training, reference["train_index"])), "other split"
energy = json.load(open(f"{results}/errors.json", encoding="utf-8"))["total"]["energy"]
assert energy["n"] == 200
assert 2 * energy["mae"] <= 0.1, f"energy MAE {2 * energy['mae']} meV"  # per molecule; the JSON is per atom
END
[ -s "$results/h2_dimer.svg" ] || fail "no plot"

cat >"$results/in.refused" <<'END'
units       metal
plugin      load ${plugin}
region      box block 0 20 0 20 0 20
create_box  1 box
create_atoms 1 single 10 10 10
mass        1 1.008
pair_style  mlsoap
pair_coeff  * * ${potential} H
run         0
END
if "$BUILD_DIR/venv/bin/lmp" -in "$results/in.refused" -var plugin "$BUILD_DIR/lib/wheel/mlsoapplugin.so" \
    -var potential "$results/H2.mlsoap" -log none >"$results/refusal.txt" 2>&1; then
    fail "the pair style took a potential with a midpoint center"
fi
grep -qi 'ERROR.*center' "$results/refusal.txt" || { cat "$results/refusal.txt"; fail "the refusal does not speak of centers"; }
