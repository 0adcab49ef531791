# SPDX-License-Identifier: BSD-3-Clause
"""`mlsoap audit` as users run it: sound potentials pass what they must, faults that are planted are found.

usage: test_audit.py --programs FOLDER --make-potentials PROGRAM"""

import json
import math
import random
import unittest

from programs import Frame, programs, read_frames, run_tests

CELL = [[5.1, 0, 0], [0.7, 4.9, 0], [0.2, 0.4, 5.4]]
POSITIONS = [[0, 0, 0], [1.6, 1.2, 0.4], [0.3, 2.9, 2.2], [2.9, 0.2, 2.6], [4.1, 3.1, 1.0]]
LAWS = ["rotation", "permutation", "supercell", "forces", "virial"]


def shaken(seed, symbols, energy=None):
    generator = random.Random(seed)
    positions = [[x + generator.uniform(-0.2, 0.2) for x in p] for p in POSITIONS]
    return Frame(symbols, positions, CELL, energy)


def shells(seed, center):
    """20 atoms in vacuum with the energy exp(-4 (r - center)^2) of every pair."""
    generator, positions = random.Random(seed), []
    while len(positions) < 20:
        new = [generator.uniform(0, 7.5) for _ in range(3)]
        if all(math.dist(new, old) > 2 for old in positions):
            positions.append(new)
    energy, forces = 0, [[0, 0, 0] for _ in positions]
    for i, p in enumerate(positions):
        for q in positions[:i]:
            r = math.dist(p, q)
            e = math.exp(-4 * (r - center)**2)
            energy += e
            for x in range(3):
                force = 8 * (r - center) * e * (p[x] - q[x]) / r
                forces[i][x] += force
                forces[positions.index(q)][x] -= force
    return Frame(["Si"] * 20, positions, None, energy, forces)


class Audit(unittest.TestCase):
    def audit(self, *words, verdict):
        """Items by name; the exit code must go with the verdict."""
        done = programs.run("audit", *words, "--json", "audit.json", code=1 if verdict == "fail" else 0)
        with open(programs.path("audit.json"), encoding="utf-8") as file:
            report = json.load(file)
        self.assertEqual(report["verdict"], verdict, done.stdout)
        self.assertIn(f"verdict: {verdict}\n", done.stdout)
        for item in report["items"]:
            self.assertIn(item["verdict"], ["pass", "warn", "fail", "skipped"])
            if item["verdict"] == "pass":
                self.assertLessEqual(item["value"], item["limit"])
            self.assertIn(item["text"], done.stdout)
        return {item["name"]: item for item in report["items"]}

    def test_a_smooth_potential_obeys_the_laws(self):
        items = self.audit("two.mlsoap", verdict="fail")  # it is no physical one: cells collapse
        for name in LAWS + ["cutoff"]:
            self.assertEqual(items[name]["verdict"], "pass", name)
        self.assertLess(items["rotation"]["value"], 0.01)
        self.assertEqual(items["compression"]["verdict"], "fail")
        self.assertEqual(items["aliasing"]["verdict"], "skipped")

    def test_a_potential_that_jumps_at_its_cutoff(self):
        items = self.audit("hard.mlsoap", verdict="fail")
        self.assertEqual(items["cutoff"]["verdict"], "fail")
        self.assertEqual(items["dynamics"]["verdict"], "skipped")
        for name in ["rotation", "permutation", "supercell"]:
            self.assertEqual(items[name]["verdict"], "pass", name)

    def test_centers_that_know_the_cell_break_supercells(self):
        items = self.audit("midpoint.mlsoap", verdict="fail")
        self.assertEqual(items["supercell"]["verdict"], "fail")
        self.assertEqual(items["rotation"]["verdict"], "pass")

    def test_structures_that_the_descriptor_cannot_tell_apart(self):
        """Two dimers in vacuum beyond the cutoff of each other, at two distances, with energies that differ."""
        def dimers(distance, energy):
            positions = [[0, 0, 0], [2.2, 0, 0], [0, distance, 0], [2.2, distance, 0]]
            return Frame(["Si"] * 4, positions, None, energy)

        frames = [shaken(i, ["Si"] * 5) for i in range(9)] + [dimers(8, None), dimers(11, None)]
        programs.write("frames.xyz", "".join(f.text() for f in frames))
        programs.run("eval", "one.mlsoap", "frames.xyz", "--predictions", "predicted.xyz")
        for frame, (header, _) in zip(frames, read_frames(programs.read("predicted.xyz").decode())):
            frame.energy = float(header["mlsoap_energy"])
        programs.write("honest.xyz", "".join(f.text() for f in frames))
        items = self.audit("one.mlsoap", "honest.xyz", verdict="fail")
        self.assertEqual(items["aliasing"]["verdict"], "pass")
        frames[-1].energy += 1
        programs.write("aliased.xyz", "".join(f.text() for f in frames))
        items = self.audit("one.mlsoap", "aliased.xyz", verdict="fail")
        self.assertEqual([items["aliasing"]["verdict"], items["aliasing"]["value"]], ["fail", 1])
        self.assertIn("250.0 meV/atom apart, ", items["aliasing"]["text"])

    def test_forces_from_beyond_the_cutoff(self):
        """Pairs that push each other at 3 Angstrom, or at 5.4, where a potential of 4.5 Angstrom is blind."""
        for center, verdict in [(3.0, "pass"), (5.4, "warn")]:
            programs.write("pairs.xyz", "".join(shells(seed, center).text() for seed in range(24)))
            item = self.audit("one.mlsoap", "pairs.xyz", verdict="fail")["cutoff scan"]
            self.assertEqual(item["verdict"], verdict, item)
            self.assertIn("at the cutoff of 4.50 angstrom", item["text"])

    def test_page(self):
        programs.run("audit", "two.mlsoap", "--html", "audit.html", code=1)
        page = programs.read("audit.html").decode()
        for word in ["two.mlsoap: audit", "supercell", "</html>"]:
            self.assertIn(word, page)
        for word in ["http://", "https://", "<script", "src="]:
            self.assertNotIn(word, page.replace("http://www.w3.org", ""))

    def test_bad_requests(self):
        programs.write("gold.xyz", Frame(["Au", "Au"], [[0, 0, 0], [2.5, 0, 0]]).text())
        programs.fails("audit", "two.mlsoap", "gold.xyz", message="Au")
        programs.fails("audit", "missing.mlsoap", message="missing.mlsoap")
        programs.fails("audit", message="too few arguments", code=2)
        self.assertIn("usage: mlsoap audit", programs.run("audit", "--help").stdout)


if __name__ == "__main__":
    run_tests(potentials=True)
