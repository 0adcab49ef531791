#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The silicon potential of potentials/ retrained: a network. The script compares it with the one that
# is shipped (same identity, or errors within tolerances); here its errors on the test set must be below those of any published
# potential (0.06 eV/angstrom, 2.2 meV/atom), with a margin for the rounding of other machines.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

bash "$project_root/potentials/retrain.sh" --no-time Si
"$BUILD_DIR/bin/mlsoap" info "$BUILD_DIR/retrained/Si.mlsoap" --json | python3 -c '
import json, sys
errors = json.load(sys.stdin)["errors"]["test"]["total"]
assert errors["forces"]["mae"] <= 0.051, errors["forces"]
assert errors["energy"]["mae"] <= 2.4, errors["energy"]'
