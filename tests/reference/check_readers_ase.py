# SPDX-License-Identifier: BSD-3-Clause
"""Compare the readers with ASE: random structures are written in a format, read back by ASE, and `mlsoap describe` must
give the same features for that file and for the extxyz of what ASE read, to 1e-8 of the largest.

POSCAR and XDATCAR are written by ASE and then changed as other programs would (scaling factor, volume, cell that varies);
CIF are written by ASE (group P 1) and by this script with the operations of a random space group of ASE. OUTCAR and
vasprun.xml are written by tests/support/vasp_files.py. Targets are compared after `mlsoap data convert` to extxyz: those
of VASP (the free energy, forces, W = -stress * volume) and those of extxyz as ASE writes it, whatever the keys and the
form of their values.

usage: check_readers_ase.py MLSOAP [--seed N] [--cases N]"""

import argparse
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import ase.io
import numpy
from ase import Atoms, units
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.spacegroup import Spacegroup

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import vasp_files  # noqa: E402

TOLERANCE = 1e-8
BOHR = 0.529177210903  # CODATA 2018, as mlsoap
ELEMENTS = ["H", "C", "O", "Si", "Ti"]


def random_structure(generator, n_atoms=None, composition=None):
    cell = numpy.diag(generator.uniform(4, 7, 3)) + generator.uniform(-1, 1, (3, 3))
    if numpy.linalg.det(cell) < 0:
        cell[0] *= -1
    symbols = composition or list(generator.choice(ELEMENTS, n_atoms or int(generator.integers(1, 9))))
    return Atoms(symbols, scaled_positions=generator.uniform(-0.5, 1.5, (len(symbols), 3)), cell=cell, pbc=True)


def is_crowded(atoms):
    """True where atoms nearly coincide: then programs may differ in what they take for one atom."""
    distances = atoms.get_all_distances(mic=True)[numpy.triu_indices(len(atoms), 1)]
    return distances.size > 0 and distances.min() < 0.4


# ---------------------------------------------------------------------------------------------------------- formats


def rescale(text, generator):
    """The same POSCAR with another scaling factor: the lattice and Cartesian positions are divided by it."""
    lines = text.splitlines()
    factor = float(generator.uniform(0.5, 3))
    rows = numpy.array([line.split()[:3] for line in lines[2:5]], float)
    lines[2:5] = [" ".join(repr(float(x)) for x in row / factor) for row in rows]
    as_volume = bool(generator.integers(2))
    lines[1] = repr(-abs(float(numpy.linalg.det(rows)))) if as_volume else repr(factor)
    mode = next(i for i, line in enumerate(lines) if line.strip() in ("Direct", "Cartesian"))
    counts = lines[mode - 2] if lines[mode - 1].startswith("Selective") else lines[mode - 1]
    n_atoms = sum(int(n) for n in counts.split())
    if lines[mode].strip() == "Cartesian":
        for i in range(mode + 1, mode + 1 + n_atoms):
            words = lines[i].split()
            lines[i] = " ".join([repr(float(x) / factor) for x in words[:3]] + words[3:])
    return "\n".join(lines) + "\n"


def write_poscar(path, generator):
    atoms = random_structure(generator)
    if generator.integers(2):
        atoms.set_constraint(FixAtoms([0]))
    ase.io.write(path, atoms, format="vasp", direct=bool(generator.integers(2)), sort=bool(generator.integers(2)),
                 vasp5=bool(generator.integers(2)))
    if generator.integers(2):
        path.write_text(rescale(path.read_text(encoding="utf-8"), generator), encoding="utf-8")
    if generator.integers(2):
        velocities = "\n" + "0.1 0.2 0.3\n" * len(atoms)
        path.write_text(path.read_text(encoding="utf-8") + velocities, encoding="utf-8")
    return "vasp"


def write_xdatcar(path, generator):
    symbols = sorted(random_structure(generator).get_chemical_symbols())
    parts = []
    for _ in range(int(generator.integers(1, 4))):  # one cell each
        first = random_structure(generator, composition=symbols)
        frames = [first]
        for _ in range(int(generator.integers(0, 3))):
            frames.append(first.copy())
            frames[-1].set_scaled_positions(generator.uniform(0, 1, (len(symbols), 3)))
        ase.io.write(path, frames, format="vasp-xdatcar")
        parts.append(path.read_text(encoding="utf-8"))
    path.write_text("".join(parts), encoding="utf-8")
    return "vasp-xdatcar"


def write_cif(path, generator):
    ase.io.write(path, [random_structure(generator) for _ in range(int(generator.integers(1, 4)))], format="cif")
    return "cif"


def cell_of_group(number, generator):
    a, b, c = generator.uniform(6, 11, 3)
    alpha, beta, gamma = generator.uniform(75, 105, 3)
    if number <= 2:
        return a, b, c, alpha, beta, gamma
    if number <= 15:
        return a, b, c, 90, beta, 90
    if number <= 74:
        return a, b, c, 90, 90, 90
    if number <= 142:
        return a, a, c, 90, 90, 90
    if number <= 194:
        return a, a, c, 90, 90, 120
    return a, a, a, 90, 90, 90


def operation_text(rotation, translation, generator):
    """x,y,z in one of the ways in which programs write it."""
    components = []
    style = int(generator.integers(3))
    for row, shift in zip(rotation, translation):
        letters = "".join(f"{'+' if w > 0 else '-'}{'xyz'[j]}" for j, w in enumerate(row) if w)
        fraction = round(float(shift) * 24) % 24
        number = ""
        if fraction:
            divisor = numpy.gcd(fraction, 24)
            number = f"{fraction // divisor}/{24 // divisor}" if style < 2 else repr(fraction / 24)
        text = number + letters if style == 0 else letters + (f"+{number}" if number else "")
        components.append(text.lstrip("+"))
    text = [",", ", ", " , "][style].join(components)
    return text.upper() if generator.integers(2) else text


def write_cif_with_symmetry(path, generator):
    number = int(generator.integers(1, 231))
    group = Spacegroup(number)
    parameters = [round(float(x), 4) for x in cell_of_group(number, generator)]
    tag = ["_symmetry_equiv_pos_as_xyz", "_space_group_symop_operation_xyz"][int(generator.integers(2))]
    lines = ["data_random", f"_symmetry_Int_Tables_number {number}",
             f"_symmetry_space_group_name_H-M '{group.symbol}'", *(f"_cell_{name} {value}({digit})" for name, value, digit in
                              zip(("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"),
                                  parameters, itertools.cycle("123"))), "loop_", tag]
    lines += [f"'{operation_text(r, t, generator)}'" for r, t in group.get_symop()]
    lines += ["loop_", "_atom_site_label", "_atom_site_type_symbol", "_atom_site_fract_x", "_atom_site_fract_y",
              "_atom_site_fract_z", "_atom_site_occupancy"]
    for i in range(int(generator.integers(1, 4))):
        special = generator.choice([0, 0.25, 0.5, 0.75, 0.33333, 0.66667, 0.125], 3)
        site = numpy.where(generator.integers(2, size=3), special, numpy.round(generator.uniform(0, 1, 3), 4))
        symbol = ELEMENTS[i]
        lines.append(f"{symbol}{i + 1} {symbol} {' '.join(f'{x}(2)' for x in site)} 1.0")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "cif"


def write_runner(path, generator):
    frames = [random_structure(generator) for _ in range(int(generator.integers(1, 4)))]
    for atoms in frames:
        forces = generator.normal(size=(len(atoms), 3))
        atoms.calc = SinglePointCalculator(atoms, energy=float(generator.normal()), forces=forces)
        if generator.integers(2):
            atoms.pbc = False
            atoms.cell = None
    ase.io.write(path, frames, format="runnerdata")
    if generator.integers(2):  # as programs before RuNNer 2 wrote it
        text = path.read_text(encoding="utf-8")
        text = re.sub("^begin.*$", "begin", text, flags=re.MULTILINE)
        path.write_text(re.sub(r"^(atom( +\S+){4})", r"\1 0.0 0.0", text, flags=re.MULTILINE), encoding="utf-8")
    return "runnerdata"


def vasp_steps(generator):
    symbols = sorted(random_structure(generator).get_chemical_symbols())
    steps = []
    for _ in range(int(generator.integers(1, 4))):
        atoms = random_structure(generator, composition=symbols)
        stress = generator.normal(size=(3, 3)) * generator.choice([1, 3000])  # large ones fill their fields
        steps.append(vasp_files.Step(atoms.cell.array.tolist(), atoms.positions.tolist(),
                                     generator.normal(size=(len(atoms), 3)).tolist(), (stress + stress.T).tolist(),
                                     float(generator.normal()), int(generator.integers(1, 70))))
    return symbols, steps


def write_outcar(path, generator):
    path.write_text(vasp_files.outcar(*vasp_steps(generator)), encoding="utf-8")
    return "vasp-out"


def write_vasprun(path, generator):
    path.write_text(vasp_files.vasprun(*vasp_steps(generator)), encoding="utf-8")
    return "vasp-xml"


# ---------------------------------------------------------------------------------------------------------- targets


def targets_of_calculator(atoms):
    """Energy, forces and virial that ASE found; of VASP the free energy."""
    stress = atoms.get_stress(voigt=False)
    return atoms.get_potential_energy(force_consistent=True), atoms.get_forces(), -stress * atoms.get_volume()


def converted_targets(program, folder, data, *options):
    subprocess.run([program, "data", "convert", data, "-o", folder / "converted.xyz", *options], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [(a.get_potential_energy(), a.get_forces(), numpy.array(a.info["virial"]))
            for a in ase.io.read(folder / "converted.xyz", ":")]


def target_difference(found, expected):
    if len(found) != len(expected):
        return numpy.inf
    return max(float(numpy.max(numpy.abs(numpy.asarray(x) - numpy.asarray(y)) / (1 + numpy.abs(y).max())))
               for a, b in zip(found, expected) for x, y in zip(a, b))


def write_ase_extxyz(path, generator):
    """Targets under random keys and in every form that ASE writes; returns what they are. Frames share their keys."""
    names = [("energy", "forces"), ("REF_energy", "REF_forces"), ("dft_energy", "dft_forces"), ("total_energy", "force"),
             ("energy", "DFT_force")][int(generator.integers(5))]
    virial_key = str(generator.choice(["virial", "REF_virial", "stress", "dft_stress", "calculator"]))
    form = str(generator.choice(["matrix", "nine", "list", "voigt"]))
    frames, expected = [], []
    for _ in range(int(generator.integers(1, 4))):
        atoms = random_structure(generator)
        n, energy, forces = len(atoms), float(generator.normal()), generator.normal(size=(len(atoms), 3))
        virial = generator.normal(size=(3, 3))
        virial = virial + virial.T
        stress = -virial / atoms.get_volume()
        value = stress if "stress" in virial_key else virial
        if form == "nine":
            value = value.ravel()
        elif form == "list" and virial_key != "stress":
            value = value.tolist()  # _JSON
        elif form == "voigt":
            value = value.ravel()[[0, 4, 8, 5, 2, 1]]
        results = {}
        if names[0] == "energy":
            results["energy"] = energy
        else:
            atoms.info[names[0]] = energy
        if names[1] == "forces":
            results["forces"] = forces
        else:
            atoms.arrays[names[1]] = forces
        if virial_key == "calculator":
            results["stress"] = stress.ravel()[[0, 4, 8, 5, 2, 1]]
        else:
            atoms.info[virial_key] = value
        if generator.integers(2):  # bystanders
            atoms.info.update(note="a b", step=3, dictionary={"a": [1, 2]}, flags=numpy.array([True, False]),
                              config_type="bulk of 'x' and \"y\"")
            atoms.set_momenta(generator.normal(size=(n, 3)))
            atoms.set_initial_magnetic_moments(generator.normal(size=n))
            atoms.set_tags(range(n))
            atoms.set_constraint(FixAtoms([0]))
            results.update(dipole=numpy.ones(3), magmom=1.0, magmoms=numpy.ones(n), charges=numpy.zeros(n))
            if names[0] == "energy":
                results.update(free_energy=energy, energies=numpy.full(n, energy / n))
        if results:
            atoms.calc = SinglePointCalculator(atoms, **results)
        frames.append(atoms)
        expected.append((energy, forces, virial))
    ase.io.write(path, frames, format="extxyz", write_results=True)
    return expected


def check_ase_extxyz(program, generator, folder):
    expected = write_ase_extxyz(folder / "ase.xyz", generator)
    return target_difference(converted_targets(program, folder, folder / "ase.xyz"), expected), (len(expected),)


# ---------------------------------------------------------------------------------------------------------- comparison


def write_extxyz(path, frames):
    """All digits, which ASE does not write."""
    lines = []
    for atoms in frames:
        lattice = " ".join(repr(float(x)) for x in numpy.array(atoms.cell).ravel())
        pbc = " ".join("FT"[int(p)] for p in atoms.pbc)
        lines += [str(len(atoms)), (f'Lattice="{lattice}" ' if atoms.pbc.any() else "") + f'pbc="{pbc}"']
        lines += [f"{s} " + " ".join(repr(float(x)) for x in r) for s, r in zip(atoms.symbols, atoms.positions)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def describe(program, folder, data, *options):
    config = {"elements": ELEMENTS, "descriptors": [{
        "type": "soap", "mode": "smooth", "basis": "gto", "r_cut": 3.0, "n_max": 3, "l_max": 3, "sigma": 0.5,
        "cutoff": {"function": "cosine"}, "compression": "none"}]}
    (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    subprocess.run([program, "describe", folder / "config.yaml", data, "-o", folder / "values.npy", *options],
                   check=True, stdout=subprocess.DEVNULL)
    return numpy.load(folder / "values.npy")


def difference(a, b, any_order):
    """Largest difference of two tables relative to the largest number; of every row to the nearest where the order of
    rows is free."""
    if a.shape != b.shape:
        return numpy.inf
    largest = numpy.abs(b).max()
    if not any_order:
        return numpy.abs(a - b).max() / largest
    table = numpy.abs(a[:, None, :] - b[None, :, :]).max(axis=2)
    return max(table.min(axis=0).max(), table.min(axis=1).max()) / largest


FORMATS = {
    "POSCAR": (write_poscar, "POSCAR"),
    "XDATCAR": (write_xdatcar, "XDATCAR"),
    "CIF": (write_cif, "plain.cif"),
    "CIF with symmetry": (write_cif_with_symmetry, "symmetry.cif"),
    "RuNNer": (write_runner, "input.data"),
    "OUTCAR": (write_outcar, "OUTCAR"),
    "vasprun.xml": (write_vasprun, "vasprun.xml"),
    "extxyz of ASE": (None, None),
}


def check_case(program, name, generator, folder):
    if name == "extxyz of ASE":
        return check_ase_extxyz(program, generator, folder)
    write, base_name = FORMATS[name]
    path = folder / base_name
    ase_format = write(path, generator)
    options = ["--data.units.length=bohr", "--data.units.energy=hartree"] if name == "RuNNer" else []
    frames = ase.io.read(path, ":", format=ase_format)
    for atoms in frames if name == "RuNNer" else []:  # the bohr of ASE is that of CODATA 2014
        atoms.positions *= BOHR / units.Bohr
        atoms.cell *= BOHR / units.Bohr
    if name == "CIF with symmetry" and is_crowded(frames[0]):
        return None
    data = folder / "without_a_telling_name"  # recognized by content
    path.rename(data)
    write_extxyz(folder / "atoms.xyz", frames)
    found = describe(program, folder, data, *options)
    expected = describe(program, folder, folder / "atoms.xyz")
    largest = difference(found, expected, name == "CIF with symmetry")
    if name in ("OUTCAR", "vasprun.xml"):
        targets = [targets_of_calculator(atoms) for atoms in frames]
        largest = max(largest, target_difference(converted_targets(program, folder, data), targets))
    return largest, found.shape


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=30, help="of each format")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # of ASE about space groups that it does not find by name
    print(f"seed {arguments.seed}")
    generator = numpy.random.default_rng(arguments.seed)
    n_failed = n_passed = 0
    for name in FORMATS:
        errors, done = [], 0
        while done < arguments.cases:
            with tempfile.TemporaryDirectory() as folder:
                result = check_case(arguments.program, name, generator, pathlib.Path(folder))
            if result is None:
                continue
            error, shape = result
            done += 1
            errors.append(error)
            if not error <= TOLERANCE:  # NaN too
                n_failed += 1
                print(f"FAIL {name}: {error:.2e}, shape {shape}, case {done}", flush=True)
            else:
                n_passed += 1
        print(f"{name}: {done} files, largest difference {max(errors):.2e}", flush=True)
    print(f"{n_passed} passed, {n_failed} failed")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
