# SPDX-License-Identifier: BSD-3-Clause
"""Uncertainties of atoms by fix pair and by our compute, frames that are collected, runs that stop."""

import os
import re

import sample_crystals as crystals
from lammps_route import check, check_close, main

FRAME = crystals.diamond(5.0, 2, 0.3, ["Si", "C"])


def script(route, potentials, keywords="", units="metal", length=1.0, mass=1.0, timestep=1e-4, potential="two.mlsoap",
           types=("Si", "C"), frame=FRAME):
    with open(os.path.join(route.folder, "uncertain.data"), "w", encoding="ascii") as stream:
        stream.write(frame.data_file(list(types), length=length, mass=mass))
    boundary = " ".join("p" if p else "f" for p in frame.pbc)
    return (f"units {units}\natom_style atomic\natom_modify map yes\nboundary {boundary}\n{route.load()}"
            f"read_data uncertain.data\npair_style mlsoap {keywords}\npair_coeff * * {potentials}/{potential} Si C\n"
            f"neigh_modify one 10000 page 200000\ntimestep {timestep:g}\nthermo_modify format float %.15g\n")


COMPUTE = ("compute u all mlsoap/uncertainty\ncompute largest all reduce max c_u[1] c_u[2]\n"
           "thermo_style custom step pe c_u c_largest[1] c_largest[2]\nthermo_modify format float %.15g\n")


def read_frames(route, name):
    """Collected frames: (step, comment line, rows of words)."""
    with open(os.path.join(route.folder, name), encoding="ascii") as stream:
        lines = stream.read().splitlines()
    frames = []
    while lines:
        n = int(lines[0])
        step = int(re.search(r" step=(\d+)", lines[1]).group(1))
        frames.append((step, lines[1], [line.split() for line in lines[2:2 + n]]))
        check(len(frames[-1][2]) == n, f"frame of step {step} is cut short")
        lines = lines[2 + n:]
    return frames


def remove(route, *names):
    for name in names:
        path = os.path.join(route.folder, name)
        if os.path.exists(path):
            os.remove(path)


def test_compute_on_any_ranks(route, potentials):
    """Per atom and the largest; the same on any number of ranks and threads, and in other units."""
    dump = "write_dump all custom u.txt id c_u[1] c_u[2] modify sort id format float %.17g\n"
    reference = None
    for ranks, threads in ((1, 1), (2, 1), (4, 1), (1, 3)):
        result = route.run(script(route, potentials) + COMPUTE + "run 0\n" + dump, ranks=ranks, threads=threads)
        atoms = [atom[c] for atom in result.dump("u.txt")[0] for c in ("c_u[1]", "c_u[2]")]
        check(min(atoms) > 0, "an uncertainty that is not positive")
        check_close("largest", [result.last["c_u"], result.last["c_largest[2]"]], [max(atoms[1::2])] * 2, 1e-13)
        check_close("largest of the energies", [result.last["c_largest[1]"]], [max(atoms[0::2])], 1e-13)
        reference = reference or atoms
        check_close(f"{ranks} ranks, {threads} threads", atoms, reference, 1e-12)
    check(max(atoms) - min(atoms) > 1e-3, "all atoms are the same: this tests nothing")
    real = route.run(script(route, potentials, units="real", timestep=0.1) + COMPUTE + "run 0\n" + dump).dump("u.txt")[0]
    check_close("units real", [atom[c] / 23.060549 for atom in real for c in ("c_u[1]", "c_u[2]")], reference, 1e-9)
    return f"{min(reference[1::2]):.3f} to {max(reference[1::2]):.3f} eV/A"


def test_equals_eval(route, potentials):
    """mlsoap eval gives the same uncertainties."""
    columns = route.predictions(f"{potentials}/two.mlsoap", FRAME)[1]
    result = route.run(script(route, potentials) + COMPUTE + "run 0\nwrite_dump all custom u.txt id c_u[1] c_u[2] modify sort id "
                       "format float %.17g\n", ranks=2)
    for name, column in (("mlsoap_uncertainty", "c_u[1]"), ("mlsoap_force_uncertainty", "c_u[2]")):
        worst = check_close(name, [atom[column] for atom in result.dump("u.txt")[0]],
                            [float(row[0]) for row in columns[name]], 1e-10)
    return f"largest deviation {worst:.1e} eV/A"


def test_fix_pair(route, potentials):
    """fix pair, where this LAMMPS has it: the numbers of the compute, every 3rd step, with and without its flag."""
    for flag in (0, 1):
        fix = f"fix p all pair 3 mlsoap uncertainty {flag} force_uncertainty {flag}\n"
        text = (script(route, potentials) + COMPUTE + fix + "compute fp all reduce max f_p[1] f_p[2]\nfix m all nve\nthermo 1\n"
                "thermo_style custom step c_largest[1] c_largest[2] c_fp[1] c_fp[2]\nrun 4\n")
        if route.name == "debian":
            check("pair" in route.run(text, fails=True).text, "another error than the missing fix")
            return "not run: this LAMMPS has no fix pair"
        rows = route.run(text, ranks=2).tables[0]
        for row in rows:
            source = rows[row["Step"] >= 3 and 3 or 0]
            check_close(f"step {row['Step']:.0f}", [row["c_fp[1]"], row["c_fp[2]"]],
                        [source["c_largest[1]"], source["c_largest[2]"]], 1e-13)
        check(rows[3]["c_largest[2]"] != rows[0]["c_largest[2]"], "nothing moved")
    return ""


def test_collect(route, potentials):
    """Frames above lo, not more than one per N steps, with everything that a calculation needs; a second run goes on."""
    remove(route, "collected.xyz")
    text = script(route, potentials, "collect collected.xyz lo 0.1 every 5")
    result = route.run(text + "fix m all nve\nrun 12\nrun 8\nwrite_dump all custom end.txt id x y z modify sort id format float "
                       "%.17g\n", ranks=2)
    frames = read_frames(route, "collected.xyz")
    check([frame[0] for frame in frames] == [0, 5, 10, 15, 20], f"steps {[frame[0] for frame in frames]}")
    check("so far: 5" in result.text, result.text)
    _, comment, rows = frames[-1]
    for word in ('Lattice="10 0 0 0 10 0 0 0 10"', 'pbc="T T T"', "config_type=collected", "mlsoap_identity="):
        check(word in comment, f"no {word} in {comment}")
    check([row[0] for row in rows] == FRAME.symbols, "symbols")
    end = [atom[c] for atom in result.dump("end.txt")[0] for c in "xyz"]
    check_close("positions", [float(row[k]) for row in rows for k in (1, 2, 3)], end, 1e-12)
    route.run(text + "run 0\n")
    check(len(read_frames(route, "collected.xyz")) == 6, "a new run has not appended to the file")
    high = route.run(script(route, potentials, "collect none.xyz lo 50") + "run 0\n")
    check("so far: 0" in high.text and read_frames(route, "none.xyz") == [], "a frame below lo was written")


def test_collect_from_a_trajectory(route, potentials):
    """rerun screens what another run has left."""
    remove(route, "screened.xyz")
    route.run(script(route, potentials) + "fix m all nve\ndump d all custom 5 screened.txt id type x y z\n"
              "dump_modify d format float %.17g\nrun 20\n")
    route.run(script(route, potentials, "collect screened.xyz lo 0.1 every 10") + "rerun screened.txt dump x y z\n", ranks=2)
    steps = [frame[0] for frame in read_frames(route, "screened.xyz")]
    check(steps == [0, 10, 20], f"steps {steps}")


def test_collect_in_other_cells(route, potentials):
    """A tilted cell, open directions, a type that belongs to another style, other units."""
    remove(route, "tilted.xyz", "open.xyz")
    tilted = crystals.triclinic(["Si", "C"])
    route.run("box tilt large\n" + script(route, potentials, "collect tilted.xyz lo 1e-3", units="real", frame=tilted) +
              "run 0\n", ranks=2)
    _, comment, rows = read_frames(route, "tilted.xyz")[0]
    cell = [float(x) for x in re.search(r'Lattice="([^"]*)"', comment).group(1).split()]
    xx, yy, zz, xy, xz, yz = tilted.cell
    check_close("cell", cell, [xx, 0, 0, xy, yy, 0, xz, yz, zz], 1e-12)
    fraction = [float(row[3]) / zz for row in rows]
    check(max(fraction) < 1.2 and min(fraction) > -0.2, "positions far outside of the cell")
    distances = [sum((float(rows[1][k + 1]) - float(rows[0][k + 1]) - tilted.positions[1][k] + tilted.positions[0][k]) ** 2
                     for k in range(3)) ** 0.5]
    check(distances[0] < 1e-9 or rows[0][0] != rows[1][0] or distances[0] > 1, "distances changed")
    hybrid = script(route, potentials, frame=crystals.slab(["Si", "C"])).split("pair_style")[0]
    route.run("processors 1 1 4\n" + hybrid + "pair_style hybrid/overlay mlsoap collect open.xyz lo 1e-3 zero 4.0\n"
              f"pair_coeff * * mlsoap {potentials}/two.mlsoap Si NULL\npair_coeff * * zero\nneigh_modify one 10000\nrun 0\n",
              ranks=4)
    _, comment, rows = read_frames(route, "open.xyz")[0]
    check('pbc="T T F"' in comment, comment)
    check({row[0] for row in rows} == {"Si", "X"}, "symbols")
    check(all(float(row[6]) == 0 for row in rows if row[0] == "X"), "uncertainty of an atom that the style does not see")


def test_full_disk(route, potentials):
    """Frames that cannot be written are warned of; the run goes on (tests/unit/lammps: nothing is left half written)."""
    result = route.run(script(route, potentials, "collect /dev/full lo 0.1 every 1") + "fix m all nve\nrun 1\n", ranks=2)
    check(result.text.count("a frame was not collected, as /dev/full could not be written: No space left") == 2, result.text)
    check("so far: 0" in result.text, result.text)


def test_run_stops(route, potentials):
    """Above hi the run ends, without an error, and so does a minimization; the script goes on."""
    remove(route, "stopped.xyz")
    start = route.run(script(route, potentials) + COMPUTE + "run 0\n").last["c_u"]
    for command in ("fix m all nve\nrun 100", "minimize 0 0 100 100"):
        text = script(route, potentials, f"collect stopped.xyz lo {0.5 * start} hi {start + 1e-6} every 2",
                      timestep=2e-3) + f"{command}\nprint \"the script goes on\"\nrun 100\nwrite_data stopped.data\n"
        for ranks in (1, 2):
            result = route.run(text, ranks=ranks)
            stops = re.findall(r"mlsoap: run stopped at step (\d+): the force uncertainty of atom (\d+) is", result.text)
            check(len(stops) == 1, f"{len(stops)} messages of a stop:\n{result.text}")
            check(0 < int(stops[0][0]) < 100, f"stopped at step {stops[0][0]}")
            check("the script goes on" in result.text, "the script did not go on")
            check(os.path.exists(os.path.join(route.folder, "stopped.data")), "no data file")
    return f"stopped at step {stops[0][0]}"


def test_trial_moves_are_not_judged(route, potentials):
    """fix widom inserts atoms anywhere and takes them away again: that may not stop the run."""
    largest = route.run(script(route, potentials) + COMPUTE + "run 0\n").last["c_u"]
    x, y, z = FRAME.positions[5]
    close = crystals.Frame(FRAME.cell, FRAME.symbols + ["Si"], FRAME.positions + [[x + 0.3, y, z]], FRAME.pbc)
    inserted = route.run(script(route, potentials, frame=close) + COMPUTE + "run 0\n").last["c_u"]
    check(inserted > largest + 1e-3, "an inserted atom is not more uncertain: this tests nothing")
    base = script(route, potentials, f"hi {largest + 1e-4} every 1")
    result = route.run(base + "fix w all widom 1 20 1 1234 300.0 full_energy\nthermo_style custom step f_w[1] atoms\n"
                       "run 3\n", ranks=2)
    check(result.last["Step"] == 3 and result.last["Atoms"] == FRAME.n, result.text)
    check("run stopped" not in result.text, "a trial insertion stopped the run")


def test_potential_without_uncertainty(route, potentials):
    """Everybody who asks for one is refused in words."""
    silicon = crystals.diamond(5.4, 1, 0.1, ["Si"])
    data = script(route, potentials, potential="one.mlsoap", types=("Si",), frame=silicon).replace("Si C\n", "Si\n")
    asks = ["{0}compute u all mlsoap/uncertainty\nthermo_style custom step c_u\nrun 0\n"]
    if route.name == "wheel":
        asks.append("{0}fix p all pair 1 mlsoap uncertainty 0\nrun 0\n")
    for ask in asks:
        result = route.run(ask.format(data), ranks=2, fails=True)
        check("one.mlsoap does not carry" in result.text and "uncertainty: auto" in result.text, result.text)
    for keywords, name in (("hi 1.0", "keyword 'hi'"), ("collect x.xyz lo 1", "keyword 'collect'")):
        result = route.run(data.replace("pair_style mlsoap ", f"pair_style mlsoap {keywords}") + "run 0\n", fails=True)
        check(f"{name} needs uncertainties, which potential" in result.text, result.text)


def test_refusals(route, potentials):
    """Keywords that make no sense, a file that cannot be written, a compute without its pair style."""
    for keywords, words in (("collect a.xyz", "belong together"), ("lo 0.1", "belong together"), ("hi", "needs a value"),
                            ("collect a.xyz lo 0.3 hi 0.2", "above 'lo'"), ("hi 0", "above 0"), ("every 5", "belongs to"),
                            ("collect a.xyz lo -1", "above 0"), ("hi 1 every 0", "at least 1"),
                            ("changed maybe", "refuse or accept"), ("unc 3", "unknown keyword 'unc'")):
        result = route.run(script(route, potentials, keywords) + "run 0\n", fails=True)
        check(any("ERROR" in line and words in line for line in result.text.splitlines()), f"{keywords}: {result.text}")
    result = route.run(script(route, potentials, "collect no/such/folder.xyz lo 1") + "run 0\n", ranks=2, fails=True)
    check("cannot write the file of 'collect', no/such/folder.xyz" in result.text, result.text)
    result = route.run(script(route, potentials) + "fix w all mlsoap/watch\nrun 0\n", fails=True)
    check("made by 'pair_style mlsoap collect" in result.text, result.text)
    zero = script(route, potentials).split("pair_style")[0] + "pair_style zero 5.0\npair_coeff * *\n"
    result = route.run(zero + "compute u all mlsoap/uncertainty\nrun 0\n", fails=True)
    check("finds no pair style mlsoap" in result.text, result.text)
    for words, argument in (("counts from 1", "0"), ("at most the number", "1 2")):
        result = route.run(script(route, potentials) + f"compute u all mlsoap/uncertainty {argument}\n", fails=True)
        check(words in result.text, result.text)
    twice = script(route, potentials).split("pair_style")[0] + (
        f"pair_style hybrid/overlay mlsoap mlsoap\npair_coeff * * mlsoap 1 {potentials}/two.mlsoap Si C\n"
        f"pair_coeff * * mlsoap 2 {potentials}/two.mlsoap Si C\nneigh_modify one 10000\n")
    result = route.run(twice + COMPUTE + "run 0\n", fails=True)
    check("or several: then give its number" in result.text, result.text)
    route.run(twice + COMPUTE.replace("mlsoap/uncertainty", "mlsoap/uncertainty 2") + "run 0\n")


if __name__ == "__main__":
    main([value for key, value in list(globals().items()) if key.startswith("test_")], __doc__)
