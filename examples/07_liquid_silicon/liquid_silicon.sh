#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Liquid silicon, melting, a bad start and a run that leaves the domain of the training data, with the potential of the
# quickstart, on two ranks. Results and plots lie in build/liquid_silicon/. BUILD_DIR chooses another build folder.
#
# usage: liquid_silicon.sh [liquid] [melt] [bad_start] [out_of_domain]        (default: all)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath "${BUILD_DIR:-$here/../../build}")
results=$build/liquid_silicon
lo=0.3 hi=0.5 # eV/Angstrom
mkdir -p "$results"
cd "$results"

# lammps NAME OPTION...: runs in.NAME.
lammps() {
    local name=$1
    shift
    OMP_NUM_THREADS=1 "$build/venv/bin/mpiexec" -n 2 "$build/venv/bin/lmp" -in "$here/in.$name" \
        -var plugin "$build/lib/wheel/mlsoapplugin.so" -var potential "$build/quickstart/Si.mlsoap" "$@" \
        -log "$name.log" -screen none || { tail -n 20 "$name.log" >&2; return 1; }
    grep 'Loop time' "$name.log" | tail -n 1
}

run_liquid() {
    lammps liquid -var output liquid.dat
    bash "$here/../02_lammps_md/drift.sh" liquid.dat liquid.svg
    awk '!/^#/ { msd = $4 } END { printf "mean square displacement:   %.1f Angstrom^2, it is a liquid\n", msd }' liquid.dat
}

# Mean volume around 1100 K and of the last 2 ps: silicon shrinks on melting.
run_melt() {
    lammps melt -var output melt.dat
    awk '!/^#/ { if ($2 > 900 && $2 < 1300) { cold += $3; n++ } if ($1 > 18) { hot += $3; m++ } last = $4 } END {
        printf "volume of the crystal:      %.2f Angstrom^3/atom\n", cold / n
        printf "volume of the melt:         %.2f Angstrom^3/atom\n", hot / m
        printf "mean square displacement:   %.1f Angstrom^2\n", last }' melt.dat
    plot melt "temperature, K" 2 "volume, Angstrom^3/atom" 3
}

run_bad_start() {
    lammps bad_start
    awk '/^ *Step/ { table = 1; next } /^Loop/ { table = 0 } table && NF == 6 { if (!n++) first = $5; last = $5; atoms = $6 } END {
        printf "closest distance:           %.2f Angstrom at the start, %.2f at the end\n", first, last
        printf "atoms:                      %d of 64\n", atoms }' bad_start.log
}

run_out_of_domain() {
    rm -f collected.xyz
    lammps out_of_domain -var lo $lo -var hi $hi -var output out_of_domain.dat
    grep '^mlsoap: run stopped' out_of_domain.log
    "$build/venv/bin/python" - <<'END'
from ase.io import read
frames = read("collected.xyz", ":")
print(f"collected.xyz, read by ASE: {len(frames)} frames of {len(frames[0])} atoms, steps {frames[0].info['step']} to "
      f"{frames[-1].info['step']}")
END
    plot out_of_domain "volume, Angstrom^3/atom" 3 "largest force uncertainty, eV/Angstrom" 4
}

# plot NAME LABEL COLUMN LABEL COLUMN: both against time.
plot() {
    command -v gnuplot >/dev/null || { echo "no plot: gnuplot is not installed" >&2; return 0; }
    gnuplot <<END
set terminal svg size 760,560 dynamic font 'sans-serif,15' background '#ffffff'
set output '$1.svg'
set multiplot layout 2,1
set border 3 lc rgb '#444444'; set tics nomirror out; set grid lc rgb '#dddddd'; set lmargin 12; unset key
set ylabel "$2"
plot '$1.dat' using 1:$3 with lines lc rgb '#3b7a57' lw 1.5
set xlabel 'time, ps'; set ylabel "$4"
plot '$1.dat' using 1:$5 with lines lc rgb '#8c2d04' lw 1.5
unset multiplot
END
    echo "plot:                       $results/$1.svg"
}

for name in "${@:-liquid melt bad_start out_of_domain}"; do
    for part in $name; do
        printf '\n== %s\n' "$part"
        "run_$part"
    done
done
