#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Time and memory of a fit beside gap_fit on 40 silicon structures, and by the number of frames:
#   bash tests/benchmarks/fit_peers.sh [--no-gap]
# Leaves fit_peers.json and fit_peers.svg in build/fit_peers; fits that are there already are kept. Ten minutes; see fit_peers.py.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_packages "${packages[@]}"
setup_venv "$build_dir/venv-quippy" quippy-ase==0.10.3 'ase<3.26'
setup_configure "$build_dir"
setup_build "$build_dir" mlsoap mlsoap-train
"$build_dir/venv-quippy/bin/python" -W ignore "$project_root/tests/benchmarks/fit_peers.py" "$build_dir" "$@"
