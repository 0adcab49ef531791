# SPDX-License-Identifier: BSD-3-Clause
"""Compare `mlsoap describe` with DScribe on random structures, periodic or not, for the bases gto and polynomial:
- mode dscribe with every weighting, w0, species weights, compression and average; centers that are all atoms, the atoms
  of some elements, or points in space;
- mode smooth with the polynomial cutoff, which is DScribe's weighting "poly" (c = 1);
- symmetry functions: mode dscribe with G1 to G5, and lines of mode runner of the types 2, 3 and 9, which are G2, G4 and G5.

usage: check_dscribe.py MLSOAP [--seed N] [--cases N]"""

import sys

import numpy
from dscribe.descriptors import ACSF, SOAP
from oracle_cases import describe, number, random_structure, relative_error, run_cases

WEIGHTINGS = ["none", "poly", "pow", "exp"]
COMPRESSIONS = ["none", "mu2", "mu1nu1", "crossover"]
AVERAGES = ["none", "outer", "inner"]
CENTERS = ["atoms", "elements", "points"]


def tolerance(settings):
    """Of the largest value. DScribe orthonormalizes the polynomials in double precision, which costs it digits."""
    return 1e-10 if settings["basis"] == "gto" else 1e-9


def common_settings(generator):
    basis = ["gto", "polynomial"][int(generator.integers(2))]
    return {
        "type": "soap",
        "basis": basis,
        "species": [["Si"], ["C", "Si"], ["H", "C", "O"]][int(generator.integers(3))],
        "n_max": int(generator.integers(2, 7 if basis == "gto" else 6)),
        "l_max": int(generator.integers(0, 6)),
        "sigma": number(generator, 0.3, 0.7),
    }


def smooth_settings(generator):
    settings = common_settings(generator)
    return settings | {"mode": "smooth", "r_cut": number(generator, 2.5, 5.0), "w0": 1,
                       "cutoff": {"function": "poly", "m": int(generator.integers(1, 5))}}


def weighting_settings(generator, function):
    """Parameters that keep the default r_cut within 2.5 ... 5.5: nearer, the functions of DScribe lose digits."""
    if function == "none":
        return {"function": "none"}
    weighting = {"function": function, "c": number(generator, 0.5, 2)}
    if function == "poly":
        weighting |= {"r0": number(generator, 2.5, 4.0), "m": int(generator.integers(1, 5))}
    if function == "pow":
        weighting |= {"r0": number(generator, 1.8, 2.2), "m": int(generator.integers(5, 9)), "d": number(generator, 0.5, 1.5),
                      "threshold": 0.02}
    if function == "exp":
        weighting |= {"r0": number(generator, 0.8, 1.1), "d": number(generator, 0.5, 1.5), "threshold": 0.02}
    return weighting


def dscribe_settings(generator):
    settings = common_settings(generator) | {"mode": "dscribe"}
    weighting = weighting_settings(generator, WEIGHTINGS[int(generator.integers(4))])
    if generator.integers(2):
        weighting["w0"] = number(generator, 0.1, 2)
    if len(weighting) > 1:
        settings["weighting"] = weighting
    if weighting["function"] == "none" or generator.integers(2):
        settings["r_cut"] = number(generator, 2.5, 4.0)
    settings["compression"] = COMPRESSIONS[int(generator.integers(4))]
    # DScribe attaches the weights to the wrong neighbors with the polynomials and mu2.
    if generator.integers(2) and (settings["basis"], settings["compression"]) != ("polynomial", "mu2"):
        settings["species_weights"] = {symbol: number(generator, 0.2, 2) for symbol in settings["species"]}
    settings["average"] = AVERAGES[int(generator.integers(3))]
    return settings


def choose_centers(generator, settings, kind, atoms):
    """Centers for mlsoap (written into the settings) and for DScribe."""
    if kind == "atoms":
        return None
    if kind == "elements":
        settings["centers"] = settings["species"][:1]
        return [i for i, symbol in enumerate(atoms.symbols) if symbol in settings["centers"]]
    points = numpy.round(generator.uniform(0.2, 0.8, (3, 3)) @ atoms.cell.array, 6)
    settings["centers"] = points.tolist()
    return points.tolist()


def by_dscribe(settings, atoms, centers):
    if settings["mode"] == "smooth":
        weighting = {"function": "poly", "r0": settings["r_cut"], "c": 1, "m": settings["cutoff"]["m"]}
    else:
        weighting = dict(settings.get("weighting", {}))
        if weighting.get("function") == "none":
            del weighting["function"]
    compression = {"mode": settings["compression"].replace("none", "off"),
                   "species_weighting": settings.get("species_weights")}
    soap = SOAP(species=settings["species"], periodic=bool(atoms.pbc.any()), r_cut=settings.get("r_cut"),
                n_max=settings["n_max"], l_max=settings["l_max"], sigma=settings["sigma"], rbf=settings["basis"],
                weighting=weighting or None, compression=compression,
                average=settings.get("average", "none").replace("none", "off"))
    return numpy.atleast_2d(soap.create(atoms, centers=centers))


def angular(generator):
    return [number(generator, 0, 1), float(generator.integers(1, 9)), float(generator.choice([-1, 1]))]


def acsf_settings(generator):
    """All functions of DScribe, each kind zero to three times."""
    settings = {"type": "acsf", "mode": "dscribe", "species": [["Si"], ["C", "Si"], ["H", "C", "O"]][int(generator.integers(3))],
                "r_cut": number(generator, 2.5, 5.0)}
    makers = {"g2": lambda: [number(generator, 0.01, 2), number(generator, 0, 3)], "g3": lambda: number(generator, 0.2, 3),
              "g4": lambda: angular(generator), "g5": lambda: angular(generator)}
    return settings | {key: [make() for _ in range(int(generator.integers(4)))] for key, make in makers.items()}


def acsf_by_dscribe(settings, atoms):
    acsf = ACSF(r_cut=settings["r_cut"], species=settings["species"], periodic=bool(atoms.pbc.any()),
                **{f"{key}_params": settings[key] for key in ("g2", "g3", "g4", "g5") if settings.get(key)})
    return acsf.create(atoms)


def compare_acsf(generator, program):
    settings = acsf_settings(generator)
    atoms = random_structure(generator, settings["species"])
    expected = acsf_by_dscribe(settings, atoms)
    error = relative_error(describe(program, settings, atoms), expected)
    return error <= 1e-10, error, f"shape {expected.shape} {settings} pbc {bool(atoms.pbc.any())}"


def compare_runner(generator, program):
    """One line, of which DScribe gives the column after the functions G1 that it always has."""
    species = ["H", "C", "O"]  # ascending atomic numbers
    atoms = random_structure(generator, species)
    r_cut, second = number(generator, 2.5, 5.0), int(generator.integers(3))
    first = int(generator.integers(second + 1))
    kind = ["g2", "g4", "g5"][int(generator.integers(3))]
    base = {"species": species, "r_cut": r_cut}
    if kind == "g2":
        eta, r_s = number(generator, 0.01, 2), number(generator, 0, 3)
        line, column = f"* 2 {species[second]} {eta} {r_s} {r_cut}", 2 * second + 1
        expected = acsf_by_dscribe(base | {"g2": [[eta, r_s]]}, atoms)
    else:
        eta, zeta, sign = angular(generator)
        pair = f"{species[first]} {species[second]}"
        line = f"* {3 if kind == 'g4' else 9} {pair} {eta} {sign} {zeta} {r_cut}"
        column = len(species) + second * (second + 1) // 2 + first
        expected = acsf_by_dscribe(base | {kind: [[eta, zeta, sign]]}, atoms)
    found = describe(program, {"type": "acsf", "species": species, "functions": [line]}, atoms)
    scale = numpy.abs(expected).max()  # G1 too: a pair that no atom has gives 0
    error = relative_error(found, expected[:, [column]], scale)
    return error <= 1e-10, error, f"{line} pbc {bool(atoms.pbc.any())}"


def compare(generator, i_case, program):
    if i_case % 6 == 4:
        return compare_acsf(generator, program)
    if i_case % 6 == 5:
        return compare_runner(generator, program)
    if i_case % 4 == 3:
        settings, kind = smooth_settings(generator), "atoms"
        settings["compression"] = COMPRESSIONS[int(generator.integers(4))]
    else:
        settings, kind = dscribe_settings(generator), CENTERS[int(generator.integers(3))]
    atoms = random_structure(generator, settings["species"])
    centers = choose_centers(generator, settings, kind, atoms)
    expected = by_dscribe(settings, atoms, centers)
    error = relative_error(describe(program, settings, atoms), expected)
    passed = error <= tolerance(settings)  # False for NaN
    return passed, error, f"shape {expected.shape} {settings} pbc {bool(atoms.pbc.any())}"


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, 108, compare))
