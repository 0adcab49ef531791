# SPDX-License-Identifier: BSD-3-Clause
"""Around the run: what is printed at the start, restart files, plugins that come and go."""

import os
import re
import shutil
import subprocess

import sample_crystals as crystals
from lammps_route import check, check_close, main

FRAME = crystals.triclinic(["Si", "C"])
THERMO = "thermo_style custom step pe pxx pyz\nthermo_modify format float %.15g\n"


def start(route, types=("Si", "C"), name="commands.data", frame=FRAME):
    with open(os.path.join(route.folder, name), "w", encoding="ascii") as stream:
        stream.write(frame.data_file(list(types)))
    return f"units metal\natom_style atomic\nbox tilt large\n{route.load()}read_data {name}\nneigh_modify one 10000\n"


def pair(potential, elements="Si C", keywords=""):
    return f"pair_style mlsoap {keywords}\npair_coeff * * {potential} {elements}\n"


def errors_of(result):
    return " ".join(line for line in result.text.splitlines() if "ERROR" in line)


def identity_of(text):
    return re.search(r"identity ([0-9a-f]{64})", text).group(1)


def copy(route, source, name):
    target = os.path.join(route.folder, name)
    shutil.copyfile(source, target)
    return target


def test_lines_at_the_start(route, potentials):
    """File, identity as `mlsoap info` has it, cutoff, golden frames, mapping; the same once on several ranks."""
    result = route.run(start(route, ("C", "Si", "Si")) + pair(f"{potentials}/two.mlsoap", "C Si Si") + "run 0\n", ranks=2)
    info = subprocess.run([route.mlsoap, "info", f"{potentials}/two.mlsoap"], check=True, stdout=subprocess.PIPE).stdout
    check(identity_of(result.text) in info.decode(), "the identity is not that of mlsoap info")
    for line in ("two.mlsoap, cutoff 4.5 Angstrom", "golden frames recomputed", "  errors: not stored in the file",
                 "  trained on C Si; densities", "  atom types: 1=C 2=Si 3=Si"):
        check(result.text.count(line) == 1, f"not once in the output: {line}\n{result.text}")


def test_trained_potential(route, potentials):
    """One that `mlsoap train` made: errors of the test set, density, shortest distance; its repulsive core acts."""
    del potentials
    examples = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "data", "si_zuo2020")
    trained = os.path.join(route.folder, "trained.mlsoap")
    subprocess.run([route.mlsoap, "train", f"{examples}/train.xyz", "--test", f"{examples}/test.xyz", "--model.n_sparse=20",
                    "--descriptors.0.n_max=3", "--descriptors.0.l_max=2", "--zbl=auto", "-o", trained], check=True,
                   stdout=subprocess.DEVNULL)
    silicon = crystals.diamond(5.43, 1, 0.1, ["Si"])
    result = route.run(start(route, ("Si",), "silicon.data", silicon) + pair(trained, "Si") + "run 0\n")
    note = re.search(r"test errors \(MAE\): energy \S+ meV/atom, forces \S+ eV/Angstrom, virial \S+ meV/atom", result.text)
    check(note, result.text)
    check("trained on Si; periodic cells of 0.0245 to 0.0569 atoms/Angstrom^3; shortest distances (Angstrom): Si-Si 1.83"
          in " ".join(result.text.split()), result.text)

    x, y, z = silicon.positions[0]
    silicon.positions[4] = [x + 0.5, y, z]
    energy, forces, _ = route.evaluate(trained, silicon)
    check(max(map(abs, forces)) > 300, "there is no core")
    text = start(route, ("Si",), "close.data", silicon) + pair(trained, "Si") + THERMO + "run 0\n"
    for ranks in (1, 2):
        result = route.run(text + "write_dump all custom close.txt id fx fy fz modify sort id format float %.17g\n", ranks=ranks)
        check_close("energy with two atoms at 0.5 Angstrom", [result.last["PotEng"]], [energy], 1e-12 * abs(energy))
        check_close("forces", [atom[f] for atom in result.dump("close.txt")[0] for f in ("fx", "fy", "fz")], forces, 1e-10)
    return note.group(0)


def test_restart(route, potentials):
    """Path, elements and keywords come from the restart file; the run goes on as if nothing had happened."""
    potential = f"{potentials}/two.mlsoap"
    move = "fix m all nve\ntimestep 1e-4\n"
    through = route.run(start(route) + pair(potential, keywords="hi 50 every 7") + move + THERMO +
                        "run 10\nwrite_restart at.restart\nrun 10\n", ranks=2)
    again = f"box tilt large\n{route.load()}read_restart at.restart\nneigh_modify one 10000\n" + move + THERMO
    for ranks in (1, 2):
        result = route.run(again + "run 10\nwrite_restart second.restart\n", ranks=ranks)
        for key in ("PotEng", "Pxx", "Pyz"):
            check_close(key, [result.last[key]], [through.last[key]], 1e-8 * abs(through.last[key]))
        check("largest force uncertainty of the run" in result.text, "the keyword hi was lost")
    route.run(again.replace("at.restart", "second.restart") + "run 1\n")
    result = route.run(again + pair(potential) + "run 0\n")  # as scripts do that repeat everything
    check("largest force uncertainty" not in result.text, "keywords of the restart file outlive a new pair_style")


def test_restart_with_a_changed_file(route, potentials):
    """Refused, with both identities; accepted by a keyword; a file that is gone is named."""
    mine = copy(route, f"{potentials}/two.mlsoap", "mine.mlsoap")
    written = route.run(start(route) + THERMO + pair("mine.mlsoap") + "run 0\nwrite_restart mine.restart\n")
    old = identity_of(written.text)
    again = f"box tilt large\n{route.load()}read_restart mine.restart\nneigh_modify one 10000\n" + THERMO
    shutil.copyfile(f"{potentials}/other.mlsoap", mine)
    accept = "pair_style mlsoap changed accept\n"
    for before in ("", pair("mine.mlsoap")):
        for ranks in (1, 2):
            message = errors_of(route.run(again + before + "run 0\n", ranks=ranks, fails=True))
            for word in ("mine.mlsoap", old, "changed accept"):
                check(word in message, f"no {word} in {message}")
            check(len(re.findall(r"[0-9a-f]{64}", message)) >= 2, f"not both identities: {message}")
    for before in (accept, accept + "pair_coeff * * mine.mlsoap Si C\n"):
        result = route.run(again + before + "run 0\n")
        check("(accepted)" in result.text and identity_of(result.text) != old, result.text)
        check(result.last["PotEng"] != written.last["PotEng"], "the other potential gives the same energy")
    os.remove(mine)
    check("cannot read potential mine.mlsoap" in errors_of(route.run(again + "run 0\n", fails=True)), "missing file")
    route.run(again + pair(f"{potentials}/two.mlsoap") + "run 0\n")  # the same potential from another place
    return message[:100]


def test_restart_of_hybrid(route, potentials):
    """LAMMPS keeps the settings of sub-styles only: pair_coeff is needed again, and its file is compared, too."""
    hybrid = "pair_style hybrid/overlay mlsoap mlsoap zero 4.0\n"
    coeff = (f"pair_coeff * * mlsoap 1 {potentials}/two.mlsoap Si NULL\n"
             "pair_coeff * * mlsoap 2 {}/{}.mlsoap Si C\npair_coeff * * zero\n")
    first = route.run(start(route) + THERMO + hybrid + coeff.format(potentials, "two") + "run 0\nwrite_restart hybrid.restart\n")
    again = f"box tilt large\n{route.load()}read_restart hybrid.restart\nneigh_modify one 10000\n" + THERMO
    result = route.run(again + coeff.format(potentials, "two") + "run 0\n", ranks=2)
    check_close("energy", [result.last["PotEng"]], [first.last["PotEng"]], 1e-8 * abs(first.last["PotEng"]))
    message = errors_of(route.run(again + coeff.format(potentials, "other") + "run 0\n", fails=True))
    check("other.mlsoap" in message and "changed accept" in message, message)


def test_broken_restart(route, potentials):
    """A restart file that is cut where our part begins."""
    route.run(start(route) + pair(f"{potentials}/two.mlsoap") + "run 0\nwrite_restart whole.restart\n")
    with open(os.path.join(route.folder, "whole.restart"), "rb") as stream:
        whole = stream.read()
    place = whole.index(f"{potentials}/two.mlsoap".encode())  # before it: its length, before that the number of texts
    for name, content in (("cut", whole[:place]), ("cut", whole[:place - 4]),
                          ("changed", whole[:place - 8] + b"\xff" * 4 + whole[place - 4:]),
                          ("changed", whole[:place - 4] + b"\x7f" * 4 + whole[place:])):
        with open(os.path.join(route.folder, f"{name}.restart"), "wb") as stream:
            stream.write(content)
        message = errors_of(route.run(f"{route.load()}read_restart {name}.restart\nrun 0\n", ranks=2, fails=True))
        words = ["the restart file is cut short, or holds something else"]
        if name == "cut":
            words.append("Incomplete or corrupted LAMMPS restart file")  # newer LAMMPS looks for its end first
        check(any(word in message for word in words), message)


def test_plugin_comes_and_goes(route, potentials):
    """list, unload while in use, load twice, clear and load again: the numbers stay."""
    whole = start(route) + pair(f"{potentials}/two.mlsoap") + THERMO
    styles = ("pair style plugin mlsoap", "compute style plugin mlsoap/uncertainty", "fix style plugin mlsoap/watch")
    result = route.run(whole + "plugin list\nrun 0\nclear\n" + whole.replace(route.load(), 2 * route.load()) + "run 0\n")
    for style in styles:
        check(style in result.text, f"no {style} in the list\n{result.text}")
    energies = [table[-1]["PotEng"] for table in result.tables]
    check(len(energies) == 2 and energies[0] == energies[1], f"energies {energies}")
    watched = whole.replace("pair_style mlsoap", "pair_style mlsoap hi 50")
    result = route.run(watched + "compute u all mlsoap/uncertainty\nthermo_style custom step c_u\nrun 0\n"
                       "thermo_style one\nplugin unload pair mlsoap\nplugin unload compute mlsoap/uncertainty\n"
                       "plugin unload fix mlsoap/watch\nplugin list\npair_style zero 4.0\npair_coeff * *\nrun 0\n", ranks=2)
    check("mlsoap/watch" not in result.text.split("Currently loaded plugins")[-1], "a style stayed in the list")
    again = route.run(watched + "run 0\npair_style zero 4.0\npair_coeff * *\nrun 0\n" + pair(f"{potentials}/two.mlsoap") +
                      THERMO + "run 0\n")
    energy = again.tables[-1][-1]["PotEng"]  # another cutoff in between gave the neighbors another order
    check(abs(energy - energies[0]) <= 1e-13 * abs(energy), f"energy {energy} after a change of styles, not {energies[0]}")
    message = route.run(whole + "plugin unload pair mlsoap\n" + pair(f"{potentials}/two.mlsoap"), fails=True).text
    check("Unrecognized pair style 'mlsoap'" in message, message)
    if route.name == "debian":
        for text, word in (("plugin load ./nothing.so\n", "nothing.so"), ("plugin unload pair eam\n", "no pair style eam"),
                           ("plugin dance\n", "Illegal plugin command")):
            message = route.run(text, fails=True).text
            check(word in message, message)


if __name__ == "__main__":
    main([value for key, value in list(globals().items()) if key.startswith("test_")], __doc__)
