# SPDX-License-Identifier: BSD-3-Clause
"""Compare `mlsoap describe` with DScribe on random structures: mode smooth with the polynomial cutoff is DScribe's
weighting "poly" (c = 1), for the bases gto and polynomial, any number of species, periodic or not.

usage: check_dscribe.py MLSOAP [--seed N] [--cases N]"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import ase.io
import numpy
from ase import Atoms
from dscribe.descriptors import SOAP


def tolerance(settings):
    """Of the largest value. DScribe orthonormalizes the polynomials in double precision, which costs it digits."""
    return 1e-10 if settings["basis"] == "gto" else 1e-9


def random_structure(generator, species):
    """A loose random packing without close pairs in a skewed cell."""
    n_atoms = int(generator.integers(4, 9))
    cell = numpy.round(numpy.diag(generator.uniform(4.5, 6.5, 3)) + numpy.tril(generator.uniform(-1, 1, (3, 3)), -1), 6)
    periodic = bool(generator.integers(2))
    atoms = Atoms(cell=cell, pbc=periodic)
    while len(atoms) < n_atoms:
        trial = atoms + Atoms([species[len(atoms) % len(species)]], [numpy.round(generator.uniform(0, 1, 3) @ cell, 6)])  # what the file keeps
        distances = trial.get_all_distances(mic=periodic)[numpy.triu_indices(len(trial), 1)]
        if distances.size == 0 or distances.min() > 1.2:
            atoms = Atoms(trial, cell=cell, pbc=periodic)
    return atoms


def random_settings(generator, i_case):
    basis = ["gto", "polynomial"][i_case % 2]
    return {
        "basis": basis,
        "species": [["Si"], ["C", "Si"], ["H", "C", "O"]][int(generator.integers(3))],
        "r_cut": float(numpy.round(generator.uniform(2.5, 5.0), 3)),
        "n_max": int(generator.integers(2, 7 if basis == "gto" else 6)),
        "l_max": int(generator.integers(0, 6)),
        "sigma": float(numpy.round(generator.uniform(0.3, 0.7), 3)),
        "m": int(generator.integers(1, 5)),
    }


def by_dscribe(settings, atoms):
    soap = SOAP(species=settings["species"], periodic=bool(atoms.pbc.any()), r_cut=settings["r_cut"],
                n_max=settings["n_max"], l_max=settings["l_max"], sigma=settings["sigma"], rbf=settings["basis"],
                weighting={"function": "poly", "r0": settings["r_cut"], "c": 1, "m": settings["m"]}, average="off")
    return soap.create(atoms)


def by_mlsoap(program, settings, atoms, folder):
    config = {"elements": settings["species"], "descriptors": [{
        "type": "soap", "mode": "smooth", "species": settings["species"], "basis": settings["basis"],
        "r_cut": settings["r_cut"], "n_max": settings["n_max"], "l_max": settings["l_max"], "sigma": settings["sigma"],
        "cutoff": {"function": "poly", "m": settings["m"]}, "w0": 1, "compression": "none"}]}
    (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    ase.io.write(folder / "atoms.xyz", Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc), format="extxyz")
    subprocess.run([program, "describe", folder / "config.yaml", folder / "atoms.xyz", "-o", folder / "values.npy"],
                   check=True, stdout=subprocess.DEVNULL)
    return numpy.load(folder / "values.npy")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=24)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    generator = numpy.random.default_rng(arguments.seed)
    n_failed = 0
    for i_case in range(arguments.cases):
        settings = random_settings(generator, i_case)
        atoms = random_structure(generator, settings["species"])
        expected = by_dscribe(settings, atoms)
        with tempfile.TemporaryDirectory() as name:
            found = by_mlsoap(arguments.program, settings, atoms, pathlib.Path(name))
        error = numpy.inf
        if found.shape == expected.shape:
            error = numpy.abs(found - expected).max() / numpy.abs(expected).max()
        passed = error <= tolerance(settings)  # False for NaN
        n_failed += not passed
        print(f"{'ok  ' if passed else 'FAIL'} {error:9.2e} shape {found.shape} {settings} pbc {bool(atoms.pbc.any())}", flush=True)
    print(f"{arguments.cases - n_failed} passed, {n_failed} failed")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
