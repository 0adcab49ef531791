# SPDX-License-Identifier: BSD-3-Clause
"""Rows of structures as users get them: averages, pooling, matrices and kernels of `mlsoap describe`, and `mlsoap
select`; every number worked out again from the rows of the centers.

usage: test_structures.py --programs FOLDER"""

import math
import os
import random
import unittest

from numpy_files import read_npy, read_npz
from programs import Frame, programs, read_frames, run_tests

CELL = [[5.1, 0, 0], [0.7, 4.9, 0], [0.2, 0.4, 5.4]]
SYMBOLS = ["Si", "C", "Si", "C", "Si"]
POSITIONS = [[0, 0, 0], [1.6, 1.2, 0.4], [0.3, 2.9, 2.2], [2.9, 0.2, 2.6], [4.1, 3.1, 1.0]]
SOAP = "r_cut: 4.0, n_max: 3, l_max: 2, sigma: 0.5"
N_FRAMES = 7


def shaken(seed):
    """The positions, each moved a little; the same for the same seed."""
    generator = random.Random(seed)
    return [[x + generator.uniform(-0.25, 0.25) for x in p] for p in POSITIONS]


def frames():
    return [Frame(SYMBOLS, shaken(i), CELL, energy=-10.0 - i, config_type=f"kind{i}") for i in range(N_FRAMES)]


def setUpModule():
    programs.write("data.xyz", "".join(f.text() for f in frames()))
    programs.write("one.xyz", frames()[0].text())
    for name, extra in [("soap", ""), ("outer", ", average: outer"), ("inner", ", average: inner"),
                        ("sum", ", pooling: {type: sum}"), ("max", ", pooling: {type: max}"),
                        ("species", ", pooling: {type: mean, per_species: true}"),
                        ("histogram", ", pooling: {type: histogram, bins: 4}"), ("unit", ", normalize: true")]:
        programs.write(f"{name}.yaml", f"descriptors:\n  - {{{SOAP}{extra}}}\n")
    for name in ["coulomb_matrix", "sine_matrix", "ewald_sum_matrix"]:
        programs.write(f"{name}.yaml", f"descriptors: [{{type: {name}, n_atoms_max: 6}}]\n")


def describe(name, *options, data="data.xyz"):
    """Rows as lists of numbers."""
    programs.run("describe", f"{name}.yaml", data, "-o", "rows.npy", *options)
    array = read_npy(programs.path("rows.npy"))
    n = array.shape[1]
    return [list(array.numbers[i * n:(i + 1) * n]) for i in range(array.shape[0])]


def unit(row):
    length = math.sqrt(sum(x * x for x in row))
    return [x / length for x in row]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


class Rows(unittest.TestCase):
    def check(self, found, expected, tolerance=1e-13):
        self.assertEqual([len(r) for r in found], [len(r) for r in expected])
        scale = max(abs(x) for r in expected for x in r)
        for a, b in zip(found, expected):
            for x, y in zip(a, b):
                self.assertTrue(abs(x - y) <= tolerance * scale, (x, y))

    def test_pooling(self):
        rows = describe("soap")
        by_frame = [rows[5 * i:5 * i + 5] for i in range(N_FRAMES)]
        columns = [list(zip(*block)) for block in by_frame]
        self.check(describe("outer"), [[sum(c) / 5 for c in block] for block in columns])
        self.check(describe("sum"), [[sum(c) for c in block] for block in columns])
        self.check(describe("max"), [[max(c) for c in block] for block in columns])
        self.check(describe("species"), [[(c[1] + c[3]) / 2 for c in block] + [(c[0] + c[2] + c[4]) / 3 for c in block]
                                         for block in columns])

    def test_histogram_of_the_range_of_the_data(self):
        rows = describe("soap")
        found = describe("histogram", "--names", "names.txt")
        n = len(rows[0])
        self.assertEqual({len(r) for r in found}, {4 * n})
        for f in range(n):
            values = [r[f] for r in rows]
            low, high = min(values), max(values)
            for i in range(N_FRAMES):
                counts = [0] * 4
                for x in values[5 * i:5 * i + 5]:
                    counts[min(3, int(4 * (x - low) / (high - low)))] += 0.2
                for a, b in zip(found[i][4 * f:4 * f + 4], counts):
                    self.assertTrue(abs(a - b) <= 1e-13, (f, i))
        names = programs.read("names.txt").decode().splitlines()
        self.assertEqual(len(set(names)), 4 * n)
        self.assertIn("C-C n1 n1 l0 in [", names[0])

    def test_inner_average_of_one_center_is_its_row(self):
        self.check(describe("inner", "--centers", "atoms:2", data="one.xyz"),
                   describe("soap", "--centers", "atoms:2", data="one.xyz"), 1e-14)

    def test_derivatives(self):
        for name in ["outer", "inner", "sum", "species"]:
            step = 1e-5
            row = describe(name, "--derivatives", "d.npy", data="one.xyz")[0]
            dense = read_npy(programs.path("d.npy"))
            self.assertEqual(dense.shape, (1, 5, 3, len(row)))
            scale = max(map(abs, dense.numbers))
            for atom, axis in [(0, 0), (3, 2)]:
                values = []
                for sign in (1, -1):
                    positions = shaken(0)
                    positions[atom][axis] += sign * step
                    programs.write("moved.xyz", Frame(SYMBOLS, positions, CELL).text())
                    values.append(describe(name, data="moved.xyz")[0])
                for up, down, slope in zip(*values, dense[0, atom, axis].numbers):
                    self.assertTrue(abs((up - down) / (2 * step) - slope) <= 1e-6 * scale, (name, atom, axis))
            describe(name, "--derivatives", "s.npz", "--derivatives-format", "sparse", data="one.xyz")
            sparse = read_npz(programs.path("s.npz"))
            self.assertEqual(set(sparse["row"].numbers), {0})
            sums, block = [0.0] * len(dense.numbers), 3 * len(row)
            for k, atom in enumerate(sparse["atom"].numbers):
                for i, x in enumerate(sparse["values"][k].numbers):
                    sums[atom * block + i] += x
            self.assertTrue(max(abs(a - b) for a, b in zip(sums, dense.numbers)) <= 1e-12 * scale, name)
        for name in ["max", "histogram", "coulomb_matrix"]:
            programs.fails("describe", f"{name}.yaml", "one.xyz", "-o", "never.npy", "--derivatives", "never_d.npy",
                           message="not defined")
        self.assertFalse(os.path.exists(programs.path("never.npy")))

    def test_matrices(self):
        for name in ["coulomb_matrix", "sine_matrix", "ewald_sum_matrix"]:
            rows = describe(name, "--names", "names.txt")
            self.assertEqual([len(r) for r in rows], [36] * N_FRAMES)
            self.assertEqual(programs.read("names.txt").decode().splitlines()[7], "M 2 2")
            for row in rows:
                self.assertEqual(row[30:], [0] * 6)
                self.assertEqual(row[1], row[6])
        charges, here = {"Si": 14, "C": 6}, shaken(0)
        row = describe("coulomb_matrix", "--descriptors.0.permutation=none", data="one.xyz")[0]
        for i in range(5):
            self.assertTrue(abs(row[7 * i] - 0.5 * charges[SYMBOLS[i]] ** 2.4) <= 1e-12 * row[7 * i])
        self.assertTrue(abs(row[1] - 14 * 6 / math.dist(here[0], here[1])) <= 1e-12 * row[1])
        spectrum = describe("coulomb_matrix", "--descriptors.0.permutation=eigenspectrum", data="one.xyz")[0]
        self.assertTrue(abs(sum(spectrum) - sum(row[7 * i] for i in range(5))) <= 1e-10 * spectrum[0])
        random_rows = [describe("coulomb_matrix", f"--descriptors.0.permutation={{type: random, sigma: 60, seed: {s}}}")
                       for s in (1, 1, 2)]
        self.assertEqual(random_rows[0], random_rows[1])
        self.assertNotEqual(random_rows[0], random_rows[2])

    def test_kernel(self):
        rows = [unit(r) for r in describe("soap", "--kernel", "K.npy", "--kernel-zeta", "3")]
        K = read_npy(programs.path("K.npy"))
        self.assertEqual(K.shape, (N_FRAMES, N_FRAMES))

        def plain(a, b):
            return sum(dot(x, y) ** 3 for x in rows[5 * a:5 * a + 5] for y in rows[5 * b:5 * b + 5])
        for a, b in [(0, 0), (0, 3), (6, 2)]:
            self.assertTrue(abs(K[a, b] - plain(a, b) / math.sqrt(plain(a, a) * plain(b, b))) <= 1e-12)
        programs.fails("describe", "outer.yaml", "data.xyz", "-o", "k.npy", "--kernel", "never.npy",
                       message="one row per structure")
        for options in [["--kernel", "K.txt"], ["--kernel-zeta", "2"], ["--kernel", "K.npy", "--kernel-zeta", "0"]]:
            programs.fails("describe", "soap.yaml", "data.xyz", "-o", "k.npy", *options, message="kernel", code=2)

    def test_threads_do_not_matter(self):
        for name in ["outer", "inner", "species"]:
            found = set()
            for threads in (1, 2, 3):
                programs.run("describe", f"{name}.yaml", "data.xyz", "-o", "t.npy", "--derivatives", "t.npz",
                             "--derivatives-format", "sparse", threads=threads)
                found.add((programs.read("t.npy"), programs.read("t.npz")))
            self.assertEqual(len(found), 1, name)

    def test_bad_input(self):
        for text, message in [
                (f"descriptors: [{{{SOAP}, average: inner, pooling: {{type: sum}}}}]\n", "makes no sense beside"),
                (f"descriptors: [{{{SOAP}, average: outer}}, {{{SOAP}}}]\n", "one row per center"),
                (f"descriptors: [{{{SOAP}, pooling: {{type: median}}}}]\n", "descriptors.0.pooling.type"),
                ("descriptors: [{type: coulomb_matrix, n_atoms_max: 4}]\n", "frame 0 (line 1): 5 atoms are more than"),
                ("descriptors: [{type: coulomb_matrix}]\n", "n_atoms_max: missing"),
                ("descriptors: [{type: coulomb_matrix, n_atoms_max: 9, permutation: random}]\n", "needs the width"),
                ("elements: [Si]\ndescriptors: [{type: sine_matrix, n_atoms_max: 9}]\n", "atom 1 is C")]:
            programs.write("bad.yaml", text)
            programs.fails("describe", "bad.yaml", "data.xyz", "-o", "never.npy", message=message)
        programs.write("free.xyz", Frame(SYMBOLS, POSITIONS).text())
        programs.fails("describe", "ewald_sum_matrix.yaml", "free.xyz", "-o", "never.npy", message="three directions")
        programs.fails("describe", "sine_matrix.yaml", "one.xyz", "-o", "never.npy", "--centers", "atoms:0",
                       message="they describe whole structures")
        self.assertFalse(os.path.exists(programs.path("never.npy")))

    def test_potentials_refuse_them(self):
        programs.write("train.yaml", f"data: {{train: [data.xyz]}}\ndescriptors:\n  - {{{SOAP}, average: outer}}\n")
        programs.fails("train", "train.yaml", "-o", "never.mlsoap", "--loss.forces=0", message="mlsoap describe")
        programs.write("train.yaml", "data: {train: [data.xyz]}\ndescriptors: [{type: sine_matrix, n_atoms_max: 5}]\n")
        programs.fails("train", "train.yaml", "-o", "never.mlsoap", "--loss.forces=0", message="mlsoap describe")


class Select(unittest.TestCase):
    def farthest(self, rows, n):
        chosen = [0]
        while len(chosen) < n:
            nearest = [min(sum((x - y) ** 2 for x, y in zip(r, rows[c])) for c in chosen) for r in rows]
            chosen.append(nearest.index(max(nearest)))
        return chosen

    def select(self, *words, name="soap"):
        return programs.run("select", f"{name}.yaml", "data.xyz", *words).stdout

    def test_structures(self):
        expected = self.farthest([unit(r) for r in describe("outer")], 4)
        for name in ["soap", "outer"]:  # the mean is taken where nothing else is asked for
            out = self.select("--method", "fps", "--level", "structure", "-n", "4", "-o", "s.txt", name=name)
            self.assertEqual(programs.read("s.txt").decode().split(), [str(i) for i in expected])
        self.assertIn("s.txt: 4 of 7 structures", out)
        self.select("--method", "fps", "--level", "structure", "-n", "4", "-o", "s.xyz")
        headers = [header for header, _ in read_frames(programs.read("s.xyz").decode())]
        self.assertEqual([h["config_type"] for h in headers], [f"kind{i}" for i in expected])
        self.assertEqual([float(h["energy"]) for h in headers], [-10.0 - i for i in expected])

    def test_environments(self):
        rows = [unit(r) for r in describe("soap")]
        lines = []
        for atoms in ([1, 3], [0, 2, 4]):  # C, Si
            places = [(i, k) for i in range(N_FRAMES) for k in atoms]
            lines += ["%d %d" % places[c] for c in self.farthest([rows[5 * i + k] for i, k in places], 3)]
        out = self.select("--method", "fps", "--level", "environment", "-n", "3", "-o", "e.txt")
        self.assertEqual(programs.read("e.txt").decode().splitlines(), lines)
        self.assertIn("3 of 14 environments of C", out)
        self.assertIn("3 of 21 environments of Si", out)
        self.select("--method", "cur", "--level", "environment", "-n", "3", "-o", "c.xyz")
        self.assertIn(len(read_frames(programs.read("c.xyz").decode())), range(1, 7))

    def test_cur_and_threads(self):
        found = set()
        for threads in (1, 2, 3):
            programs.run("select", "soap.yaml", "data.xyz", "--method", "cur", "--level", "structure", "-n", "5", "-o",
                         "t.txt", threads=threads)
            found.add(programs.read("t.txt"))
        self.assertEqual(len(found), 1)
        self.assertEqual(len(set(found.pop().split())), 5)

    def test_with_a_bispectrum(self):
        """describe and select take its channels and scale from the data; rows have the power spectrum, then the block."""
        block = "--descriptors.0.bispectrum={channels: 2, l_max: 2}"
        rows, plain = describe("soap", block, "--names", "names.txt"), describe("soap")
        names = programs.read("names.txt").decode().splitlines()
        self.assertEqual(len(names), len(rows[0]))
        self.assertGreater(len(names), len(plain[0]))
        for found, expected in zip(rows, plain):
            self.assertEqual(found[:len(expected)], expected)
        self.assertTrue(all(map(math.isfinite, rows[0])))
        expected = self.farthest([unit([sum(c) / 5 for c in zip(*rows[5 * i:5 * i + 5])]) for i in range(N_FRAMES)], 4)
        self.select("--method", "fps", "--level", "structure", "-n", "4", "-o", "b.txt", block)
        self.assertEqual(programs.read("b.txt").decode().split(), [str(i) for i in expected])
        programs.fails("describe", "soap.yaml", "one.xyz", "-o", "never.npy", block, "--descriptors.0.average=inner",
                       message="inner is not defined for a bispectrum; use outer")
        programs.fails("describe", "soap.yaml", "one.xyz", "-o", "never.npy",
                       "--descriptors.0.bispectrum={channels: 9}", message="bispectrum")

    def test_learned_mixing_needs_training(self):
        programs.fails("describe", "soap.yaml", "one.xyz", "-o", "never.npy",
                       "--descriptors.0.compression={type: mix, mixing: learned}",
                       message="mlsoap train")

    def test_fewer_than_asked_for(self):
        programs.write("repeat.xyz", "".join(f.text() for f in frames()[:2] * 2))
        done = programs.run("select", "soap.yaml", "repeat.xyz", "--method", "fps", "--level", "structure", "-n", "3",
                            "-o", "r.txt")
        self.assertEqual(programs.read("r.txt").decode().split(), ["0", "1"])
        self.assertIn("only 2 of the 3 structures asked for: the others repeat them", done.stderr)
        done = programs.run("select", "soap.yaml", "one.xyz", "--method", "fps", "--level", "structure", "-n", "3",
                            "-o", "r.txt")
        self.assertIn("there are no more", done.stderr)

    def test_usage_and_bad_input(self):
        good = {"--method": "fps", "--level": "structure", "-n": "2", "-o": "never.txt"}
        for option, value in [("--method", "pca"), ("--level", "atom"), ("-n", "0"), ("-n", "x"), ("-o", "never.npy"),
                              ("--method", None), ("--level", None), ("-n", None), ("-o", None)]:
            changed = {**good, option: value}
            words = [w for pair in changed.items() if pair[1] for w in pair]
            programs.fails("select", "soap.yaml", "data.xyz", *words, message="required", code=2)
        words = [w for pair in good.items() for w in pair]
        programs.fails("select", "soap.yaml", "-", *words, message="standard input", code=2)
        programs.fails("select", "missing.yaml", "data.xyz", *words, message="missing.yaml")
        programs.fails("select", "soap.yaml", "missing.xyz", *words, message="missing.xyz")
        good["--level"] = "environment"
        words = [w for pair in good.items() for w in pair]
        programs.fails("select", "outer.yaml", "data.xyz", *words, message="one row per structure")
        programs.fails("select", "soap.yaml", "data.xyz", *words, "--descriptors.0.centers=midpoint",
                       message="centers are points")
        self.assertFalse(os.path.exists(programs.path("never.txt")))

    def test_help_has_an_example(self):
        done = programs.run("select", "--help")
        self.assertIn("example:\n  mlsoap select", done.stdout)
        self.assertLess(max(map(len, done.stdout.splitlines())), 141)


if __name__ == "__main__":
    run_tests()
