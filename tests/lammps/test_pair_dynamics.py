# SPDX-License-Identifier: BSD-3-Clause
"""What runs do with the pair style: energy is conserved, atoms cross the borders of ranks, cells move and relax, atoms come,
go and change their type."""

import os

import sample_crystals as crystals
from lammps_route import check, check_close, main

# Stillinger and Weber 1985, doi:10.1103/PhysRevB.31.5262: keeps the crystal together under the random test potential
SW = "Si Si Si 2.1683 2.0951 1.80 21.0 1.20 -0.333333333333 7.049556277 0.6022245584 4.0 0.0 0.0\n"
SERIES = "fix series all print {every} \"$(step) $(etotal:%.15g)\" file {file} screen no title none\n"


def setup(route, potentials, frame, types=("Si",), before="", hybrid=True, name="one.mlsoap"):
    files = {"dynamics.data": frame.data_file(list(types)), "Si.sw": SW}
    for file, content in files.items():
        with open(os.path.join(route.folder, file), "w", encoding="ascii") as stream:
            stream.write(content)
    pair = (f"pair_style hybrid/overlay sw mlsoap\npair_coeff * * sw Si.sw Si\n"
            f"pair_coeff * * mlsoap {potentials}/{name} Si\n") if hybrid else \
        f"pair_style mlsoap\npair_coeff * * {potentials}/{name} {' '.join(types)}\n"
    return (f"units metal\natom_style atomic\natom_modify map yes\nbox tilt large\n{before}{route.load()}"
            f"read_data dynamics.data\n{pair}neigh_modify one 10000 page 200000\nthermo_modify format float %.15g\n")


def line_fit(x, y):
    """Slope of the least-squares line."""
    n = len(x)
    x0, y0 = sum(x) / n, sum(y) / n
    return sum((a - x0) * (b - y0) for a, b in zip(x, y)) / sum((a - x0) ** 2 for a in x)


def read_series(route, name):
    with open(os.path.join(route.folder, name), encoding="ascii") as stream:
        rows = [line.split() for line in stream if line[0].isdigit()]
    return [float(r[0]) for r in rows], [float(r[1]) for r in rows]


def test_energy_conservation(route, potentials):
    """216 atoms at 1000 K, 1 fs: 1.5 ps of equilibration, then 2 ps of NVE; drift by a straight line."""
    frame = crystals.diamond(5.431, 3, 0.0, ["Si"])
    script = setup(route, potentials, frame) + (
        "velocity all create 2000.0 4928459 mom yes rot yes dist gaussian loop geom\ntimestep 0.001\n"
        "fix t all langevin 1000.0 1000.0 0.1 90210 zero yes\nfix m all nve\nrun 1500\nunfix t\n"
        "velocity all zero linear\nthermo 500\n" + SERIES.format(every=5, file="nve.txt") + "run 2000\n")
    result = route.run(script, ranks=2)
    steps, energies = read_series(route, "nve.txt")
    check(len(steps) > 390, f"{len(steps)} energies")
    drift = line_fit(steps, energies) * 2000 / frame.n
    check(abs(drift) < 1e-5, f"drift {drift:.2e} eV/atom over 2 ps")
    temperature = sum(row["Temp"] for row in result.tables[-1]) / len(result.tables[-1])
    check(500 < temperature < 1500, f"the crystal is at {temperature:.0f} K")
    spread = (max(energies) - min(energies)) / frame.n
    return f"drift {drift:.1e} eV/atom over 2 ps, spread {spread:.1e}, {temperature:.0f} K"


def test_trajectory_on_other_ranks(route, potentials):
    """Atoms cross the borders of ranks; neighbor lists of any kind, communication of any style."""
    frame = crystals.diamond(5.431, 2, 0.1, ["Si"])
    rest = ("velocity all create 3000.0 77 mom yes dist gaussian loop geom\ntimestep 0.001\nfix m all nve\nrun {steps}\n"
            "write_dump all custom end.txt id xu yu zu modify sort id format float %.17g\n")
    reference = None
    for before, after, ranks in (("", "", 1), ("processors 2 1 1\n", "", 2), ("processors 1 * *\n", "", 4),
                                 ("comm_style tiled\n", "balance 1.0 rcb\n", 4), ("neighbor 1.0 nsq\n", "", 1),
                                 ("", "run_style respa 2 2 pair 2\n", 2)):
        script = setup(route, potentials, frame, before=before) + after + rest.format(steps=100)
        result = route.run(script, ranks=ranks)
        end = [atom[c] for atom in result.dump("end.txt")[0] for c in ("xu", "yu", "zu")]
        reference = reference or (end, result.tables[0][0]["Press"])
        check_close(f"{before}{after}{ranks} ranks", end, reference[0], 1e-6)
    moved = max(abs(a - b) for a, b in zip(reference[0], (x for r in frame.positions for x in r)))
    return f"an atom moved {moved:.1f} Angstrom"


def test_minimize_and_box_relax(route, potentials):
    frame = crystals.diamond(5.431, 1, 0.2, ["Si"])
    script = setup(route, potentials, frame, before="atom_modify sort 0 0\n")
    script += ("change_box all triclinic\nthermo_style custom step pe press pxx pyy pzz pxy pxz pyz fmax\nthermo_modify norm no\n"
               "minimize 0 1e-6 500 5000\nfix r all box/relax tri 0.0 vmax 0.001\nminimize 0 1e-6 2000 20000\n"
               "unfix r\nrun 0\n")
    rows = route.run(script, ranks=2).tables
    check(rows[0][-1]["PotEng"] < rows[0][0]["PotEng"] - 0.1, "the energy did not fall")
    end = rows[-1][-1]
    worst = max(abs(end[p]) for p in ("Pxx", "Pyy", "Pzz", "Pxy", "Pxz", "Pyz"))
    check(worst < 50.0, f"a stress of {worst} bar is left")
    return f"stress left {worst:.2g} bar, largest force {end['Fmax']:.1e}"


def test_moving_cell(route, potentials):
    """fix nph with a triclinic box: its conserved quantity is conserved."""
    frame = crystals.diamond(5.431, 2, 0.05, ["Si"])
    script = setup(route, potentials, frame) + (
        "change_box all triclinic\nvelocity all create 600.0 5 loop geom\ntimestep 0.0005\nfix n all nph tri 0.0 0.0 0.5\n"
        "thermo_style custom step econserve ke lx xy\nthermo_modify format float %.15g\nthermo 20\nrun 400\n")
    rows = route.run(script, ranks=2).tables[-1]
    spread = (max(row["Econserve"] for row in rows) - min(row["Econserve"] for row in rows)) / frame.n
    kinetic = (max(row["KinEng"] for row in rows) - min(row["KinEng"] for row in rows)) / frame.n
    check(abs(rows[-1]["Lx"] - rows[0]["Lx"]) > 1e-3, "the cell did not move")
    check(spread < 0.01 * kinetic, f"the conserved quantity varies by {spread:.1e}, the kinetic energy by {kinetic:.1e} eV/atom")
    return f"conserved to {spread:.1e} eV/atom, kinetic energy varies by {kinetic:.1e}"


def fresh_energy(route, potentials, elements):
    """Of the data file that a run left behind."""
    script = (f"units metal\natom_style atomic\natom_modify map yes\n{route.load()}read_data end.data\npair_style mlsoap\n"
              f"pair_coeff * * {potentials}/two.mlsoap {elements}\nneigh_modify one 10000\n"
              "thermo_style custom step pe atoms\nthermo_modify format float %.15g\nrun 0\n")
    return route.run(script).last


def test_swapped_atoms(route, potentials):
    """fix atom/swap: energies are those of a fresh calculation."""
    frame = crystals.diamond(5.0, 2, 0.2, ["Si", "C"])
    script = setup(route, potentials, frame, ("Si", "C"), hybrid=False, name="two.mlsoap") + (
        "fix s all atom/swap 1 10 4711 3000.0 types 1 2\nthermo_style custom step pe f_s[1] f_s[2]\n"
        "thermo_modify format float %.15g\nrun 10\nwrite_data end.data nocoeff\n")
    for n in (1, 2):
        end = route.run(script, ranks=n).last
        check(end["f_s[2]"] > 3, f"{end['f_s[2]']} swaps of {end['f_s[1]']}")
        check_close("energy", [end["PotEng"]], [fresh_energy(route, potentials, "Si C")["PotEng"]], 1e-9)
    return f"{end['f_s[2]']:.0f} of {end['f_s[1]']:.0f} swaps"


def test_grand_canonical(route, potentials):
    """fix gcmc in a dilute gas, where the energy of an atom is its offset (-3 eV for Si): with a chemical potential of -2.7 eV
    every insertion and no deletion is accepted, with -4 eV all atoms go. An atom that a trial deletion has only excluded
    from the neighbor lists must not be counted."""
    gas = crystals.Frame((60, 60, 60, 0, 0, 0), ["Si"] * 8, [[30 * i + 5, 30 * j + 5, 30 * k + 5] for i in (0, 1)
                                                           for j in (0, 1) for k in (0, 1)])
    for mu, grows in ((-2.7, True), (-4.0, False)):
        script = setup(route, potentials, gas, ("Si",), hybrid=False, name="two.mlsoap") + (
            f"fix g all gcmc 1 6 0 1 4711 300.0 {mu} 0.1\nthermo_style custom step pe atoms f_g[3] f_g[4] f_g[5] f_g[6]\n"
            "thermo_modify format float %.15g\nrun 5\nwrite_data end.data nocoeff\n")
        end = route.run(script, ranks=2).last
        note = f"mu {mu}: {end['f_g[4]']:.0f} of {end['f_g[3]']:.0f} insertions, {end['f_g[6]']:.0f} of {end['f_g[5]']:.0f} deletions"
        check(min(end["f_g[3]"], end["f_g[5]"]) > 2, f"too few trials, {note}")
        check(end["f_g[4]"] == (end["f_g[3]"] if grows else 0), note)
        check(end["f_g[6]"] == (0 if grows else gas.n), note)
        if not grows:
            continue
        fresh = fresh_energy(route, potentials, "Si")
        check_close("energy", [end["PotEng"]], [fresh["PotEng"]], 1e-9)
    return note


def test_rerun(route, potentials):
    """rerun of a dump gives the energies of the run."""
    frame = crystals.diamond(5.431, 2, 0.1, ["Si"])
    script = setup(route, potentials, frame)
    show = ("compute w all pressure NULL virial\nthermo 10\nthermo_style custom step pe c_w[1] c_w[4]\n"
            "thermo_modify format float %.15g\n")
    run = script + show + ("velocity all create 600.0 5 loop geom\nfix m all nve\ndump d all custom 10 rerun.txt id type x y z\n"
                    "dump_modify d format float %.17g\nrun 30\n")
    first = route.run(run).tables[-1]
    again = route.run(script + show + "rerun rerun.txt dump x y z\n", ranks=2).tables[-1]
    for key, tolerance in (("PotEng", 1e-9), ("c_w[1]", 1e-4), ("c_w[4]", 1e-4)):
        check_close(key, [row[key] for row in again], [row[key] for row in first], tolerance)


def test_changes_between_runs(route, potentials):
    """replicate, atoms that change their type or leave: each energy is that of a fresh calculation."""
    frame = crystals.diamond(4.4, 1, 0.3, ["Si", "C"], seed=9)
    script = setup(route, potentials, frame, ("Si", "C"), hybrid=False, name="two.mlsoap")
    show = "thermo_style custom step pe atoms\nthermo_modify format float %.15g norm no\nrun 0\n"
    one = route.run(script + show).last["PotEng"]
    eight = route.run(script + "replicate 2 2 2\n" + show, ranks=2).last["PotEng"]
    check_close("eight cells", [eight], [8 * one], 1e-9)
    changed = route.run(script + show + "set atom 3 type 2\nset atom 5 type 1\ngroup gone id 7\ndelete_atoms group gone "
                        "compress no\n" + show).last["PotEng"]
    fresh = route.run(script + "set atom 3 type 2\nset atom 5 type 1\ngroup gone id 7\ndelete_atoms group gone "
                      "compress no\n" + show).last["PotEng"]
    check_close("after changes", [changed], [fresh], 1e-10)
    check(abs(changed - one) > 1e-3, "the changes had no effect")


if __name__ == "__main__":
    main([value for key, value in list(globals().items()) if key.startswith("test_")], __doc__)
