# SPDX-License-Identifier: BSD-3-Clause
"""What runs do with the pair style: forces are the derivative of the energy, energy is conserved, atoms cross the borders
of ranks, cells relax."""

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


def test_forces_by_differences(route, potentials):
    """fix numdiff, where this LAMMPS has it."""
    worst = 0.0
    for frame in (crystals.triclinic(["Si", "C"]), crystals.diamond(4.4, 1, 0.3, ["Si", "C"], seed=9)):
        script = setup(route, potentials, frame, ("Si", "C"), hybrid=False, name="two.mlsoap")
        script += ("fix d all numdiff 1 1e-4\nrun 0\nwrite_dump all custom numdiff.txt id fx fy fz f_d[1] f_d[2] f_d[3] "
                   "modify sort id format float %.17g\n")
        if route.name == "debian":
            check("numdiff" in route.run(script, fails=True).text, "another error than the missing fix")
            return "not run: this LAMMPS has no fix numdiff"
        for n in (1, 2):
            atoms = route.run(script, ranks=n).dump("numdiff.txt")[0]
            worst = max(worst, check_close("forces", [a[f"f{c}"] for a in atoms for c in "xyz"],
                                           [a[f"f_d[{k}]"] for a in atoms for k in (1, 2, 3)], 1e-6))
    return f"largest deviation {worst:.1e} eV/A"


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
        steps = 100 if "respa" not in after else 0
        script = setup(route, potentials, frame, before=before) + after + rest.format(steps=steps)
        result = route.run(script, ranks=ranks)
        if not steps:
            check_close("pressure with respa", [result.tables[0][0]["Press"]], [reference[1]], 1e-4)
            continue
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
