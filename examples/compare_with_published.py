# SPDX-License-Identifier: BSD-3-Clause
"""Print the test errors of `mlsoap eval --json` beside those of published silicon potentials on the same test file.

usage: compare_with_published.py ERRORS.json
Published values: Y. Zuo et al., J. Phys. Chem. A 124 (2020) 731, doi:10.1021/acs.jpca.9b08723; the SNAP there was
evaluated on the test file with LAMMPS from its published coefficients."""

import json
import sys

PUBLISHED = [  # name, MAE of the energy in meV/atom, MAE of the force components in eV/angstrom
    ("SNAP (Zuo et al. 2020)", 6.44, 0.133),
    ("NNP  (Zuo et al. 2020)", 5.60, 0.11),
    ("GAP  (Zuo et al. 2020)", 2.91, 0.07),
]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        errors = json.load(file)
    rows = [(name, row["energy"], row["forces"], row["virial"]) for name, row in sorted(errors["by_config_type"].items())]
    total = errors["total"]

    print(f"{'mean absolute errors on the test set':38s} {'energy':>10s} {'forces':>13s} {'virial':>10s}")
    print(f"{'':38s} {'meV/atom':>10s} {'eV/angstrom':>13s} {'meV/atom':>10s}")
    for name, energy, force in PUBLISHED:
        print(f"{name:38s} {energy:10.2f} {force:13.3g} {'-':>10s}")
    print(f"{'mlsoap, this fit':38s} {total['energy']['mae']:10.2f} {total['forces']['mae']:13.4f} {total['virial']['mae']:10.1f}")
    for name, energy, forces, virial in rows:
        print(f"{'    ' + name:38s} {energy['mae']:10.2f} {forces['mae']:13.4f} {virial['mae']:10.1f}")
    print("Published: Zuo et al., J. Phys. Chem. A 124 (2020) 731, doi:10.1021/acs.jpca.9b08723 (same training and test files).")


if __name__ == "__main__":
    main()
