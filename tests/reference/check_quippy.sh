#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# QUIP as an independent oracle of mode quip: `mlsoap describe` on fresh random structures (check_quippy.py).
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_venv "$build_dir/venv-oracles" dscribe==2.1.2 'ase<3.26' numpy
python=$build_dir/venv-oracles/bin/python
if ! "$python" -c 'import quippy' 2>/dev/null &&
    ! "$python" -m pip install --quiet --disable-pip-version-check --no-input quippy-ase==0.10.3; then
    echo "skipped: quippy-ase 0.10.3 cannot be installed for this Python and machine"
    exit 77
fi
"$python" -W ignore "$project_root/tests/reference/check_quippy.py" "$build_dir/bin/mlsoap" \
    --seed "${MLSOAP_TEST_SEED:-$(date +%s)}"
