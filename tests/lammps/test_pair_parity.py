# SPDX-License-Identifier: BSD-3-Clause
"""The parity matrix: library, `mlsoap eval` and LAMMPS give the same energies, forces and virials, in every kind of cell and
pair style, on 1, 2 and 4 ranks, on other processor grids; and what else has to be equal."""

import glob
import json
import os
import subprocess

import sample_crystals as crystals
from lammps_route import check, check_close, main

FORCE = 1e-10   # eV/Angstrom
# Sparse GPs of real data are sums of coefficients of opposite signs, 7e7 eV in all for the alloy: times the rounding of
# doubles, 1.1e-16, that is what images of atoms in other boxes may change.
SHIPPED = 1e-8  # eV/Angstrom, eV per atom
ENERGY = 1e-12  # relative
VIRIAL = 1e-9   # eV per atom
GRIDS = ((1, "* * *"), (2, "2 1 1"), (2, "1 1 2"), (4, "2 2 1"))  # ranks and their grid
NKTV2P = {"metal": 1.6021765e6, "real": 68568.415, "electron": 2.94210108e13,  # pressure x volume / energy
          "si": 1.0, "cgs": 1.0, "micro": 1.0, "nano": 1.0}
VIRIAL_SUMS = " ".join(f"c_six[{i}]" for i in range(1, 7)) + " " + " ".join(f"c_nine[{i}]" for i in range(1, 10))


def input_script(route, frame, types, pair, units="metal", length=1.0, mass=1.0, extra="", name="structure.data"):
    """A script that evaluates a structure once, with everything that can be summed in the thermo line."""
    with open(os.path.join(route.folder, name), "w", encoding="ascii") as stream:
        stream.write(frame.data_file(types, length=length, mass=mass))
    boundary = " ".join("p" if p else "f" for p in frame.pbc)
    pressure = " ".join(f"c_pressure[{i}]" for i in range(1, 7))
    return f"""units {units}
atom_style atomic
boundary {boundary}
box tilt large
{route.load()}
read_data {name}
{pair}
neigh_modify one 10000 page 200000
{extra}
compute e all pe/atom
compute s all stress/atom NULL virial
compute c all centroid/stress/atom NULL virial
compute sum all reduce sum c_e
compute six all reduce sum {" ".join(f"c_s[{i}]" for i in range(1, 7))}
compute nine all reduce sum {" ".join(f"c_c[{i}]" for i in range(1, 10))}
compute pressure all pressure NULL virial
thermo_style custom step pe vol c_sum {pressure} {VIRIAL_SUMS}
thermo_modify format float %.17g norm no
run 0
{write_atoms("dump.txt")}"""


def write_atoms(name):
    centroid = " ".join(f"c_c[{i}]" for i in range(1, 10))
    return f"write_dump all custom {name} id fx fy fz c_e {centroid} modify sort id format float %.17g\n"


def one_potential(potentials, types, name="two.mlsoap"):
    return f"pair_style mlsoap\npair_coeff * * {potentials}/{name} {' '.join(types)}\n"


def forces_of(result):
    return [atom[c] for atom in result.dump("dump.txt")[-1] for c in ("fx", "fy", "fz")]


def virial_of(row, units="metal"):
    return [row[f"c_pressure[{i}]"] * row["Volume"] / NKTV2P[units] for i in range(1, 7)]


def check_sums(row, n_atoms, units="metal"):
    """Energies per atom add up to the energy, both per-atom virials to the global one."""
    check_close("sum of pe/atom", [row["c_sum"]], [row["PotEng"]], ENERGY * abs(row["PotEng"]))
    w = virial_of(row, units)
    scale = -1.0 / NKTV2P[units]
    tolerance = 1e-10 * max(1.0, max(map(abs, w)))
    check_close("sum of stress/atom", [scale * row[f"c_six[{i}]"] for i in range(1, 7)], w, tolerance)
    check_close("sum of centroid/stress/atom", [scale * row[f"c_nine[{i}]"] for i in range(1, 10)], w + w[3:], tolerance)
    check(n_atoms > 0, "no atoms")


def check_against_eval(route, potentials, frame, script, grids=GRIDS, factor=1.0, keep=None, copies=1,
                       name="two.mlsoap"):
    """One row of the matrix. keep = the atoms that the style sees, where it does not see all; copies: LAMMPS replicates
    the cell, so that energy and virial are so many times those of one."""
    seen = frame.without(*keep) if keep else frame
    potential = f"{potentials}/{name}"
    reference = route.evaluate(potential, seen)
    library = route.library(potential, seen)
    check_close("energy of the library", [library[0]], [reference[0]], ENERGY * abs(reference[0]))
    check_close("forces of the library", library[1], reference[1], FORCE)
    check_close("virial of the library", library[2], reference[2], VIRIAL * seen.n)

    energy, forces, virial = reference
    check(max(map(abs, forces)) > 0.01 or seen.n == 1, "the test potential is too weak to test anything")
    worst = 0.0
    for ranks, grid in grids:
        where = f"{ranks} ranks, grid {grid}"
        result = route.run(f"processors {grid}\n{script}", ranks=ranks)
        row = result.last
        rows = zip(*[iter(forces_of(result))] * 3)
        found = [c for f, symbol in zip(rows, frame.symbols * copies) if not keep or symbol not in keep for c in f]
        worst = max(worst, check_close(f"forces, {where}", found, [factor * f for f in forces] * copies, FORCE))
        expected = factor * energy * copies
        check_close(f"energy, {where}", [row["PotEng"]], [expected], ENERGY * abs(expected))
        check_close(f"virial, {where}", virial_of(row), [factor * w * copies for w in virial], VIRIAL * seen.n * copies)
        check_sums(row, seen.n * copies)
    return f"largest force deviation {worst:.1e} eV/A, largest force {max(map(abs, forces)):.2f}"


def test_descriptors_with_cutoffs_of_their_own(route, potentials):
    frame = crystals.diamond(5.0, 2, 0.3, ["Si", "C"])
    found = []
    for name in ("several.mlsoap", "terms.mlsoap"):  # side by side in one model, and in terms of their own
        pair = one_potential(potentials, ["Si", "C"], name)
        found.append(check_against_eval(route, potentials, frame, input_script(route, frame, ["Si", "C"], pair),
                                        grids=GRIDS[:2], name=name))
    return "; ".join(found)


def test_orthogonal_cell(route, potentials):
    frame = crystals.diamond(5.0, 2, 0.3, ["Si", "C"])
    return check_against_eval(route, potentials, frame,
                              input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"])))


def test_triclinic_cell(route, potentials):
    frame = crystals.triclinic(["Si", "C"])
    return check_against_eval(route, potentials, frame,
                              input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"])))


def test_cell_of_one_atom(route, potentials):
    """Every neighbor is an image of the center: as it is, and replicated."""
    frame = crystals.one_atom("Si")
    script = input_script(route, frame, ["Si"], one_potential(potentials, ["Si"]))
    check_against_eval(route, potentials, frame, script, grids=GRIDS[::2])
    return check_against_eval(route, potentials, frame, script.replace("pair_style", "replicate 3 2 4\npair_style"), copies=24)


def test_cell_smaller_than_cutoff(route, potentials):
    frame = crystals.diamond(4.4, 1, 0.3, ["Si", "C"], seed=9)
    return check_against_eval(route, potentials, frame,
                              input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"])), GRIDS[::2])


def test_slab_with_empty_ranks(route, potentials):
    """Ranks without atoms, and an atom without neighbors."""
    frame = crystals.slab(["Si", "C"])
    return check_against_eval(route, potentials, frame,
                              input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"])),
                              GRIDS + ((4, "1 1 4"),))


def test_several_types_of_one_element(route, potentials):
    frame = crystals.triclinic(["Si", "C"])
    types = ["C", "Si", "Si", "C"]
    return check_against_eval(route, potentials, frame, input_script(route, frame, types, one_potential(potentials, types)),
                              GRIDS[1:2])


def test_null_types_in_hybrid(route, potentials):
    """Atoms of a NULL type exist for the other style only."""
    frame = crystals.diamond(5.0, 2, 0.3, ["Si", "C", "He"])
    for style in ("hybrid/overlay mlsoap zero 4.0", "hybrid mlsoap zero 4.0"):
        other = "* *" if "overlay" in style else "2 *"
        pair = f"pair_style {style}\npair_coeff * * mlsoap {potentials}/two.mlsoap Si NULL C\npair_coeff {other} zero\n"
        if "overlay" not in style:
            pair += "pair_coeff 1 2 zero\n"
        note = check_against_eval(route, potentials, frame, input_script(route, frame, ["Si", "He", "C"], pair), keep=["He"])
    return note


def test_general_triclinic(route, potentials):
    """Any cell, rotated by LAMMPS into its own form and back (releases since 2024)."""
    frame = crystals.triclinic(["Si", "C"])
    if route.name == "debian":
        return "not run: this LAMMPS has no general triclinic cells"
    turned = frame.turned()
    script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"]))
    with open(os.path.join(route.folder, "structure.data"), "w", encoding="ascii") as stream:
        stream.write(turned.data_file(["Si", "C"]))
    energy, forces, _ = route.evaluate(f"{potentials}/two.mlsoap", turned)
    for n in (1, 2):
        result = route.run(script.replace("modify sort id", "modify sort id triclinic/general yes"), ranks=n)
        check_close(f"forces on {n} ranks", forces_of(result), forces, FORCE)
        check_close("energy", [result.last["PotEng"]], [energy], ENERGY * abs(energy))
    return ""


def test_overlay_adds(route, potentials):
    """The style twice, and after and before another style: contributions add, none is overwritten."""
    frame = crystals.triclinic(["Si", "C"])
    pair = (f"pair_style hybrid/overlay mlsoap mlsoap\npair_coeff * * mlsoap 1 {potentials}/two.mlsoap Si C\n"
            f"pair_coeff * * mlsoap 2 {potentials}/two.mlsoap Si C\n")
    note = check_against_eval(route, potentials, frame, input_script(route, frame, ["Si", "C"], pair), factor=2.0)
    results = []
    for order in ("mlsoap lj/cut 3.0", "lj/cut 3.0 mlsoap"):
        pair = (f"pair_style hybrid/overlay {order}\npair_coeff * * mlsoap {potentials}/two.mlsoap Si C\n"
                "pair_coeff * * lj/cut 0.05 1.5\n")
        results.append(route.run(input_script(route, frame, ["Si", "C"], pair)))
        check_sums(results[-1].last, frame.n)
    check_close("order of the styles", forces_of(results[0]), forces_of(results[1]), 1e-11)
    return note


def test_shipped_potentials(route, potentials):
    """Each file of potentials/, in a tilted cell of all its elements."""
    del potentials
    files = sorted(glob.glob(os.path.join(os.path.dirname(__file__), "..", "..", "potentials", "*.mlsoap")))
    notes = []
    for path in map(os.path.abspath, files):
        info = json.loads(subprocess.run([route.mlsoap, "info", path, "--json"], check=True, stdout=subprocess.PIPE).stdout)
        elements = info["elements"]
        frame = crystals.triclinic(elements).scaled(1.25)
        energy, forces, virial = route.evaluate(path, frame)
        pair = f"pair_style mlsoap\npair_coeff * * {path} {' '.join(elements)}\n"
        for ranks, grid in GRIDS[::2]:
            script = input_script(route, frame, elements, pair)
            result = route.run(f"processors {grid}\n{script}", ranks=ranks)
            worst = check_close(f"forces of {path} on {ranks} ranks", forces_of(result), forces, SHIPPED)
            check_close("energy", [result.last["PotEng"]], [energy], SHIPPED * frame.n)
            check_close("virial", virial_of(result.last), virial, SHIPPED * frame.n)
        notes.append(f"{os.path.basename(path)} {worst:.1e}")
    return ", ".join(notes) or "not run: no potential is shipped"


def test_both_virials(route, potentials):
    """The virial by explicit terms (pair_modify nofdotr) equals the one by F.r."""
    frame = crystals.triclinic(["Si", "C"])
    script = input_script(route, frame, ["Si", "C"],
                          one_potential(potentials, ["Si", "C"]) + "pair_modify nofdotr\n")
    return check_against_eval(route, potentials, frame, script, GRIDS[:2])


def test_threads_change_nothing(route, potentials):
    """To the last bit: 14 blocks of atoms for three threads."""
    frame = crystals.diamond(5.0, 3, 0.3, ["Si", "C"])
    script = input_script(route, frame, ["Si", "C"],
                          one_potential(potentials, ["Si", "C"]) + "pair_modify nofdotr\n")
    results = []
    for threads in (1, 3):
        result = route.run(script, threads=threads)
        check(f"{threads} OpenMP thread" in result.text, f"LAMMPS did not take {threads} threads")
        results.append((result.last, forces_of(result)))
    check(results[0][0] == results[1][0], "energies or virials depend on the number of threads")
    check(results[0][1] == results[1][1], "forces depend on the number of threads")


def test_other_units(route, potentials):
    """Every unit style but lj: the numbers of metal, converted."""
    frame = crystals.triclinic(["Si", "C"])
    energy, forces, virial = route.evaluate(f"{potentials}/two.mlsoap", frame)
    joule, kg = 1.602176634e-19, 1.66053906660e-27
    for units, per_ev, per_angstrom, per_u in (
            ("real", 23.060549, 1.0, 1.0), ("electron", 1 / 27.211386245988, 1 / 0.529177210903, 1.0),
            ("si", joule, 1e-10, kg), ("cgs", joule * 1e7, 1e-8, kg * 1e3), ("micro", joule * 1e15, 1e-4, kg * 1e15),
            ("nano", joule * 1e21, 0.1, kg * 1e21)):
        script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"]), units=units,
                              length=per_angstrom, mass=per_u, extra=f"neighbor {per_angstrom:.17g} bin")
        result = route.run(script, ranks=2)
        check_close(f"energy, units {units}", [result.last["PotEng"] / per_ev], [energy], 1e-11 * abs(energy))
        check_close(f"forces, units {units}", [f / per_ev * per_angstrom for f in forces_of(result)], forces, 1e-9)
        check_close(f"virial, units {units}", [w / per_ev for w in virial_of(result.last, units)], virial,
                    1e-6 * max(map(abs, virial)))


if __name__ == "__main__":
    main([value for key, value in list(globals().items()) if key.startswith("test_")], __doc__)
