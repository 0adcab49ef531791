#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The long NVE run of the examples: drift below 1e-5 eV/atom over 20 ps of 1000 atoms near 1000 K.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fail() { echo "FAIL: $*" >&2; exit 1; }
bash "$project_root/examples/05_nve_drift/nve_drift.sh" | tee "$BUILD_DIR/nve_drift.txt"
grep -q 'on 2 procs for 20000 steps with 1000 atoms' "$BUILD_DIR/nve_drift.txt" || fail "not the run that was asked for"
awk '/drift of the total energy/ { seen = 1; if (!(($6 < 0 ? -$6 : $6) < 1e-5)) exit 1 } END { if (!seen) exit 1 }' \
    "$BUILD_DIR/nve_drift.txt" || fail "the total energy drifts"
awk '/mean temperature/ { seen = 1; if (!($3 > 900 && $3 < 1100)) exit 1 } END { if (!seen) exit 1 }' \
    "$BUILD_DIR/nve_drift.txt" || fail "the temperature is not near 1000 K"
[ -s "$BUILD_DIR/nve_drift/nve_drift.svg" ] || fail "no plot"
