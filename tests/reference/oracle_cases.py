# SPDX-License-Identifier: BSD-3-Clause
"""What the comparisons with other programs share: random structures, `mlsoap describe`, and the count of what passed."""

import argparse
import json
import pathlib
import subprocess
import tempfile

import ase.io
import numpy
from ase import Atoms


def random_structure(generator, species):
    """A loose random packing without close pairs in a skewed cell, periodic or not. Positions are as a file keeps them."""
    n_atoms = int(generator.integers(4, 9))
    cell = numpy.round(numpy.diag(generator.uniform(4.5, 6.5, 3)) + numpy.tril(generator.uniform(-1, 1, (3, 3)), -1), 6)
    periodic = bool(generator.integers(2))
    atoms = Atoms(cell=cell, pbc=periodic)
    while len(atoms) < n_atoms:
        position = numpy.round(generator.uniform(0, 1, 3) @ cell, 6)
        trial = atoms + Atoms([species[len(atoms) % len(species)]], [position])
        distances = trial.get_all_distances(mic=periodic)[numpy.triu_indices(len(trial), 1)]
        if distances.size == 0 or distances.min() > 1.2:
            atoms = Atoms(trial, cell=cell, pbc=periodic)
    return atoms


def number(generator, low, high):
    return float(numpy.round(generator.uniform(low, high), 3))


def describe(program, descriptor, atoms, *options):
    """The rows that `mlsoap describe` writes; with option --derivatives also the arrays of that file."""
    config = {"elements": descriptor["species"], "descriptors": [descriptor]}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
        plain = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
        ase.io.write(folder / "atoms.xyz", plain, format="extxyz")
        command = [program, "describe", folder / "config.yaml", folder / "atoms.xyz", "-o", folder / "values.npy", *options]
        if options:
            command += ["--derivatives", folder / "derivatives.npy"]
        run = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode != 0:
            raise RuntimeError(run.stdout.strip())
        values = numpy.load(folder / "values.npy")
        return (values, numpy.load(folder / "derivatives.npy")) if options else values


def relative_error(found, expected, scale=None):
    """Of the largest value, or of `scale`; infinite where the shapes differ, NaN where a number is NaN. Atoms without
    neighbors have features of 0 only: these must be met exactly."""
    if found.shape != expected.shape:
        return numpy.inf
    error = numpy.abs(found - expected).max()
    return error if error == 0 else error / (numpy.abs(expected).max() if scale is None else scale)


def run_cases(description, default_cases, compare):
    """Run compare(generator, i_case, program) -> (passed, error, text) for every case; the exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=default_cases)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    generator = numpy.random.default_rng(arguments.seed)
    n_failed = 0
    for i_case in range(arguments.cases):
        passed, error, text = compare(generator, i_case, arguments.program)
        n_failed += not passed
        print(f"{'ok  ' if passed else 'FAIL'} {error:9.2e} {text}", flush=True)
    print(f"{arguments.cases - n_failed} passed, {n_failed} failed")
    return 1 if n_failed else 0
