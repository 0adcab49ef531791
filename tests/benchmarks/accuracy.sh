#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Errors of networks, sparse GP and linear models on the silicon, germanium and lithium sets of Zuo et al. 2020, beside those of the
# published potentials, with time and memory of each fit and the cost in molecular dynamics:
#   bash tests/benchmarks/accuracy.sh [--elements Si,Ge] [--models NAME ...] [--seeds N] [--folds K] [--no-time]
# The sets of Ge and Li are in the folder zuo2020 of MLSOAP_DATA. Leaves accuracy.json, accuracy.md, accuracy.svg in
# build/accuracy; fits that are there already are kept. Two hours on two cores; see accuracy.py.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_project mlsoap mlsoap-train mlsoapplugin_wheel
"$build_dir/venv/bin/python" "$project_root/tests/benchmarks/accuracy.py" "$build_dir" "$@"
