# SPDX-License-Identifier: BSD-3-Clause
"""Forces, virials and the heat flux of LAMMPS are the derivatives of its energies."""

import os
import random

import sample_crystals as crystals
from lammps_route import check, check_close, main
from test_pair_parity import NKTV2P, input_script, one_potential, virial_of, write_atoms


def test_forces_by_differences(route, potentials):
    """fix numdiff, where this LAMMPS has it."""
    worst = 0.0
    for frame in (crystals.triclinic(["Si", "C"]), crystals.diamond(4.4, 1, 0.3, ["Si", "C"], seed=9)):
        script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"])).replace("atomic\n", "atomic\natom_modify map yes\n", 1)
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


def test_virial_by_differences(route, potentials):
    """W_ab = -dE/d strain_ab by cells that are strained by hand, and by fix numdiff/virial where this LAMMPS has it."""
    h = 1e-5
    frame = crystals.diamond(4.4, 1, 0.3, ["Si", "C"], seed=9)
    length = frame.cell[0]
    script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"]))
    script = script.replace("pair_style", "change_box all triclinic\npair_style", 1)
    for change, back in [(f"{a} scale {{}}", f"{a} final 0 {length}") for a in "xyz"] + \
            [(f"{t} final {{}}", f"{t} final 0") for t in ("xy", "xz", "yz")]:
        for sign in (1, -1):
            size = 1 + sign * h if "scale" in change else sign * h * length
            script += f"change_box all {change.format(repr(size))} remap\nrun 0\nchange_box all {back} remap\n"
    tables = route.run(script, ranks=2).tables
    energies = [table[-1]["PotEng"] for table in tables[1:]]
    slopes = [-(energies[2 * k] - energies[2 * k + 1]) / (2 * h) for k in range(6)]
    expected = virial_of(tables[0][-1])
    scale = max(map(abs, expected))
    worst = check_close("virial", slopes, expected, 1e-6 * scale)
    if route.name == "wheel":
        check_numdiff_virial(route, potentials)
    return f"largest deviation {worst:.1e} eV of {scale:.1f}"


def check_numdiff_virial(route, potentials):
    frame = crystals.triclinic(["Si", "C"])
    script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"]))
    order = (1, 2, 3, 6, 5, 4)  # of the fix: xx yy zz yz xz xy
    columns = " ".join(f"f_nv[{k}]" for k in order)
    script += ("fix nv all numdiff/virial 1 1e-5\nthermo_style custom step " + columns +
               " c_pressure[*]\nthermo_modify format float %.15g\nrun 0\n")
    for n in (1, 2):
        row = route.run(script, ranks=n).last
        pressure = [row[f"c_pressure[{k}]"] for k in range(1, 7)]
        check_close("fix numdiff/virial", [row[f"f_nv[{k}]"] for k in order], pressure, 1e-6 * max(map(abs, pressure)))


def test_heat_flux(route, potentials):
    """compute heat/flux with centroid/stress/atom is d/dt sum_i R_i E_i, by one step forward and one backward in time."""
    frame = crystals.cluster(["Si", "C"])
    center = [sum(r[k] for r in frame.positions) / frame.n for k in range(3)]
    frame = crystals.Frame(frame.cell, frame.symbols, [[r[k] - center[k] + 20 for k in range(3)] for r in frame.positions], frame.pbc)
    generator = random.Random(11)
    velocities = [[generator.uniform(-20, 20) for _ in range(3)] for _ in range(frame.n)]
    h = 1e-5
    sums = []
    for sign in (1, -1):
        script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"]))
        with open(os.path.join(route.folder, "structure.data"), "a", encoding="ascii") as stream:
            stream.write("\nVelocities\n\n" + "".join(
                f"{i + 1} {sign * v[0]!r} {sign * v[1]!r} {sign * v[2]!r}\n" for i, v in enumerate(velocities)))
        energy = "(c_e+c_k)"
        script = script.split("thermo_style")[0] + "compute k all ke/atom\ncompute J all heat/flux k e c\n" + "".join(
            f"variable s{x} atom ({x}-20)*{energy}\n" for x in "xyz") + (
                "compute S all reduce sum v_sx v_sy v_sz\nthermo_style custom step c_S[*] c_J[1] c_J[2] c_J[3]\n"
                f"thermo_modify format float %.17g norm no\nthermo 1\ntimestep {h}\nfix m all nve\nrun 1\n")
        rows = route.run(script).tables[0]
        sums.append([rows[-1][f"c_S[{k}]"] for k in (1, 2, 3)])
        flux = flux if sign < 0 else [rows[0][f"c_J[{k}]"] for k in (1, 2, 3)]
    slopes = [(a - b) / (2 * h) for a, b in zip(*sums)]
    scale = max(map(abs, flux))
    worst = check_close("heat flux", flux, slopes, 1e-6 * scale)
    return f"largest deviation {worst / scale:.1e} of {scale:.0f} eV A/ps"


def test_centroid_virial_belongs_to_the_neighbor(route, potentials):
    """W_j = -sum_i (R_j - R_i) (x) dE_i/dR_j, with dE_i/dR_j from differences of the energies per atom: the split that
    gives the right heat flux."""
    frame = crystals.cluster(["Si", "C"])
    script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"]))
    j, h = 2, 1e-4
    for a, axis in enumerate("xyz"):
        for name, shift in (("plus", h), ("minus", -h)):
            script += (f"set atom {j + 1} {axis} {frame.positions[j][a] + shift:.17g}\nrun 0\n"
                       + write_atoms(f"{name}.{axis}"))
        script += f"set atom {j + 1} {axis} {frame.positions[j][a]:.17g}\n"
    result = route.run(script)
    expected = [[0.0] * 3 for _ in range(3)]
    for b, axis in enumerate("xyz"):
        plus, minus = result.dump(f"plus.{axis}")[0], result.dump(f"minus.{axis}")[0]
        for i in range(frame.n):
            slope = (plus[i]["c_e"] - minus[i]["c_e"]) / (2 * h)
            for a in range(3):
                expected[a][b] -= (frame.positions[j][a] - frame.positions[i][a]) * slope
        total = sum(plus[i]["c_e"] - minus[i]["c_e"] for i in range(frame.n)) / (2 * h)
        check_close(f"force along {axis}", [result.dump("dump.txt")[0][j][f"f{axis}"]], [-total], 1e-6)
    order = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)]
    found = [-result.dump("dump.txt")[0][j][f"c_c[{k}]"] / NKTV2P["metal"] for k in range(1, 10)]
    worst = check_close("centroid virial of one atom", found, [expected[a][b] for a, b in order], 1e-6)
    asymmetry = abs(found[3] - found[6])
    check(asymmetry > 1e-4, "the case is symmetric and tests nothing")
    return f"largest deviation {worst:.1e} eV, asymmetry {asymmetry:.2f} eV"


if __name__ == "__main__":
    main([value for key, value in list(globals().items()) if key.startswith("test_")], __doc__)
