#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Liquid silicon: drift below 1e-5 eV/atom over 50 ps; melting goes through; two atoms at 0.5 Angstrom are driven apart; a run
# out of the domain of the data is caught.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fail() { echo "FAIL: $*" >&2; exit 1; }
log=$BUILD_DIR/liquid_silicon.txt
bash "$project_root/examples/07_liquid_silicon/liquid_silicon.sh" | tee "$log"

# value PATTERN FIELD: of the first line with this text.
value() { awk -v field="$2" -v pattern="$1" 'index($0, pattern) { print $field; exit }' "$log"; }
holds() { awk "BEGIN { exit !($1) }" || fail "$1: $2"; }

holds "$(value 'drift of the total' 6)^2 < 1e-10 && $(value 'drift of the total' 9) > 49" "drift of the total energy"
holds "$(value 'mean temperature' 3) > 1700 && $(value 'mean temperature' 3) < 2300" "temperature of the liquid"
holds "$(value 'mean square displacement' 4) > 50" "the liquid does not flow"
holds "$(value 'volume of the melt' 5) < $(value 'volume of the crystal' 5)" "silicon shrinks on melting"
grep -q 'on 2 procs for 20000 steps with 216 atoms' "$log" || fail "the run through the melting point did not end"
holds "$(value 'closest distance' 3) < 0.51 && $(value 'closest distance' 8) > 1.8" "atoms that were driven apart"
grep -q 'atoms: *64 of 64' "$log" || fail "atoms were lost"
grep -q 'mlsoap: run stopped at step .* above hi' "$log" || fail "the run out of the domain was not stopped"
holds "$(value 'read by ASE' 5) >= 1" "collected frames"
for plot in liquid melt out_of_domain; do [ -s "$BUILD_DIR/liquid_silicon/$plot.svg" ] || fail "no plot $plot.svg"; done
