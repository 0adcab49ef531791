#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# ASE as an independent oracle of the readers: random structures in every format (check_readers_ase.py). Its own
# environment, because the ASE that DScribe needs does not know the format of RuNNer.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_venv "$build_dir/venv-readers" ase==3.29.0 numpy
"$build_dir/venv-readers/bin/python" "$project_root/tests/reference/check_readers_ase.py" "$build_dir/bin/mlsoap" \
    --seed "${MLSOAP_TEST_SEED:-$(date +%s)}"
