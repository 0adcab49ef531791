#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From DFT data to molecular dynamics: installs what is missing, builds mlsoap, fits silicon, compares its test errors with
# published potentials and runs MD on two ranks. A second run reuses what is there; to fit again, delete
# build/quickstart/. BUILD_DIR chooses another build folder.
#
# usage: bash examples/quickstart.sh
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$project_root/tests/support/setup.sh"

case ${1:-} in
-h | --help)
    sed -n '3,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
'') ;;
*)
    echo "quickstart.sh takes no arguments (see --help)" >&2
    exit 2
    ;;
esac

data=$project_root/examples/data/si_zuo2020
results=$build_dir/quickstart
potential=$results/Si.mlsoap

build() {
    setup_project mlsoap mlsoap-train mlsoapplugin_wheel mlsoapplugin_debian lmp_mlsoap
}

fit() {
    mkdir -p "$results"
    if [ -e "$potential" ] && "$build_dir/bin/mlsoap" check "$potential" >/dev/null 2>&1; then
        say "Reusing the potential $potential"
        return
    fi
    say "Fitting silicon to $data/train.xyz"
    "$build_dir/bin/mlsoap" train "$data/train.xyz" --test "$data/test.xyz" -o "$potential"
}

compare() {
    say "Test errors"
    "$build_dir/bin/mlsoap" eval "$potential" "$data/test.xyz" --json "$results/test_errors.json" >"$results/test_errors.txt"
    python3 "$project_root/examples/compare_with_published.py" "$results/test_errors.json"
}

# 216 atoms at 1000 K, 1 ps of equilibration and 2 ps of NVE, by the LAMMPS of the Python environment.
molecular_dynamics() {
    say "Molecular dynamics: 216 atoms, 3 ps, two ranks"
    (cd "$results" && OMP_NUM_THREADS=1 "$build_dir/venv/bin/mpiexec" -n 2 "$build_dir/venv/bin/lmp" \
        -in "$project_root/examples/02_lammps_md/in.si_nve" -var plugin "$build_dir/lib/wheel/mlsoapplugin.so" \
        -var potential "$potential" -var n_nve 2000 -var output si_nve.dat -log md.log -screen none) || {
        tail -n 20 "$results/md.log" >&2
        die "LAMMPS failed; its log is $results/md.log"
    }
    grep 'Loop time' "$results/md.log" | tail -n 1
    bash "$project_root/examples/02_lammps_md/drift.sh" "$results/si_nve.dat" "$results/si_nve.svg"
}

setup_environment
build
fit
compare
molecular_dynamics
say "Done. What it made:"
cat <<END
potential           $potential
report of the fit   $results/Si.report.html   (open it in a browser)
MD log and plot     $results/md.log, $results/si_nve.svg
programs            $build_dir/bin/mlsoap, $build_dir/bin/lmp_mlsoap; LAMMPS plugin $build_dir/lib/wheel/mlsoapplugin.so
END
