# SPDX-License-Identifier: BSD-3-Clause
"""Where the numbers would be wrong, the pair style stops with a line that says what, where and what to do."""

import os
import re
import subprocess

import sample_crystals as crystals
from lammps_route import check, main

FRAME = crystals.triclinic(["Si", "C"])


def script(route, potentials, before="", units="metal", pair="pair_style mlsoap\n", coeff=None, after="", masses=None):
    with open(os.path.join(route.folder, "refused.data"), "w", encoding="ascii") as stream:
        stream.write(FRAME.data_file(["Si", "C"], masses=masses))
    coeff = coeff or f"pair_coeff * * {potentials}/two.mlsoap Si C\n"
    return (f"units {units}\natom_style atomic\nbox tilt large\n{before}{route.load()}read_data refused.data\n"
            f"{pair}{coeff}neigh_modify one 10000 page 200000\n{after}run 0\n")


def expect(route, text, *words, ranks=(1, 2)):
    """The error line holds every word; on several ranks too, and no rank hangs or crashes."""
    for n in ranks:
        result = route.run(text, ranks=n, fails=True)
        lines = [line for line in result.text.splitlines() if "ERROR" in line]
        check(lines, f"no error line on {n} ranks:\n{result.text}")
        for word in words:
            check(any(word in line for line in lines), f"on {n} ranks, no '{word}' in: {lines}")
        # launchers end the other ranks by SIGKILL or SIGTERM, and some say so
        signals = set(re.findall(r"signal\D{0,8}(\d+)", result.text.lower())) - {"9", "15"}
        check(not signals and "segmentation fault" not in result.text.lower(), f"a rank crashed:\n{result.text}")
    return lines[0].split("ERROR", 1)[1][:100]


def test_the_script_runs(route, potentials):
    """Without a fault it runs: what the others report is their fault alone."""
    route.run(script(route, potentials))


def test_units_lj(route, potentials):
    return expect(route, script(route, potentials, units="lj"), "mlsoap", "units lj", "metal")


def test_newton_off(route, potentials):
    return expect(route, script(route, potentials, before="newton off\n"), "newton on")


def test_keyword(route, potentials):
    return expect(route, script(route, potentials, pair="pair_style mlsoap 5.0\n"), "unknown keyword '5.0'")


def test_unknown_element(route, potentials):
    coeff = f"pair_coeff * * {potentials}/two.mlsoap Si Ge\n"
    return expect(route, script(route, potentials, coeff=coeff), "'Ge'", "type 2", "two.mlsoap", "C Si")


def test_number_of_elements(route, potentials):
    for elements in ("Si", "Si C C"):
        note = expect(route, script(route, potentials, coeff=f"pair_coeff * * {potentials}/two.mlsoap {elements}\n"),
                      "2 atom types", ranks=(1,))
    expect(route, script(route, potentials, coeff=f"pair_coeff * * {potentials}/two.mlsoap\n"), "El1 El2", ranks=(1,))
    return note


def test_missing_file(route, potentials):
    return expect(route, script(route, potentials, coeff="pair_coeff * * no/such.mlsoap Si C\n"), "no/such.mlsoap")


def test_broken_files(route, potentials):
    with open(f"{potentials}/two.mlsoap", "rb") as stream:
        whole = stream.read()
    flipped = bytearray(whole)
    flipped[len(whole) - 100] ^= 4
    for name, content in (("half.mlsoap", whole[:len(whole) // 2]), ("empty.mlsoap", b""),
                          ("flipped.mlsoap", bytes(flipped))):
        with open(os.path.join(route.folder, name), "wb") as stream:
            stream.write(content)
        note = expect(route, script(route, potentials, coeff=f"pair_coeff * * {name} Si C\n"), name)
    return note


def test_points_in_space(route, potentials):
    coeff = f"pair_coeff * * {potentials}/midpoint.mlsoap Si C\n"
    return expect(route, script(route, potentials, coeff=coeff), "midpoint.mlsoap", "points in space")


def test_hard_cutoff(route, potentials):
    coeff = f"pair_coeff * * {potentials}/hard.mlsoap Si C\n"
    return expect(route, script(route, potentials, coeff=coeff), "hard.mlsoap", "jump", "hard cutoff")


def test_mode_dscribe_warns(route, potentials):
    """It runs, and says once that energies jump at its cutoff."""
    coeff = f"pair_coeff * * {potentials}/dscribe.mlsoap Si C\n"
    for n in (1, 2):
        result = route.run(script(route, potentials, coeff=coeff), ranks=n)
        lines = [line for line in result.text.splitlines() if "has no cutoff function" in line]
        check(len(lines) == 1, f"no warning, or several:\n{result.text}")
        for word in ("WARNING", "dscribe.mlsoap", "energy and forces jump", "mode smooth"):
            check(word in lines[0], f"no '{word}' in: {lines[0]}")
    check("has no cutoff function" not in route.run(script(route, potentials)).text, "a smooth potential warns")
    return lines[0][:100]


def test_null_without_hybrid(route, potentials):
    coeff = f"pair_coeff * * {potentials}/two.mlsoap Si NULL\n"
    return expect(route, script(route, potentials, coeff=coeff), "NULL", "hybrid", ranks=(1,))


def test_masses(route, potentials):
    """Elements in the wrong order are an error; deuterium and the like only a warning."""
    coeff = f"pair_coeff * * {potentials}/two.mlsoap C Si\n"
    note = expect(route, script(route, potentials, coeff=coeff), "type 1", "mass of Si")
    result = route.run(script(route, potentials, masses=[30.5, 12.011]))
    check("WARNING: pair style mlsoap: atom type 1 has mass 30.5 u" in result.text, result.text)
    return note


def test_special_bonds(route, potentials):
    """Weights of zero would take bonded neighbors out of the list."""
    data = os.path.join(route.folder, "bonds.data")
    lines = FRAME.data_file(["Si", "C"]).replace("2 atom types\n", "2 atom types\n1 bonds\n1 bond types\n")
    head, atoms = lines.split("Atoms # atomic\n\n")
    atoms = "".join("{} 1 {} {} {} {}\n".format(*line.split()) for line in atoms.splitlines())
    with open(data, "w", encoding="ascii") as stream:
        stream.write(head + "Atoms # bond\n\n" + atoms + "\nBonds\n\n1 1 1 2\n")
    text = script(route, potentials).replace("atomic", "bond").replace("refused.data", "bonds.data extra/special/per/atom 4")
    text = text.replace("neigh_modify", "bond_style zero\nbond_coeff 1 1.0\nspecial_bonds lj/coul {}\nneigh_modify")
    if "Unrecognized bond style 'zero'" in route.run(text.format("0 0 0"), fails=True).text:
        return "not run: this LAMMPS has no bond styles"
    note = expect(route, text.format("0 0 0"), "special_bonds", "1e-50")
    route.run(text.format("1 1 1"))
    route.run(text.format("1e-50 1e-50 1e-50"))
    return note


def test_coinciding_atoms(route, potentials):
    text = script(route, potentials, after="set atom 1 x 3.0 y 6.5 z 3.0\nset atom 2 x 3.0 y 6.5 z 3.0\n")
    return expect(route, text, "step 0", "atoms", "1", "2", "same place")


def test_plugin_of_another_lammps(route, potentials):
    """The plugin of the other route refuses, naming both versions, and nothing crashes."""
    del potentials
    other = os.path.join(route.build, "lib", "debian" if route.name == "wheel" else "wheel", "mlsoapplugin.so")
    if not os.path.exists(other):
        return "not run: the other plugin is not built"
    for n in (1, 2):
        result = route.run(f"plugin load {other}\nunits metal\nregion b block 0 1 0 1 0 1\ncreate_box 1 b\n"
                           "pair_style mlsoap\n", ranks=n, fails=True)
        lines = [line for line in result.text.splitlines() if "refuses to load" in line]
        check(len(lines) == 1, f"no refusal, or several:\n{result.text}")
        check("20210929" in lines[0] and "20250722" in lines[0], f"not both versions: {lines[0]}")
        check("Unrecognized pair style" in result.text, result.text)
    return lines[0][:110]


def test_pair_coeff_of_some_types(route, potentials):
    """One potential serves all types; LAMMPS itself says so."""
    pair = "pair_style hybrid/overlay mlsoap zero 4.0\npair_coeff * * zero\n"
    coeff = f"pair_coeff 1 2 mlsoap {potentials}/two.mlsoap Si C\n"
    expect(route, script(route, potentials, pair=pair, coeff=coeff), "Incorrect args for pair coefficients", ranks=(1,))
    coeff = f"pair_coeff 1 2 {potentials}/two.mlsoap Si C\n"
    return expect(route, script(route, potentials, coeff=coeff), "air", ranks=(1,))


def test_missing_pair_coeff(route, potentials):
    return expect(route, script(route, potentials, coeff="pair_modify shift no\n"), "coeff", ranks=(1,))


def test_every_type_null(route, potentials):
    pair = "pair_style hybrid/overlay mlsoap zero 4.0\npair_coeff * * zero\n"
    return expect(route, script(route, potentials, pair=pair, coeff=f"pair_coeff * * mlsoap {potentials}/two.mlsoap NULL NULL\n"),
                  "every atom type is NULL", ranks=(1,))


def test_no_single(route, potentials):
    """What needs the energy of one pair of atoms is refused by LAMMPS."""
    for after in ("group a id 1\ngroup b id 2\ncompute g a group/group b\nthermo_style custom step c_g\n",
                  "compute p all pair/local dist eng\ndump p all local 1 pairs.txt c_p[2]\n",
                  "pair_write 1 2 10 r 1.0 2.0 table.txt SiC\n"):
        note = expect(route, script(route, potentials, after=after), "does not support", ranks=(1,))
    return note


def test_positions_that_are_no_numbers(route, potentials):
    """LAMMPS or the style stops; nothing goes on with NaN."""
    after = "fix m all nve\nvelocity all set 1e200 0 0\nrun 1\n"
    result = route.run(script(route, potentials, after=after), fails=True)
    check("ERROR" in result.text, result.text)
    return [line for line in result.text.splitlines() if "ERROR" in line][0][:100]


def test_plugin_of_other_integers_or_mpi(route, potentials):
    """Built for this version of LAMMPS, but with atom IDs of 8 bytes, or with the other MPI."""
    del potentials
    name, words = {"wheel": ("bigbig", ("atom IDs of 8 bytes", "has 4")),
                   "debian": ("othermpi", ("built with MPICH", "uses Open MPI"))}[route.name]
    plugin = os.path.join(route.build, "lib", name, "mlsoapplugin.so")
    if not os.path.exists(plugin):
        return f"not run: {plugin} is not built"
    result = route.run(f"plugin load {plugin}\nunits metal\nregion b block 0 1 0 1 0 1\ncreate_box 1 b\npair_style mlsoap\n",
                       fails=True)
    lines = [line for line in result.text.splitlines() if "refuses to load" in line]
    check(len(lines) == 1 and all(word in lines[0] for word in words), result.text)
    return lines[0][:120]


def test_another_mpi(route, potentials):
    """lmp of one MPI under mpiexec of the other must not pass as a run on two ranks."""
    launcher = {"wheel": "mpirun.openmpi", "debian": os.path.join(route.build, "venv", "bin", "mpiexec")}[route.name]
    own, route.launcher = route.launcher, [launcher]
    try:
        result = route.run(script(route, potentials), ranks=2)
    except FileNotFoundError:
        return f"not run: {launcher} is not there"
    except subprocess.TimeoutExpired:
        return "hangs"
    except Exception as problem:  # either LAMMPS refused, or the runner saw the wrong number of ranks
        return str(problem).split("\n", maxsplit=1)[0][:100]
    finally:
        route.launcher = own
    check(False, f"the two MPIs worked together?\n{result.text}")
    return ""


if __name__ == "__main__":
    main([value for key, value in list(globals().items()) if key.startswith("test_")], __doc__)
