#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Retrain the potentials of this folder and compare them with those that are here:
#   bash potentials/retrain.sh [--write] [--no-fit] [--no-time] [NAME ...]
# Names are those of the configurations, Si Ge Li MoNbTaW; default: all whose data are there. Silicon's data are in examples/data, the
# others' in the folder that MLSOAP_DATA names, as zuo2020/ and monbtaw/ (README.md says where they come from). Results go to
# build/retrained; --write puts them and their table here. An hour on two cores; see retrain.py.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_project mlsoap mlsoap-train mlsoapplugin_wheel
"$build_dir/venv/bin/python" "$project_root/potentials/retrain.py" "$build_dir" "$@"
