# SPDX-License-Identifier: BSD-3-Clause
"""Potentials with descriptors other than the default one, from training to evaluation: symmetry functions, mode dscribe
with its warning, a learned mixing, units that the data do not state.

usage: test_trained_descriptors.py --programs FOLDER"""

import math
import random
import unittest

from programs import Frame, programs, read_frames, run_tests

CELL = [[5.1, 0, 0], [0, 5.1, 0], [0, 0, 5.1]]
SYMBOLS = ["Si", "C", "Si", "C"]
POSITIONS = [[0, 0, 0], [1.6, 1.6, 0.4], [2.6, 0.3, 2.4], [0.8, 3.2, 2.9]]


def pair_energy(positions, scale=1.0):
    """A smooth repulsion between all images, and its forces."""
    energy, forces = 0.0, [[0.0] * 3 for _ in positions]
    for i, a in enumerate(positions):
        for j, b in enumerate(positions):
            for image in [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)]:
                d = [b[k] + 5.1 * image[k] - a[k] for k in range(3)]
                r = math.sqrt(sum(x * x for x in d))
                if 0 < r < 5:
                    energy += 0.5 * scale * 20 * math.exp(-2 * r)
                    for k in range(3):
                        forces[i][k] -= scale * 40 * math.exp(-2 * r) * d[k] / r
    return energy, forces


def setUpModule():
    generator, text = random.Random(3), ""
    for _ in range(12):
        positions = [[x + generator.uniform(-0.3, 0.3) for x in p] for p in POSITIONS]
        energy, forces = pair_energy(positions)
        text += Frame(SYMBOLS, positions, CELL, energy, forces).text()
    programs.write("train.xyz", text)
    lines = [f'"* {kind}"' for kind in ["2 C 0.5 0 4.5", "2 Si 0.5 0 4.5", "2 C 2 2 4.5", "2 Si 2 2 4.5",
                                        "3 C Si 0.05 1 1 4.5", "3 Si Si 0.05 -1 1 4.5"]]
    programs.write("acsf.yaml", f"data: {{train: [train.xyz]}}\ndescriptors: [{{type: acsf, functions: [{', '.join(lines)}]}}]\n")


def train(*words):
    return programs.run("train", *words, "--model.n_sparse=20").stdout


class Trained(unittest.TestCase):
    def energy(self, potential, frame):
        programs.write("frame.xyz", frame.text())
        programs.run("eval", potential, "frame.xyz", "--predictions", "predicted.xyz")
        return float(read_frames(programs.read("predicted.xyz").decode())[0][0]["mlsoap_energy"])

    def test_symmetry_functions(self):
        """An atom that leaves takes nothing with it: the energy goes on to that of two atoms alone."""
        train("acsf.yaml", "-o", "acsf.mlsoap")
        config = programs.read("acsf.config.yaml").decode()
        self.assertIn("normalized: false", config)
        self.assertIn("constant: auto", config)
        programs.run("check", "acsf.mlsoap")
        alone = sum(self.energy("acsf.mlsoap", Frame([s], [[0, 0, 0]])) for s in ("Si", "C"))
        near = [self.energy("acsf.mlsoap", Frame(["Si", "C"], [[0, 0, 0], [r, 0, 0]])) - alone for r in (4.4999, 4.499, 4.49)]
        self.assertTrue(all(abs(x) <= 1e-3 for x in near) and abs(near[0]) <= 1e-6, near)
        self.assertNotIn("warning", programs.run("info", "acsf.mlsoap").stdout.split("provenance")[0])

    def test_hard_cutoff_warns(self):
        out = train("acsf.yaml", "-o", "hard.mlsoap", "--descriptors.0.cutoff.type=0")
        self.assertIn("warning (hard_cutoff): descriptor acsf has a hard cutoff (cutoff type 0)", out)
        self.assertIn("cannot drive molecular dynamics", programs.run("info", "hard.mlsoap").stdout)

    def test_mode_dscribe_warns(self):
        words = ["--descriptors.0.mode=dscribe", "--descriptors.0.r_cut=3.5", "--descriptors.0.n_max=3",
                 "--descriptors.0.l_max=2", "--descriptors.0.sigma=0.4"]
        out = train("train.xyz", "-o", "dscribe.mlsoap", *words)
        message = "(mode dscribe) has no cutoff function: energy and forces jump where an atom crosses 4.987 angstrom"
        self.assertIn("warning (hard_cutoff): descriptor soap " + message, out)
        self.assertIn(message, programs.run("info", "dscribe.mlsoap").stdout)
        self.assertIn(message, programs.read("dscribe.report.html").decode())
        programs.run("eval", "dscribe.mlsoap", "train.xyz")

    def test_learned_mixing(self):
        words = ["--descriptors.0.r_cut=4", "--descriptors.0.n_max=3", "--descriptors.0.l_max=2", "--descriptors.0.sigma=0.5",
                 "--descriptors.0.compression={type: mix, mixing: learned, channels: 2}", "--data.validation=0.3"]
        found = set()
        for threads in (1, 2):
            out = programs.run("train", "train.xyz", "-o", f"mix{threads}.mlsoap", "--model.n_sparse=20", *words,
                               threads=threads).stdout
            self.assertIn("mixing: fixed: energy", out)
            found.add(out[out.index("identity: "):].split()[1])
        self.assertEqual(len(found), 1)
        config = programs.read("mix1.config.yaml").decode()
        self.assertIn("matrix:", config)
        programs.run("describe", "mix1.mlsoap", "train.xyz", "-o", "mix.npy")
        self.assertNotIn("mixing: fixed", programs.run("train", "train.xyz", "-o", "dry.mlsoap", *words, "--dry-run").stdout)

    def test_units_that_no_bond_has(self):
        text, bohr = "", 0.529177210903
        for header, atoms in read_frames(programs.read("train.xyz").decode()):
            text += "begin\n" + "".join(f"lattice {' '.join(str(x / bohr) for x in row)}\n" for row in CELL)
            for row in atoms:
                numbers = [float(x) for x in row[1:]]
                text += f"atom {' '.join(str(x / bohr) for x in numbers[:3])} {row[0]} 0 0 {' '.join(str(x * bohr) for x in numbers[3:6])}\n"
            text += f"energy {header['energy']}\ncharge 0\nend\n"
        programs.write("bohr.data", text)
        done = programs.fails("train", "bohr.data", "-o", "never.mlsoap", message="data.units")
        for word in ["states no units", "angstrom", "length: bohr", "--allow units"]:
            self.assertIn(word, done.stderr)
        programs.run("train", "bohr.data", "-o", "never.mlsoap", "--dry-run", "--data.units.length=bohr")
        programs.run("train", "bohr.data", "-o", "never.mlsoap", "--dry-run", "--allow", "units")


if __name__ == "__main__":
    run_tests()
