# SPDX-License-Identifier: BSD-3-Clause
"""LAMMPS gives the numbers of `mlsoap eval`: energies, forces, virials, on 1, 2 and 4 ranks, in every kind of cell."""

import os

import sample_crystals as crystals
from lammps_route import check, check_close, main

FORCE = 1e-10   # eV/Angstrom
ENERGY = 1e-10  # eV per atom
VIRIAL = 1e-9   # eV
NKTV2P = {"metal": 1.6021765e6, "real": 68568.415, "electron": 2.94210108e13}  # pressure x volume / energy in LAMMPS
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


def check_sums(row, units="metal"):
    """Energies per atom add up to the energy, both per-atom virials to the global one."""
    check_close("sum of pe/atom", [row["c_sum"]], [row["PotEng"]], 1e-9)
    w = virial_of(row, units)
    scale = -1.0 / NKTV2P[units]
    check_close("sum of stress/atom", [scale * row[f"c_six[{i}]"] for i in range(1, 7)], w, VIRIAL)
    check_close("sum of centroid/stress/atom", [scale * row[f"c_nine[{i}]"] for i in range(1, 10)], w + w[3:], VIRIAL)


def check_against_eval(route, potentials, frame, types, script, ranks=(1, 2, 4), factor=1.0, reference=None):
    energy, forces, virial = reference or route.evaluate(f"{potentials}/two.mlsoap", frame)
    check(max(map(abs, forces)) > 0.01 or frame.n == 1, "the test potential is too weak to test anything")
    worst = 0.0
    for n in ranks:
        result = route.run(script, ranks=n)
        row = result.last
        worst = max(worst, check_close(f"forces on {n} ranks", forces_of(result), [factor * f for f in forces], FORCE))
        check_close(f"energy on {n} ranks", [row["PotEng"]], [factor * energy], ENERGY * frame.n)
        check_close(f"virial on {n} ranks", virial_of(row), [factor * w for w in virial], VIRIAL)
        check_sums(row)
    return f"largest force deviation {worst:.1e} eV/A, largest force {max(map(abs, forces)):.2f}"


def test_orthogonal_cell(route, potentials):
    frame = crystals.diamond(5.0, 2, 0.3, ["Si", "C"])
    return check_against_eval(route, potentials, frame, ["Si", "C"],
                              input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"])))


def test_triclinic_cell(route, potentials):
    frame = crystals.triclinic(["Si", "C"])
    return check_against_eval(route, potentials, frame, ["Si", "C"],
                              input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"])))


def test_cell_of_one_atom(route, potentials):
    frame = crystals.one_atom("Si")
    return check_against_eval(route, potentials, frame, ["Si"],
                              input_script(route, frame, ["Si"], one_potential(potentials, ["Si"])))


def test_cell_smaller_than_cutoff(route, potentials):
    frame = crystals.diamond(4.4, 1, 0.3, ["Si", "C"], seed=9)
    return check_against_eval(route, potentials, frame, ["Si", "C"],
                              input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"])))


def test_slab_with_empty_ranks(route, potentials):
    """Ranks without atoms, and an atom without neighbors."""
    frame = crystals.slab(["Si", "C"])
    script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"]))
    return check_against_eval(route, potentials, frame, ["Si", "C"],
                              script.replace("box tilt", "processors 1 1 *\nbox tilt"))


def test_several_types_of_one_element(route, potentials):
    frame = crystals.triclinic(["Si", "C"])
    types = ["C", "Si", "Si", "C"]
    return check_against_eval(route, potentials, frame, types,
                              input_script(route, frame, types, one_potential(potentials, types)), ranks=(2,))


def test_null_types_in_hybrid(route, potentials):
    """Atoms of a NULL type exist for the other style only."""
    frame = crystals.diamond(5.0, 2, 0.3, ["Si", "C", "He"])
    reference = route.evaluate(f"{potentials}/two.mlsoap", frame.without("He"))
    for style in ("hybrid/overlay mlsoap zero 4.0", "hybrid mlsoap zero 4.0"):
        other = "* *" if "overlay" in style else "2 *"
        pair = f"pair_style {style}\npair_coeff * * mlsoap {potentials}/two.mlsoap Si NULL C\npair_coeff {other} zero\n"
        if "overlay" not in style:
            pair += "pair_coeff 1 2 zero\n"
        script = input_script(route, frame, ["Si", "He", "C"], pair)
        for n in (1, 2):
            result = route.run(script, ranks=n)
            forces = [f for f, s in zip(zip(*[iter(forces_of(result))] * 3), frame.symbols) if s != "He"]
            check_close(f"{style}, {n} ranks, forces", [c for f in forces for c in f], reference[1], FORCE)
            check_close("energy", [result.last["PotEng"]], [reference[0]], 1e-8)
            check_close("virial", virial_of(result.last), reference[2], VIRIAL)
            check_sums(result.last)
    return ""


def test_overlay_adds(route, potentials):
    """The style twice, and after and before another style: contributions add, none is overwritten."""
    frame = crystals.triclinic(["Si", "C"])
    pair = (f"pair_style hybrid/overlay mlsoap mlsoap\npair_coeff * * mlsoap 1 {potentials}/two.mlsoap Si C\n"
            f"pair_coeff * * mlsoap 2 {potentials}/two.mlsoap Si C\n")
    check_against_eval(route, potentials, frame, ["Si", "C"], input_script(route, frame, ["Si", "C"], pair), ranks=(2,),
                       factor=2.0)
    results = []
    for order in ("mlsoap lj/cut 3.0", "lj/cut 3.0 mlsoap"):
        pair = (f"pair_style hybrid/overlay {order}\npair_coeff * * mlsoap {potentials}/two.mlsoap Si C\n"
                "pair_coeff * * lj/cut 0.05 1.5\n")
        results.append(route.run(input_script(route, frame, ["Si", "C"], pair)))
        check_sums(results[-1].last)
    check_close("order of the styles", forces_of(results[0]), forces_of(results[1]), 1e-11)


def test_both_virials(route, potentials):
    """The virial by explicit terms (pair_modify nofdotr) equals the one by F.r."""
    frame = crystals.triclinic(["Si", "C"])
    script = input_script(route, frame, ["Si", "C"],
                          one_potential(potentials, ["Si", "C"]) + "pair_modify nofdotr\n")
    return check_against_eval(route, potentials, frame, ["Si", "C"], script, ranks=(1, 2))


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
    """real: kcal/mol; electron: Hartree and Bohr."""
    frame = crystals.triclinic(["Si", "C"])
    energy, forces, virial = route.evaluate(f"{potentials}/two.mlsoap", frame)
    for units, per_ev, per_angstrom in (("real", 23.060549, 1.0),
                                        ("electron", 1 / 27.211386245988, 1 / 0.529177210903)):
        script = input_script(route, frame, ["Si", "C"], one_potential(potentials, ["Si", "C"]), units=units,
                              length=per_angstrom)
        result = route.run(script, ranks=2)
        check_close(f"energy, units {units}", [result.last["PotEng"]], [energy * per_ev], 1e-8)
        check_close(f"forces, units {units}", forces_of(result), [f * per_ev / per_angstrom for f in forces], 1e-9)
        check_close(f"virial, units {units}", virial_of(result.last, units), [w * per_ev for w in virial],
                    1e-6 * max(map(abs, virial)) * per_ev)


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
    order = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)]
    found = [-result.dump("dump.txt")[0][j][f"c_c[{k}]"] / NKTV2P["metal"] for k in range(1, 10)]
    worst = check_close("centroid virial of one atom", found, [expected[a][b] for a, b in order], 1e-6)
    asymmetry = abs(found[3] - found[6])
    check(asymmetry > 1e-4, "the case is symmetric and tests nothing")
    return f"largest deviation {worst:.1e} eV, asymmetry {asymmetry:.2f} eV"


if __name__ == "__main__":
    main([value for key, value in list(globals().items()) if key.startswith("test_")], __doc__)
