#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Run every fuzzer for a while on a copy of its corpus (tests/fuzz/corpus/<name>/, and files of the project of that kind).
# usage: run_fuzzers.sh [SECONDS [SEED]]     default 60 each; a crash leaves its input in build/fuzz/ and fails
# The seed, 1 by default, makes the order of the inputs that of every run of the same code: a slower machine sees fewer.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:-60} seed=${2:-1}
cd "$project_root"
work=$project_root/build/fuzz
mkdir -p "$work"
cmake --preset fuzz >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
cmake --build --preset fuzz >"$work/build.log" 2>&1 || { grep -A 8 -E 'error|FAILED' "$work/build.log"; exit 1; }

n_passed=0 failed=()
for program in "$work"/fuzz/fuzz_*; do
    [ -x "$program" ] || continue
    name=$(basename "$program")
    corpus=$work/corpus/$name
    mkdir -p "$corpus"
    if [ -d "$project_root/tests/fuzz/corpus/$name" ]; then
        cp -n "$project_root/tests/fuzz/corpus/$name"/* "$corpus"/
    fi
    if "$program" -seed="$seed" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="$work/$name-" "$corpus" >"$work/$name.log" 2>&1; then
        n_passed=$((n_passed + 1))
        echo "$name: $(grep -o 'number_of_executed_units: *[0-9]*' "$work/$name.log")"
    else
        failed+=("$name")
        tail -n 40 "$work/$name.log"
    fi
done
echo "$n_passed fuzzers passed, ${#failed[@]} failed ${failed[*]:-}"
[ "$n_passed" -gt 0 ] && [ ${#failed[@]} -eq 0 ]
