# SPDX-License-Identifier: BSD-3-Clause
"""Structures for the tests of the pair style, in the lower triangular form of LAMMPS cells, so that no test has to
rotate forces."""

import random

MASSES = {"H": 1.008, "He": 4.0026, "Li": 6.94, "C": 12.011, "O": 15.999, "Si": 28.085, "Cu": 63.546, "Ge": 72.630, "Ni": 58.693,
          "Nb": 92.906, "Mo": 95.95, "Ta": 180.948, "W": 183.84, "Te": 127.60, "Pb": 207.2}


class Frame:
    """cell = (xx, yy, zz, xy, xz, yz); positions [n][3] Angstrom; symbols [n]."""

    def __init__(self, cell, symbols, positions, pbc=(True, True, True)):
        self.cell = cell
        self.symbols = symbols
        self.positions = positions
        self.pbc = pbc

    @property
    def n(self):
        return len(self.symbols)

    def volume(self):
        return self.cell[0] * self.cell[1] * self.cell[2]

    def scaled(self, factor):
        return Frame([v * factor for v in self.cell], self.symbols, [[v * factor for v in r] for r in self.positions], self.pbc)

    def without(self, *symbols):
        kept = [i for i in range(self.n) if self.symbols[i] not in symbols]
        return Frame(self.cell, [self.symbols[i] for i in kept], [self.positions[i] for i in kept], self.pbc)

    def rows(self):
        """Lattice vectors a, b, c."""
        xx, yy, zz, xy, xz, yz = self.cell
        return [[xx, 0, 0], [xy, yy, 0], [xz, yz, zz]]

    def turned(self):
        """The same structure, turned in space."""
        return TurnedFrame(self)

    def extxyz(self):
        lattice = " ".join("%.17g" % v for row in self.rows() for v in row)
        pbc = " ".join("T" if p else "F" for p in self.pbc)
        lines = [str(self.n), f'Lattice="{lattice}" pbc="{pbc}" Properties=species:S:1:pos:R:3']
        for symbol, r in zip(self.symbols, self.positions):
            lines.append(f"{symbol} %.17g %.17g %.17g" % tuple(r))
        return "\n".join(lines) + "\n"

    def box_lines(self, length):
        xx, yy, zz, xy, xz, yz = (v * length for v in self.cell)
        lines = [f"0 {xx:.17g} xlo xhi", f"0 {yy:.17g} ylo yhi", f"0 {zz:.17g} zlo zhi"]
        if xy or xz or yz:
            lines.append(f"{xy:.17g} {xz:.17g} {yz:.17g} xy xz yz")
        return lines

    def data_file(self, types, masses=None, length=1.0, mass=1.0):
        """LAMMPS data file; types = list of elements, one per atom type. Atoms of an element that fills several types
        take them in turn. length, mass: of one Angstrom and one u in the units of the run."""
        masses = masses or [MASSES[t] for t in types]
        lines = ["structure of a test", "", f"{self.n} atoms", f"{len(types)} atom types", ""] + self.box_lines(length)
        lines += ["", "Masses", ""] + [f"{i + 1} {m * mass:.17g}" for i, m in enumerate(masses)]
        lines += ["", "Atoms # atomic", ""]
        for i, (symbol, r) in enumerate(zip(self.symbols, self.positions)):
            of_element = [k + 1 for k, t in enumerate(types) if t == symbol]
            lines.append("%d %d %.17g %.17g %.17g" % ((i + 1, of_element[i % len(of_element)]) +
                                                      tuple(v * length for v in r)))
        return "\n".join(lines) + "\n"


class TurnedFrame(Frame):
    """A frame whose lattice vectors have any direction: general triclinic in LAMMPS."""

    ROTATION = ((0.36, 0.48, -0.8), (-0.8, 0.6, 0.0), (0.48, 0.64, 0.6))

    def __init__(self, frame):
        super().__init__(frame.cell, frame.symbols, [self.turn(r) for r in frame.positions], frame.pbc)

    def turn(self, vector):
        return [sum(self.ROTATION[a][b] * vector[b] for b in range(3)) for a in range(3)]

    def rows(self):
        return [self.turn(row) for row in super().rows()]

    def box_lines(self, length):
        lines = [" ".join("%.17g" % (v * length) for v in row) + f" {name}vec" for row, name in zip(self.rows(), "abc")]
        return lines + ["0 0 0 abc origin"]


def rattle(positions, amplitude, seed):
    generator = random.Random(seed)
    return [[v + generator.uniform(-amplitude, amplitude) for v in r] for r in positions]


def choose(n, symbols, seed):
    generator = random.Random(seed)
    return [generator.choice(symbols) for _ in range(n)]


def diamond(a, n, amplitude, symbols, seed=1):
    """n x n x n cubic diamond cells, rattled, symbols at random."""
    basis = [(0, 0, 0), (0, .5, .5), (.5, 0, .5), (.5, .5, 0)]
    basis += [(x + .25, y + .25, z + .25) for x, y, z in basis]
    positions = [[a * (i + b[0]), a * (j + b[1]), a * (k + b[2])]
                 for i in range(n) for j in range(n) for k in range(n) for b in basis]
    return Frame((n * a, n * a, n * a, 0, 0, 0), choose(len(positions), symbols, seed),
                 rattle(positions, amplitude, seed))


def triclinic(symbols):
    """24 atoms in a strongly tilted cell, none closer than about 2 Angstrom."""
    cell = (8.1, 7.3, 6.9, 2.9, -2.3, 1.7)
    grid = [((i + .5) / 4, (j + .5) / 3, (k + .5) / 2) for i in range(4) for j in range(3) for k in range(2)]
    positions = [[u * cell[0] + v * cell[3] + w * cell[4], v * cell[1] + w * cell[5], w * cell[2]] for u, v, w in grid]
    return Frame(cell, choose(24, symbols, 2), rattle(positions, 0.25, 3))


def one_atom(symbol):
    """Primitive fcc cell of one atom: every neighbor is an image of the center."""
    d = 2.7
    return Frame((d, d * 3 ** 0.5 / 2, d * (2 / 3) ** 0.5, d / 2, d / 2, d / (2 * 3 ** 0.5)), [symbol], [[0.1, 0.2, 0.3]])


def slab(symbols):
    """A thin layer that fills a tenth of its box, and one atom without neighbors far above."""
    layer = diamond(5.0, 1, 0.3, symbols, 5)
    positions = layer.positions + [[2.0, 2.0, 40.0]]
    return Frame((5.0, 5.0, 50.0, 0, 0, 0), layer.symbols + [symbols[0]], [[x, y, z + 1] for x, y, z in positions],
                 (True, True, False))


def cluster(symbols):
    """Seven atoms in empty space."""
    positions = [[0, 0, 0], [2.2, .1, 0], [-.3, 2.3, .2], [.2, -.4, 2.25], [-2.1, .3, -.4], [1.3, 1.7, 1.5], [.3, -2, -.7]]
    shifted = [[v + 20 for v in r] for r in rattle(positions, 0.05, 7)]
    return Frame((40, 40, 40, 0, 0, 0), choose(7, symbols, 8), shifted, (False, False, False))
