#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# DScribe as an independent oracle: `mlsoap describe` on fresh random structures and settings (check_dscribe.py).
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_venv "$build_dir/venv-oracles" dscribe==2.1.2 'ase<3.26' numpy
"$build_dir/venv-oracles/bin/python" "$project_root/tests/reference/check_dscribe.py" "$build_dir/bin/mlsoap" \
    --seed "${MLSOAP_TEST_SEED:-$(date +%s)}"
