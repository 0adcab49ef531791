#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Time and memory per atom from 10^3 to 10^6 silicon atoms, and strong and weak scaling over ranks and threads:
#   bash tests/benchmarks/scaling.sh [POTENTIAL.mlsoap] [--largest N] [--rounds N]
# Without a potential, that of the quickstart. Leaves scaling.json in build/peers.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$project_root/tests/support/setup.sh"
setup_environment
setup_project
"$build_dir/venv/bin/python" "$project_root/tests/benchmarks/scaling.py" "$build_dir" "$@"
