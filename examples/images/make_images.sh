#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Draw silicon.svg and photograph report.png, pictures of the README, from the results of the quickstart.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
results=${BUILD_DIR:-$here/../../build}/quickstart
export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# name, energy MAE (meV/atom), force MAE (eV/angstrom): what the quickstart prints
python3 "$here/../compare_with_published.py" "$results/test_errors.json" | awk '
    /^(SNAP|NNP|GAP)/ { print $1, $(NF - 2), $(NF - 1) }
    /^mlsoap/ { print "mlsoap", $(NF - 2), $(NF - 1) }' >"$work/errors.dat"
# force components of the test set, one of those that fall on the same spot
awk -F, '$1 == "test" && $(NF - 4) == "force" { key = int($(NF - 1) * 20) " " int($NF * 20); if (!seen[key]++) print $(NF - 1), $NF }' \
    "$results/Si.parity.csv" >"$work/forces.dat"

gnuplot <<END
set terminal svg size 900,330 dynamic font 'sans-serif,14' background '#ffffff'
set output '$work/silicon.svg'
set multiplot layout 1,3 title 'Silicon, test set of Zuo et al. 2020: mean absolute errors'
set border 3 lc rgb '#444444'; set tics nomirror out; unset key
set grid y lc rgb '#dddddd'
set style fill solid 1; set boxwidth 0.65; set xrange [-0.6:3.6]; set yrange [0:*]
set xtics font ',12'; set ylabel 'energy, meV/atom'
plot '$work/errors.dat' using 0:2:(stringcolumn(1) eq 'mlsoap' ? 0x8c2d04 : 0x7fa8d1):xticlabels(1) with boxes lc rgb variable, \
     '' using 0:2:(sprintf('%.3g', \$2)) with labels offset 0,0.6
set ylabel 'force component, eV/Å'
plot '$work/errors.dat' using 0:3:(stringcolumn(1) eq 'mlsoap' ? 0x8c2d04 : 0x7fa8d1):xticlabels(1) with boxes lc rgb variable, \
     '' using 0:3:(sprintf('%.2g', \$3)) with labels offset 0,0.6
set size square; set grid x y; set xrange [-7:7]; set yrange [-7:7]; set xtics 3; set ytics 3
set xlabel 'DFT force component, eV/Å'; set ylabel 'mlsoap, eV/Å'
plot x with lines lc rgb '#999999', '$work/forces.dat' with points pt 7 ps 0.25 lc rgb '#8c2d04'
unset multiplot
END
mv "$work/silicon.svg" "$here/silicon.svg"

# the top of the report of the quickstart, in a browser
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,1180 --screenshot="$here/report.png" \
    "file://$(cd "$results" && pwd)/Si.report.html" >/dev/null 2>&1
ls -l "$here/silicon.svg" "$here/report.png"
