# SPDX-License-Identifier: BSD-3-Clause
# Shell functions that compare builds of the plugin: energies and pressure of a rattled silicon cell at step 0. Sourced
# after setup.sh by tests that stand in a folder of their own.

cat >in.check <<'END'
units       metal
plugin      load ${plugin}
lattice     diamond 5.469
region      box block 0 3 0 3 0 3
create_box  1 box
create_atoms 1 box
mass        1 28.085
displace_atoms all random 0.2 0.2 0.2 4711 units box
pair_style  mlsoap
pair_coeff  * * ${potential} Si
thermo_style custom step pe pxx pyy pzz pxy
thermo_modify format float %.10g
run         0
END

# numbers PLUGIN RANKS PROGRAM...: of step 0, and that so many ranks really work together.
numbers() {
    local plugin=$1 ranks=$2
    shift 2
    "$@" -in in.check -var plugin "$plugin" -var potential "$build_dir/quickstart/Si.mlsoap" -log run.log -screen none ||
        { tail -n 5 run.log >&2; return 1; }
    grep -q "on $ranks procs" run.log || { echo "$* did not run on $ranks ranks" >&2; return 1; }
    awk '/Step/ { getline; print; exit }' run.log
}

# same NUMBERS NUMBERS: to the eight digits that builds by different compilers share.
same() {
    paste <(tr -s ' ' '\n' <<<"$1" | grep .) <(tr -s ' ' '\n' <<<"$2" | grep .) | awk '
        { n++; d = $1 - $2; if (!((d < 0 ? -d : d) <= 1e-8 * (1 + ($1 < 0 ? -$1 : $1)))) bad = 1 }
        END { exit bad || n < 6 }' || die "numbers differ: $1 and $2"
}
