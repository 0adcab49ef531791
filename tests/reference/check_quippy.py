# SPDX-License-Identifier: BSD-3-Clause
"""Compare mode quip of `mlsoap describe` with QUIP (quippy) on random structures, periodic or not: values, and derivatives
with respect to each image of each atom.

usage: check_quippy.py MLSOAP [--seed N] [--cases N]"""

import sys

import numpy
from ase.data import atomic_numbers
from oracle_cases import describe, number, random_structure, relative_error, run_cases
from quippy.descriptors import Descriptor

# Of the largest value. QUIP sums its radial functions at every distance; mlsoap interpolates them between the nodes of a
# table (radial_table.c), which is the whole difference: with a table 100 times as exact (2.2 times the nodes) the largest
# errors of 100 cases fall from 7e-12 to 9e-14, those of derivatives from 5e-10 to 8e-12, as the sixth power of the spacing
# in values and the fifth in slopes. With the table as it is the largest of 2200 cases are 1.6e-11 and 1.2e-9.
TOLERANCE, TOLERANCE_OF_DERIVATIVES = 1e-10, 2e-9


def random_settings(generator):
    """Species in an order of the user's, which QUIP keeps."""
    species = [["Si"], ["Si", "C"], ["O", "H", "C"]][int(generator.integers(3))]
    settings = {
        "type": "soap",
        "mode": "quip",
        "species": species,
        "r_cut": number(generator, 2.5, 4.5),
        "cutoff": {"function": "shifted_cosine", "width": number(generator, 0.3, 2.0)},
        "n_max": int(generator.integers(1, 8)),
        "l_max": int(generator.integers(0, 6)),
        "sigma": number(generator, 0.3, 0.7),
        "w0": number(generator, 0.2, 1.5),
        "normalize": bool(generator.integers(2)),
        "covariance_sigma0": number(generator, 0, 0.2),
        "basis_error_exponent": number(generator, 5, 15),
        "central_reference_all_species": bool(generator.integers(2)),
    }
    if generator.integers(2):
        settings["centers"] = species[:1]
    return settings


def by_quippy(settings, atoms):
    """Values [center][feature] and derivatives of the atoms [center][atom][3][feature], images of an atom together."""
    def numbers(symbols):
        return "{" + " ".join(str(atomic_numbers[symbol]) for symbol in symbols) + "}"

    species, centers = settings["species"], settings.get("centers", settings["species"])
    text = (f"soap cutoff={settings['r_cut']} cutoff_transition_width={settings['cutoff']['width']} "
            f"n_max={settings['n_max']} l_max={settings['l_max']} atom_sigma={settings['sigma']} "
            f"central_weight={settings['w0']} covariance_sigma0={settings['covariance_sigma0']} "
            f"normalise={'T' if settings['normalize'] else 'F'} basis_error_exponent={settings['basis_error_exponent']} "
            f"central_reference_all_species={'T' if settings['central_reference_all_species'] else 'F'} "
            f"n_species={len(species)} species_Z={numbers(species)} n_Z={len(centers)} Z={numbers(centers)}")
    result = Descriptor(text).calc(atoms, grad=True)
    values = numpy.asarray(result["data"])
    derivatives = numpy.zeros((len(values), len(atoms), 3, values.shape[1]))
    rows = {int(center) - 1: row for row, center in enumerate(result["ci"])}
    for (center, atom), gradient in zip(result["grad_index_0based"], result["grad_data"]):
        derivatives[rows[int(center)], int(atom)] += gradient
    return values, derivatives


def compare(generator, _, program):
    settings = random_settings(generator)
    atoms = random_structure(generator, settings["species"])
    expected, expected_derivatives = by_quippy(settings, atoms)
    found, found_derivatives = describe(program, settings, atoms, "--derivatives-format", "dense")
    error = relative_error(found, expected)
    error_of_derivatives = numpy.inf
    if found_derivatives.shape == expected_derivatives.shape:
        scale = max(numpy.abs(expected_derivatives).max(), numpy.abs(expected).max())  # alone, an atom has none
        error_of_derivatives = numpy.abs(found_derivatives - expected_derivatives).max() / scale
    text = f"derivatives {error_of_derivatives:9.2e} shape {found.shape} {settings} pbc {bool(atoms.pbc.any())}"
    passed = error <= TOLERANCE and error_of_derivatives <= TOLERANCE_OF_DERIVATIVES  # False for NaN
    return passed, error, text


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, 36, compare))
