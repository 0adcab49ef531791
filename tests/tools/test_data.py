# SPDX-License-Identifier: BSD-3-Clause
"""`mlsoap data` as users run it: conversion between formats, and what the doctor finds in files with known faults.

usage: test_data.py --programs FOLDER"""

import argparse
import gzip
import os
import pathlib
import random
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import vasp_files  # noqa: E402
from programs import Frame, Programs, read_frames  # noqa: E402

KBAR = vasp_files.KBAR
CELL = [[5.1, 0, 0], [0.7, 4.9, 0], [0.2, 0.4, 5.4]]
SYMBOLS = ["Si", "Si", "Si", "O", "O"]
POSITIONS = [[0, 0, 0], [1.6, 1.2, 0.4], [0.3, 2.9, 2.2], [2.9, 0.2, 2.6], [4.1, 3.1, 1.0]]
programs = None


def sample_steps(n=2):
    """Ionic steps whose numbers fit the columns of VASP without rounding."""
    generator = random.Random(1)
    steps = []
    for i in range(n):
        positions = [[round(x + generator.uniform(-0.2, 0.2), 5) for x in p] for p in POSITIONS]
        forces = [[round(generator.uniform(-2, 2), 6) for _ in range(3)] for _ in POSITIONS]
        s = [round(generator.uniform(-90, 90), 5) for _ in range(6)]
        stress = [[s[0], s[3], s[4]], [s[3], s[1], s[5]], [s[4], s[5], s[2]]]
        steps.append(vasp_files.Step(CELL, positions, forces, stress, -20.5 - i))
    return steps


def frames_of(steps):
    """The same as extxyz: W = stress * volume, positive under compression."""
    frames = []
    for step in steps:
        virial = [x * step.volume() / KBAR for row in step.stress for x in row]
        frames.append(Frame(SYMBOLS, step.positions, step.cell, step.energy, step.forces, virial))
    return frames


class Convert(unittest.TestCase):
    def convert(self, *words, **options):
        done = programs.run("data", "convert", *words, "-o", "out.xyz", **options)
        return read_frames(programs.read("out.xyz").decode()), done

    def assert_same_frames(self, found, expected, tolerance):
        self.assertEqual(len(found), len(expected))
        for (header, atoms), frame in zip(found, expected):
            self.assertAlmostEqual(float(header["energy"]), frame.energy, delta=1e-12)
            for a, b in zip(header["virial"].split(), frame.virial):
                self.assertAlmostEqual(float(a), b, delta=1e-9)
            for atom, symbol, position, force in zip(atoms, frame.symbols, frame.positions, frame.forces):
                self.assertEqual(atom[0], symbol)
                for a, b in zip(atom[1:], [*position, *force]):
                    self.assertAlmostEqual(float(a), b, delta=tolerance)

    def test_vasp_gives_the_frames_of_the_extxyz(self):
        steps = sample_steps()
        programs.write("OUTCAR", vasp_files.outcar(SYMBOLS, steps))
        programs.write("run.vasprun.xml", vasp_files.vasprun(SYMBOLS, steps))
        programs.write("packed", gzip.compress(vasp_files.outcar(SYMBOLS, steps).encode()))  # by content, not by name
        programs.write("expected.xyz", "".join(f.text() for f in frames_of(steps)))
        for name, tolerance in [("OUTCAR", 1e-12), ("run.vasprun.xml", 1e-7), ("packed", 1e-12), ("expected.xyz", 0)]:
            frames, done = self.convert(name)
            self.assertEqual(done.stderr, "")
            self.assert_same_frames(frames, frames_of(steps), tolerance)

    def test_warns_of_steps_that_did_not_converge(self):
        steps = sample_steps(3)
        steps[1].n_scf = 60
        for name, text in [("OUTCAR", vasp_files.outcar(SYMBOLS, steps)),
                           ("vasprun.xml", vasp_files.vasprun(SYMBOLS, steps))]:
            programs.write(name, text)
            frames, done = self.convert(name)
            self.assertEqual(len(frames), 3)
            self.assertIn("1 ionic steps did not converge", done.stdout)

    def test_says_what_is_lost(self):
        frame = frames_of(sample_steps(1))[0]
        frame.config_type = "bulk"
        text = frame.text().replace("energy=", "magmom=1 total_charge=0 my_energy=3 energy=")
        programs.write("rich.xyz", text)
        frames, done = self.convert("rich.xyz")
        self.assertEqual(frames[0][0]["config_type"], "bulk")
        for key in ["magmom", "total_charge"]:
            self.assertIn(f"`{key}` is not written", done.stderr)
        self.assertIn("`my_energy` looks like a target", done.stderr)
        done = programs.run("data", "convert", "rich.xyz", "-o", "input.data")
        self.assertIn("no place for the virials of 1 frames", done.stderr)
        self.assertIn("no place for the config_type of 1 frames", done.stderr)
        self.assertNotIn("energies", done.stderr)
        done = programs.run("data", "convert", "rich.xyz", "-o", "POSCAR")
        for what in ["energies", "forces", "virials"]:
            self.assertIn(f"no place for the {what} of 1 frames", done.stderr)

    def test_there_and_back(self):
        frame = frames_of(sample_steps(1))[0]
        frame.virial = None
        programs.write("start.xyz", frame.text())
        programs.run("data", "convert", "start.xyz", "-o", "a.input.data")
        frames, done = self.convert("a.input.data")
        self.assertEqual(done.stderr, "")
        self.assertEqual([float(x) for x in frames[0][1][1][1:]], [*frame.positions[1], *frame.forces[1]])
        self.assertEqual(float(frames[0][0]["energy"]), frame.energy)
        frames, _ = self.convert("a.input.data", "--data.units.length=bohr", "--data.units.energy=hartree")
        self.assertAlmostEqual(float(frames[0][0]["energy"]), frame.energy * 27.211386245988, delta=1e-9)
        programs.run("data", "convert", "start.xyz", "-o", "b.vasp")
        frames, _ = self.convert("b.vasp")
        self.assertEqual([float(x) for x in frames[0][1][1][1:4]], frame.positions[1])

    def test_bad_requests(self):
        programs.write("two.xyz", "".join(f.text() for f in frames_of(sample_steps())))
        programs.fails("data", "convert", "two.xyz", message="-o OUT is required", code=2)
        programs.fails("data", "convert", "two.xyz", "-o", "x.xyz.gz", message="write without .gz", code=2)
        programs.fails("data", "convert", "two.xyz", "-o", "POSCAR", message="a POSCAR holds one frame")
        programs.fails("data", "convert", "two.xyz", "-o", "OUTCAR", message="can only be read")
        programs.fails("data", "convert", "-", "-o", "x.xyz", message="standard input")
        programs.fails("data", "convert", "two.xyz", "-o", "x.xyz", "--seed=3", message="takes only --data.keys")
        programs.fails("data", "convrt", "two.xyz", message="did you mean `convert`?", code=2)
        self.assertFalse(os.path.exists(programs.path("x.xyz")))


def main():
    global programs
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as scratch:
        programs = Programs(os.path.abspath(options.programs), scratch)
        unittest.main(argv=["test_data.py", *rest])


if __name__ == "__main__":
    main()
