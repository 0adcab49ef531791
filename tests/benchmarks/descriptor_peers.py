# SPDX-License-Identifier: BSD-3-Clause
"""SOAP of mlsoap, featomic and DScribe on the same structures in the same run, one thread, us per atom: values, and values
with derivatives. Repeats are interleaved and the smallest time counts, so that a busy machine disturbs all alike.

usage: descriptor_peers.py BENCH_DESCRIPTOR_API [--rounds N]"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is loaded

import ase.io
import featomic
import numpy
from ase.build import bulk
from dscribe.descriptors import SOAP

N_CENTERS = 32  # of DScribe's analytic derivatives, which are dense in the atoms and known for clusters only


def structures():
    """Silicon near 300 K, and a random alloy of four metals."""
    silicon = bulk("Si", "diamond", a=5.469, cubic=True).repeat(5)
    alloy = bulk("Mo", "bcc", a=3.2, cubic=True).repeat(5)
    generator = numpy.random.default_rng(7)
    symbols = numpy.array(["Nb", "Mo", "Ta", "W"])[numpy.arange(len(alloy)) % 4]
    alloy.set_chemical_symbols(generator.permutation(symbols))
    for atoms in (silicon, alloy):
        atoms.positions += generator.normal(0, 0.038, atoms.positions.shape)
    return {f"Si, {len(silicon)} atoms": silicon, f"NbMoTaW, {len(alloy)} atoms": alloy}


def seconds(function):
    """Processor time, as google-benchmark counts it: others may use the machine."""
    start = time.process_time()
    function()
    return time.process_time() - start


def by_mlsoap(program, path, what):
    report = subprocess.run([program, path, f"--benchmark_filter=^{what}$", "--benchmark_format=json"], check=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    run = json.loads(report.stdout)["benchmarks"][0]
    if run.get("error_occurred"):
        raise RuntimeError(run["error_message"])
    return run["us_per_atom"], run


def tasks(program, path, atoms):
    """{(name, what): function that returns us per atom}"""
    species = sorted(set(atoms.get_chemical_symbols()))
    power_spectrum = featomic.SoapPowerSpectrum(
        cutoff={"radius": 5.0, "smoothing": {"type": "ShiftedCosine", "width": 1.0}},
        density={"type": "Gaussian", "width": 0.5},
        basis={"type": "TensorProduct", "max_angular": 6, "radial": {"type": "Gto", "max_radial": 7}})
    periodic = SOAP(species=species, periodic=True, r_cut=5.0, n_max=8, l_max=6, sigma=0.5)
    cluster_soap = SOAP(species=species, periodic=False, r_cut=5.0, n_max=8, l_max=6, sigma=0.5)
    cluster = atoms.copy()
    cluster.pbc = False
    middle = numpy.linalg.norm(atoms.positions - atoms.cell.sum(axis=0) / 2, axis=1)
    centers = [int(i) for i in numpy.argsort(middle)[:N_CENTERS]]
    per_atom = 1e6 / len(atoms)
    return {
        ("mlsoap", "values"): lambda: by_mlsoap(program, path, "values")[0],
        ("mlsoap", "gradients"): lambda: by_mlsoap(program, path, "gradients")[0],
        ("featomic", "values"): lambda: per_atom * seconds(lambda: power_spectrum.compute(atoms)),
        ("featomic", "gradients"): lambda: per_atom * seconds(lambda: power_spectrum.compute(atoms, gradients=["positions"])),
        ("DScribe", "values"): lambda: per_atom * seconds(lambda: periodic.create(atoms)),
        ("DScribe", "gradients"): lambda: 1e6 / N_CENTERS * seconds(
            lambda: cluster_soap.derivatives(cluster, centers=centers, method="analytical", return_descriptor=True)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(f"SOAP, n_max 8, l_max 6, r_cut 5, sigma 0.5; us per atom, least of {arguments.rounds}; one thread")
    for title, atoms in structures().items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "atoms.xyz"
            ase.io.write(path, atoms, format="extxyz")
            best = {}
            for _ in range(arguments.rounds):
                for key, task in tasks(arguments.program, path, atoms).items():
                    best[key] = min(best.get(key, numpy.inf), task())
            run = by_mlsoap(arguments.program, path, "values")[1]
        print(f"\n{title}: {run['neighbors']:.1f} neighbors, {run['features']:.0f} features, {run['label']}")
        print(f"{'':10s}{'values':>12s}{'gradients':>12s}")
        for name in ("mlsoap", "featomic", "DScribe"):
            print(f"{name:10s}{best[name, 'values']:12.1f}{best[name, 'gradients']:12.1f}")
        ratios = [min(best["featomic", what], best["DScribe", what]) / best["mlsoap", what] for what in ("values", "gradients")]
        print(f"{'ratio':10s}{ratios[0]:12.1f}{ratios[1]:12.1f}   (the faster of the two / mlsoap)", flush=True)
    print("\nfeatomic and mlsoap: derivatives of every neighbor, all kept (mlsoap: in arrays that the caller made once). "
          f"DScribe: reaches 1.9 angstrom farther; derivatives of {N_CENTERS} centers of a cluster.")


if __name__ == "__main__":
    main()
