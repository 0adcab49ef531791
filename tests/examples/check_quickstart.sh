#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The quickstart, twice: a fit within the promised errors, MD whose energy is conserved, everything where the last lines
# say, and a second run that reuses the potential.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
results=$BUILD_DIR/quickstart
fail() { echo "FAIL: $*" >&2; exit 1; }

rm -rf "$results"
bash "$project_root/examples/quickstart.sh" | tee "$BUILD_DIR/quickstart_first.txt"
for name in Si.mlsoap Si.report.html Si.parity.csv Si.config.yaml md.log si_nve.dat si_nve.svg test_errors.json; do
    [ -s "$results/$name" ] || fail "$results/$name is missing"
done
[ ! -e "$results/Si.ckpt" ] || fail "the checkpoint was left behind"
grep -q 'on 2 procs' "$results/md.log" || fail "LAMMPS did not run on 2 ranks"
[ "$(grep -c '<svg' "$results/Si.report.html")" -eq 7 ] || fail "the report does not show seven plots"

# The goals: force MAE 0.068 eV/angstrom, energy MAE 3.5 meV/atom; drift over 2 ps below 1e-5 eV/atom at 1000 K.
python3 - "$results/test_errors.json" <<'END'
import json, sys
total = json.load(open(sys.argv[1], encoding="utf-8"))["total"]
for target, goal in (("energy", 3.5), ("forces", 0.068)):
    assert total[target]["mae"] <= goal, f"{target}: MAE {total[target]['mae']} is above {goal}"
END
awk '/drift of the total energy/ { seen = 1; if (!(($6 < 0 ? -$6 : $6) <= 1e-5)) exit 1 } END { if (!seen) exit 1 }' \
    "$BUILD_DIR/quickstart_first.txt" || fail "the total energy drifts"
awk '/mean temperature/ { if (!($3 > 850 && $3 < 1150)) exit 1 }' "$BUILD_DIR/quickstart_first.txt" ||
    fail "the temperature is not that of the thermostat"

before=$(sha256sum "$results/Si.mlsoap")
bash "$project_root/examples/quickstart.sh" >"$BUILD_DIR/quickstart_second.txt"
grep -q 'Reusing the potential' "$BUILD_DIR/quickstart_second.txt" || fail "the second run fitted again"
[ "$before" = "$(sha256sum "$results/Si.mlsoap")" ] || fail "the second run changed the potential"
