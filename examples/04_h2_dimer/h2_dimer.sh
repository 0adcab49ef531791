#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Fit the Lennard-Jones H2 dimer on 30 of 200 distances and show energies and errors on all 200.
# Run it after the quickstart; results lie in build/h2_dimer/. BUILD_DIR chooses another build folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD_DIR:-$here/../../build}
export LC_ALL=C
results=$build/h2_dimer
mlsoap=$build/bin/mlsoap

python3 "$here/make_data.py" "$results"
"$mlsoap" train "$here/h2_dimer.yaml" --data.train="[$results/train.xyz]" -o "$results/H2.mlsoap"
"$mlsoap" eval "$results/H2.mlsoap" "$results/all.xyz" --predictions "$results/predictions.xyz" --json "$results/errors.json" \
    >"$results/errors.txt"

# distance, reference and prediction (eV) of each frame, from the two numbers of its comment line and its first atom
awk '/energy=/ {
        reference = prediction = $0
        sub(/^.*[ ]energy=/, "", reference); sub(/ .*$/, "", reference)
        sub(/^.*mlsoap_energy=/, "", prediction); sub(/ .*$/, "", prediction)
        getline
        printf "%.10g %.17g %.17g\n", -2 * $2, reference, prediction
    }' "$results/predictions.xyz" >"$results/energies.dat"
awk '{ d = 1000 * ($3 - $2); if (d < 0) d = -d; sum += d; if (!(d <= worst)) worst = d; n++ }
    END {
        printf "mean absolute error of the energy, meV, on %d points (30 of them trained on)\n", n
        printf "  mlsoap, sparse GP        %9.5f   (largest %.5f)\n", sum / n, worst
        print  "  random forest            83        (baselines of the teaching material,"
        print  "  support vector machine   97         same descriptor)"
    }' "$results/energies.dat"

if ! command -v gnuplot >/dev/null; then
    echo "no plot: gnuplot is not installed (Debian: apt-get install gnuplot-nox)" >&2
    exit 0
fi
gnuplot <<END
set terminal svg size 760,620 dynamic font 'sans-serif,15' background '#ffffff'
set output '$results/h2_dimer.svg.part'
set multiplot layout 2,1
set border 3 lc rgb '#444444'; set tics nomirror out; set grid lc rgb '#dddddd'; set lmargin 12
set xrange [2.45:5.05]
set ylabel 'energy, eV'
plot '$results/energies.dat' using 1:2 with lines lw 3 lc rgb '#7fa8d1' title 'Lennard-Jones', \
     '' using 1:3 with lines lw 1.5 dt 2 lc rgb '#8c2d04' title 'mlsoap, 30 training points'
set xlabel 'distance, angstrom'; set ylabel 'absolute error, meV'; set logscale y; set format y '10^{%T}'; set yrange [1e-8:1e4]
plot '$results/energies.dat' using 1:(1000*abs(\$3-\$2)+1e-12) with points pt 7 ps 0.4 lc rgb '#8c2d04' title 'mlsoap', \
     83 with lines dt 3 lw 2 lc rgb '#444444' title 'baselines: 83 and 97 (means)', 97 with lines dt 3 lw 2 lc rgb '#444444' notitle
unset multiplot
END
mv "$results/h2_dimer.svg.part" "$results/h2_dimer.svg"
echo "plot: $results/h2_dimer.svg"
