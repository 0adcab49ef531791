#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Time and error of mlsoap beside the potentials that a user can install from packages, in one run and one `lmp`:
#   bash tests/benchmarks/peers.sh [--systems Si,Mo] [--rounds N] [--seconds S] [--no-gap]
# Leaves peers.json, peers.md and peers.svg in build/peers. Half an hour, best on an idle machine; see peers.py --help.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_project
case " $* " in *" --no-gap "*) ;; *) setup_venv "$build_dir/venv-quippy" quippy-ase==0.10.3 'ase<3.26' ;; esac
"$build_dir/venv/bin/python" "$project_root/tests/benchmarks/peers.py" "$build_dir" "$@"
