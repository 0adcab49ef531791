# SPDX-License-Identifier: BSD-3-Clause
"""Errors on the published test sets of Zuo et al. 2020 (Si, Ge, Li): networks, sparse GP and linear models of mlsoap beside the
published potentials, by config_type, with time and memory of each fit and the time in molecular dynamics.

Every fit is `mlsoap train TRAIN OPTIONS` on the published training file alone; the settings below were chosen by validation inside
it, and the test file is read once by each potential, at the end. With --folds K each model is also cross-validated inside the
training file: frames are dealt in turn, config_type by config_type, to K parts, and each part is predicted by the fit to the others.
SNAP and quadratic SNAP are evaluated here from their published coefficients, with LAMMPS; errors of GAP and MTP are those of the
paper (doi:10.1021/acs.jpca.9b08723), those of NNP belong to the published weights. Baselines: the mean energy per atom of the
training frames and no forces."""

import argparse
import itertools
import json
import math
import os
import pathlib
import re
import subprocess
import time

import ase.io
import numpy
import peers

DATA = {"Si": peers.SILICON, **{element: pathlib.Path(os.environ.get("MLSOAP_DATA", ".")) / "zuo2020" / element for element in ("Ge", "Li")}}
CRYSTALS = {"Si": peers.SYSTEMS["Si"], "Ge": ("diamond", 5.763, 5, 0.045, ["Ge"]), "Li": ("bcc", 3.427, 8, 0.060, ["Li"])}
PUBLISHED = {  # energy MAE in meV/atom, forces MAE in eV/angstrom
    "Si": {"GAP (paper)": (2.91, 0.07), "MTP (paper)": (2.21, 0.06), "NNP": (5.63, 0.109)},
    "Ge": {"GAP (paper)": (2.06, 0.05), "MTP (paper)": (1.79, 0.05), "NNP": (4.89, 0.085)},
    "Li": {"GAP (paper)": (0.49, 0.01), "MTP (paper)": (0.49, 0.01), "NNP": (0.75, 0.017)}}
BLOCK = "--descriptors.0.bispectrum={channels: 3, l_max: 4}"


def lengths(r_cut, sigma, width, r0):
    return [f"--descriptors.0.r_cut={r_cut}", f"--descriptors.0.sigma={sigma}",
            f"--descriptors.0.cutoff={{function: shifted_cosine, width: {width}}}",
            f"--descriptors.0.radial_scaling={{r0: {r0}, m: 4}}"]


DESCRIPTORS = {  # those of the potentials in potentials/
    "Si": [*lengths(6.114, 0.484, 0.923, 2.492), "--descriptors.0.n_max=8", "--descriptors.0.l_max=6", BLOCK],
    "Ge": [*lengths(6.514, 0.516, 0.983, 2.655), "--descriptors.0.n_max=8", "--descriptors.0.l_max=6", BLOCK],
    "Li": [*lengths(8.49, 0.609, 1.282, 3.46), "--descriptors.0.n_max=12", "--descriptors.0.l_max=5", "--descriptors.0.bispectrum=none"]}

# A quarter of the training frames chooses the weights of the GPs of germanium, in place of a tenth with a single slab; virials of slabs, which
# their forces refute (`mlsoap data check`), are left out. Cross-validation preferred both.
KERNEL = {"Si": [], "Ge": ["--data.validation=0.25", "--loss.config_type={Surface: {virial: 0}}"], "Li": []}
NETWORK = {"Si": ["--model.weight_decay=0.1", "--loss.energy=2"], "Ge": ["--model.weight_decay=0.1"], "Li": ["--model.weight_decay=0"]}


def models(element, n_seeds):
    """name: options of `mlsoap train`."""
    shape = DESCRIPTORS[element]
    network = {f"network, seed {seed}": ["--model.type=network", *NETWORK[element], "--data.validation=none", f"--seed={seed}", *shape]
               for seed in range(1, n_seeds + 1)}
    if element == "Si":  # what the factor of its energies does
        network["network, energy factor 1, seed 1"] = [*network["network, seed 1"], "--loss.energy=1"]
    return {**network,
            "sparse GP, 2000 points, zeta 4": ["--model.type=sparse_gp", "--model.zeta=4", "--model.n_sparse=2000", *KERNEL[element], *shape],
            "sparse GP, 2000 points, zeta 2": ["--model.type=sparse_gp", "--model.n_sparse=2000", *KERNEL[element], *shape],
            "sparse GP, 1000 points, zeta 2": ["--model.type=sparse_gp", *KERNEL[element], *shape],
            "linear": ["--model.type=linear", *shape],
            "defaults": []}


def peak_memory(pid):
    """MB of a running process; the kernel's maximum for a child that has ended counts what this program held when it was started."""
    found = re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found.group(1)) / 1024 if found else 0.0


class Fits:
    def __init__(self, build):
        self.program = build / "bin" / "mlsoap"
        self.folder = build / "accuracy"
        self.folder.mkdir(exist_ok=True)

    def train(self, stem, data, options):
        """Potential and cost of a fit; one that is there already is kept."""
        path, cost = self.folder / f"{stem}.mlsoap", self.folder / f"{stem}.cost.json"
        if not (path.exists() and cost.exists()):
            print(f"fitting {stem}", flush=True)
            start = time.monotonic()
            with open(self.folder / f"{stem}.out", "w", encoding="utf-8") as stream:
                process = subprocess.Popen([self.program, "train", data, *options, "--uncertainty=none", "-o", path], stdout=stream,
                                           stderr=subprocess.STDOUT)
                finished, memory = 0, 0.0
                while not finished:
                    memory = max(memory, peak_memory(process.pid))
                    time.sleep(0.05)
                    finished, status, usage = os.wait4(process.pid, os.WNOHANG)
            if status:
                raise SystemExit(f"the fit failed: see {stem}.out in {self.folder}")
            cost.write_text(json.dumps({"wall_s": time.monotonic() - start, "processor_s": usage.ru_utime + usage.ru_stime,
                                        "memory_mb": memory}), encoding="utf-8")
        return path, json.loads(cost.read_text(encoding="utf-8"))

    def errors(self, path, data):
        """{"all" or config_type: (energy, forces, virial)}"""
        result = path.with_suffix(".errors.json")
        subprocess.run([self.program, "eval", path, data, "--json", result], check=True, stdout=subprocess.DEVNULL)
        found = json.loads(result.read_text(encoding="utf-8"))
        return {kind: tuple(row[target]["mae"] for target in ("energy", "forces", "virial"))
                for kind, row in {"all": found["total"], **found["by_config_type"]}.items()}


def dealt(frames, n_folds):
    """Parts of the frames: those of each config_type in turn."""
    ordered = sorted(frames, key=lambda atoms: atoms.info["config_type"])
    return [ordered[k::n_folds] for k in range(n_folds)]


def cross_validate(fits, element, name, options, n_folds):
    """Mean of the errors of the parts, weighted by frames (energy) and atoms (forces)."""
    parts = dealt(ase.io.read(DATA[element] / "train.xyz", ":"), n_folds)
    sums = numpy.zeros(4)
    for k, part in enumerate(parts):
        train, held = fits.folder / f"{element}_fold{k}.xyz", fits.folder / f"{element}_held{k}.xyz"
        ase.io.write(train, [atoms for j, other in enumerate(parts) if j != k for atoms in other], format="extxyz")
        ase.io.write(held, part, format="extxyz")
        energy, forces, _ = fits.errors(fits.train(f"{stem_of(element, name)}_fold{k}", train, options)[0], held)["all"]
        n_atoms = sum(map(len, part))
        sums += [len(part) * energy, n_atoms * forces, len(part), n_atoms]
    return sums[0] / sums[2], sums[1] / sums[3]


def stem_of(element, name):
    return re.sub(r"\W+", "_", f"{element}_{name}")


def from_arrays(frames, energies, forces):
    """Errors by config_type of predictions: (energy, forces, None)."""
    rows = {}
    for atoms, energy, force in zip(frames, energies, forces):
        for kind in ("all", atoms.info["config_type"]):
            rows.setdefault(kind, ([], []))
            rows[kind][0].append(1000 * abs(energy - atoms.get_potential_energy()) / len(atoms))
            rows[kind][1].append(numpy.abs(force - atoms.get_forces()).ravel())
    return {kind: (float(numpy.mean(e)), float(numpy.mean(numpy.concatenate(f))), None) for kind, (e, f) in rows.items()}


def baseline(element):
    train, test = (ase.io.read(DATA[element] / f"{part}.xyz", ":") for part in ("train", "test"))
    mean = numpy.mean([atoms.get_potential_energy() / len(atoms) for atoms in train])
    return from_arrays(test, [mean * len(atoms) for atoms in test], [0 * atoms.get_forces() for atoms in test])


def other_entries(bench, element):
    """Baseline, published potentials, and those that LAMMPS evaluates here."""
    entries = [{"element": element, "name": "mean of the training set", "errors": baseline(element)}]
    entries += [{"element": element, "name": name, "errors": {"all": (*errors, None)}} for name, errors in PUBLISHED[element].items()]
    test = ase.io.read(DATA[element] / "test.xyz", ":")
    for name, quadratic in (("SNAP", ""), ("quadratic SNAP", ".quadratic")):
        lines = peers.zuo(element, quadratic)
        entries.append({"element": element, "name": name, "commands": lines,
                        "errors": from_arrays(test, *bench.forces(test, [element], lines))})
    return entries


def own_entries(bench, fits, element, chosen, n_seeds, n_folds):
    entries = []
    for name, options in models(element, n_seeds).items():
        if chosen and name not in chosen:
            continue
        path, cost = fits.train(stem_of(element, name), DATA[element] / "train.xyz", options)
        entry = {"element": element, "name": f"mlsoap {name}", "commands": bench.mlsoap_commands(path, [element]), **cost,
                 "errors": fits.errors(path, DATA[element] / "test.xyz")}
        if n_folds and not re.search(OTHER_SEED, name):  # other seeds differ by chance alone
            entry["cross_validation"] = cross_validate(fits, element, name, options, n_folds)
        entries.append(entry)
    return entries


def time_entries(bench, entries):
    timed = [entry for entry in entries if "commands" in entry]
    for element in {entry["element"] for entry in timed}:
        bench.write_data(f"{element}.data", peers.crystal(element), CRYSTALS[element][4])
    for entry in timed:
        entry["times"] = []
    for _ in range(3):
        for entry in timed:
            entry["times"].append(bench.time(entry["element"], entry["commands"], 20))
    for entry in timed:
        entry["us_per_atom"] = min(entry["times"])


def cell(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


def table(entries):
    kinds = sorted({kind for entry in entries for kind in entry["errors"]} - {"all"})
    lines = ["| set | model | energy MAE (meV/atom) | forces MAE (eV/Å) | forces: " + " / ".join(kinds)
             + " | cross-validation, energy; forces | fit, processor s (wall) | memory, MB | µs/atom |", "|---|---|---|---|---|---|---|---|---|"]
    for e in entries:
        by_kind = " / ".join(cell(e["errors"].get(kind, (None,) * 3)[1], 4) for kind in kinds) if len(e["errors"]) > 1 else ""
        folds = f"{e['cross_validation'][0]:.2f}; {e['cross_validation'][1]:.4f}" if "cross_validation" in e else ""
        cost = f"{e['processor_s']:.0f} ({e['wall_s']:.0f})" if "wall_s" in e else ""
        lines.append(f"| {e['element']} | {e['name']} | {e['errors']['all'][0]:.2f} | {e['errors']['all'][1]:.4f} | {by_kind} | {folds} | "
                     f"{cost} | {cell(e.get('memory_mb'), 0)} | {cell(e.get('us_per_atom'), 1)} |")
    return "\n".join(lines) + "\n"


OTHER_SEED = "seed (?!1$)"
PANEL = (316, 308)  # pixels inside of the axes, about; of a letter of the labels: 5.2 wide, 11 high


def place_labels(points, names, x_range, y_range):
    """Places (x, y, alignment, point) of the names beside points, in pixels from the lower left corner of the axes: for each
    point, from below, the first of the places around it where the name is inside and covers no point and no earlier name;
    further away where all near ones are taken."""
    def pixels(value, low, high, size):
        return size * math.log(value / low) / math.log(high / low)

    marks = [(pixels(x, *x_range, PANEL[0]), pixels(y, *y_range, PANEL[1])) for x, y in points]
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in marks]
    places = [None] * len(marks)
    for i, ((x, y), name) in sorted(enumerate(zip(marks, names)), key=lambda item: item[1][0][1]):
        width, best = 5.2 * len(name), None
        for distance in range(0, 120, 3):
            for side, up in itertools.product((1, -1), (0, 1, -1)):
                left, bottom = x + 8 if side > 0 else x - 8 - width, y + up * distance - 5.5
                box = (left, bottom, left + width, bottom + 11)
                hit = any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in taken)
                if best is None and not hit and min(box[:2]) >= 0 and box[2] <= PANEL[0] and box[3] <= PANEL[1]:
                    best = (x + 8 * side, y + up * distance, "left" if side > 0 else "right", box)
        if best is None:
            raise SystemExit(f"the plot has no room for the name {name}")
        taken.append(best[3])
        places[i] = (*best[:3], (x, y))
    return places


def plot(fits, entries):
    """Force error against cost, a panel for each element, by gnuplot."""
    elements = [element for element in DATA if any(e["element"] == element and "us_per_atom" in e for e in entries)]
    lines = ["set encoding utf8", f"set terminal svg size {430 * len(elements)},420 font 'sans,12' background 'white'",
             "set output 'accuracy.svg'", f"set multiplot layout 1,{len(elements)}", "set logscale xy", "set grid", "unset key",
             "set xlabel 'time, µs per atom and step (one core)'", "set ylabel 'force MAE on the test set, eV/Å'",
             "set ytics add (0.02, 0.05, 0.2, 0.005, 0.03)"]
    for element in elements:
        rows = sorted((e for e in entries if e["element"] == element and "us_per_atom" in e and not re.search(OTHER_SEED, e["name"])),
                      key=lambda e: e["us_per_atom"])
        forces = [e["errors"]["all"][1] for e in rows]
        x_range, y_range = (4, 4000), (0.7 * min(forces), 1.5 * max(forces))
        names = [re.sub(r"mlsoap |sparse |,? seed 1| points", "", e["name"]) for e in rows]
        places = place_labels([(e["us_per_atom"], f) for e, f in zip(rows, forces)], names, x_range, y_range)
        lines += [f"set title '{element}'", f"set xrange [{x_range[0]}:{x_range[1]}]", f"set yrange [{y_range[0]}:{y_range[1]}]",
                  "unset label", "unset arrow"]
        for name, (x, y, side, point) in zip(names, places):
            at = f"graph {x / PANEL[0]:.4f},{y / PANEL[1]:.4f}"
            lines.append(f"set label \"{name}\" at {at} {side} font 'sans,9'")
            if abs(y - point[1]) > 5:  # a line leads to it
                lines.append(f"set arrow from graph {point[0] / PANEL[0]:.4f},{point[1] / PANEL[1]:.4f} to {at} nohead lc rgb '#888888'")
        lines += ["$rows << EOD"]
        lines += [f'{e["us_per_atom"]:.4g} {f:.5g} {0x0072b2 if e["name"].startswith("mlsoap") else 0xd55e00}'
                  for e, f in zip(rows, forces)]
        lines += ["EOD", "plot $rows using 1:2:3 with points pt 7 ps 1 lc rgb variable"]
    subprocess.run(["gnuplot"], input="\n".join(lines + ["unset multiplot"]) + "\n", text=True, check=True, cwd=fits.folder,
                   encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--elements", default=",".join(DATA))
    parser.add_argument("--models", action="append", help="a model of the table, such as linear (may be repeated; default: all)")
    parser.add_argument("--seeds", type=int, default=3, help="networks of each element")
    parser.add_argument("--folds", type=int, default=0, help="cross-validate inside the training file, in so many parts")
    parser.add_argument("--no-time", action="store_true", help="do not time LAMMPS")
    arguments = parser.parse_args()
    arguments.seconds = 1
    bench, fits = peers.Bench(arguments), Fits(arguments.build.resolve())
    peers.SYSTEMS.update(CRYSTALS)
    peers.MASSES.update({"Ge": 72.630, "Li": 6.94})
    entries = []
    for element in arguments.elements.split(","):
        if not (DATA[element] / "train.xyz").exists():
            print(f"skipped: {element} (its data are in the folder zuo2020 of MLSOAP_DATA)")
            continue
        entries += other_entries(bench, element)
        entries += own_entries(bench, fits, element, arguments.models, arguments.seeds, arguments.folds)
    if not arguments.no_time:
        time_entries(bench, entries)
    (fits.folder / "accuracy.json").write_text(json.dumps(entries, indent=1), encoding="utf-8")
    (fits.folder / "accuracy.md").write_text(table(entries), encoding="utf-8")
    print(table(entries))
    if not arguments.no_time:
        plot(fits, entries)


if __name__ == "__main__":
    main()
