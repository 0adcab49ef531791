#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# drift.sh SERIES [PLOT.svg]: of a series written by in.si_nve, the drift of the total energy by a straight-line fit, the
# fluctuation about the line and the mean temperature; with a second argument a plot of both (needs gnuplot).
set -euo pipefail
series=${1:?usage: drift.sh SERIES [PLOT.svg]}
plot=${2:-}
export LC_ALL=C

# Times and energies are taken relative to the first, so that sums lose no digits.
summary=$(awk '
    /^#/ || NF < 3 { next }
    n == 0 { t0 = $1; e0 = $2 }
    { t = $1 - t0; e = $2 - e0; n++; st += t; se += e; stt += t * t; ste += t * e; see += e * e; sT += $3; last = t }
    END {
        if (n < 3) { print "error: fewer than 3 lines of numbers" > "/dev/stderr"; exit 1 }
        slope = (n * ste - st * se) / (n * stt - st * st); rest = see - se * se / n - slope * (ste - st * se / n)
        printf "%.3g %.6g %.3g %.1f\n", slope * last, last, sqrt((rest > 0 ? rest : 0) / n), sT / n
    }' "$series")
read -r drift duration fluctuation temperature <<<"$summary"
echo "drift of the total energy:  $drift eV/atom over $duration ps (straight-line fit)"
echo "fluctuation about the line: $fluctuation eV/atom (rms)"
echo "mean temperature:           $temperature K"

[ -n "$plot" ] || exit 0
if ! command -v gnuplot >/dev/null; then
    echo "no plot: gnuplot is not installed (Debian: apt-get install gnuplot-nox)" >&2
    exit 0
fi
first_energy=$(awk '!/^#/ && NF >= 3 { print $2; exit }' "$series")
gnuplot <<END
set fit quiet nolog
set terminal svg size 760,560 dynamic font 'sans-serif,15' background '#ffffff'
set output '$plot.part'
set multiplot layout 2,1
set border 3 lc rgb '#444444'; set tics nomirror out; set grid lc rgb '#dddddd'; set lmargin 12; unset key
set xrange [0:$duration]
set ylabel "total energy,\\nmeV/atom from start"
set key top left reverse Left opaque
f(x) = a + b * x
fit f(x) '$series' using 1:(1e3*(\$2-($first_energy))) via a, b
plot '$series' using 1:(1e3*(\$2-($first_energy))) with lines lc rgb '#7fa8d1' lw 1.5 title 'NVE', \
     f(x) with lines lc rgb '#8c2d04' lw 2 dt 2 title 'straight line: $drift eV/atom over $duration ps'
set xlabel 'time, ps'; set ylabel 'temperature, K'; unset key
plot '$series' using 1:3 with lines lc rgb '#3b7a57' lw 1.5
unset multiplot
END
mv "$plot.part" "$plot"
echo "plot:                       $plot"
