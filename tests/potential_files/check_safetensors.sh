#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The Python package safetensors reads our files and finds the container's rules kept (check_safetensors.py).
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_venv "$build_dir/venv-safetensors" safetensors numpy
"$build_dir/venv-safetensors/bin/python" "$project_root/tests/potential_files/check_safetensors.py" \
    "$build_dir/quickstart/Si.mlsoap"
