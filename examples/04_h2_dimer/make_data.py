# SPDX-License-Identifier: BSD-3-Clause
"""Write the Lennard-Jones H2 dimer of the teaching material: 200 distances from 2.5 to 5 angstrom with energies and forces
(all.xyz), and 30 of them to train on (train.xyz).

usage: make_data.py FOLDER"""

import pathlib
import sys

EPSILON, SIGMA = 1.0, 2.9  # eV, angstrom
R_CUT = 3 * SIGMA  # where the energy is shifted to zero
N_POINTS, N_TRAIN = 200, 30


def lennard_jones(d):
    """Energy (eV) and its derivative (eV/angstrom) at the distance d (angstrom)."""
    c6, shift6 = (SIGMA / d) ** 6, (SIGMA / R_CUT) ** 6
    energy = 4 * EPSILON * (c6 * c6 - c6) - 4 * EPSILON * (shift6 * shift6 - shift6)
    return energy, 24 * EPSILON * (c6 - 2 * c6 * c6) / d


def frame(d):
    """One frame of extended XYZ: two atoms on the x axis, symmetric about the origin."""
    energy, slope = lennard_jones(d)
    lines = ["2", f'Properties=species:S:1:pos:R:3:forces:R:3 energy={energy!r} pbc="F F F"']
    for side in (-1, 1):
        lines.append(f"H {side * d / 2!r} 0.0 0.0 {-side * slope!r} 0.0 0.0")
    return "\n".join(lines) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    distances = [2.5 + 2.5 * i / (N_POINTS - 1) for i in range(N_POINTS)]
    training = [(N_POINTS - 1) * k // (N_TRAIN - 1) for k in range(N_TRAIN)]
    (folder / "all.xyz").write_text("".join(frame(d) for d in distances), encoding="ascii")
    (folder / "train.xyz").write_text("".join(frame(distances[i]) for i in training), encoding="ascii")


if __name__ == "__main__":
    main()
