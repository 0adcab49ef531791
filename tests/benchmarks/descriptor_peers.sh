#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Time of SOAP against featomic and DScribe (descriptor_peers.py), by hand: bash tests/benchmarks/descriptor_peers.sh
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_venv "$build_dir/venv-peers" dscribe==2.1.2 featomic==0.6.7 'ase<3.26' numpy
setup_configure "$build_dir"
setup_build "$build_dir" bench_descriptor_api
taskset -c "$(($(nproc) - 1))" "$build_dir/venv-peers/bin/python" -W ignore \
    "$project_root/tests/benchmarks/descriptor_peers.py" "$build_dir/tests/bench_descriptor_api" "$@"
