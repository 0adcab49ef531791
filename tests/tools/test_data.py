# SPDX-License-Identifier: BSD-3-Clause
"""`mlsoap data` as users run it: conversion between formats, and what the doctor finds in files with known faults.

usage: test_data.py --programs FOLDER"""

import copy
import gzip
import json
import os
import pathlib
import random
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import vasp_files  # noqa: E402
from programs import Frame, programs, read_frames, run_tests, warnings_of  # noqa: E402

KBAR = vasp_files.KBAR
CELL = [[5.1, 0, 0], [0.7, 4.9, 0], [0.2, 0.4, 5.4]]
SYMBOLS = ["Si", "Si", "Si", "O", "O"]
POSITIONS = [[0, 0, 0], [1.6, 1.2, 0.4], [0.3, 2.9, 2.2], [2.9, 0.2, 2.6], [4.1, 3.1, 1.0]]


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
            self.assertEqual(warnings_of(done), [])
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
        self.assertEqual(warnings_of(done), [])
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


# ---------------------------------------------------------------------------------------------------------- doctor

HARTREE, BOHR = 27.211386, 0.529177
SILICON = pathlib.Path(__file__).resolve().parents[2] / "examples" / "data" / "si_zuo2020"


def volume_of(frame):
    return vasp_files.Step(frame.cell, [], [], None, 0).volume()


def silicon(name="train.xyz", every=8):
    """Frames of the example: all of Elastic, which holds pairs of near frames, and a part of the others."""
    frames = []
    for i, (header, atoms) in enumerate(read_frames((SILICON / name).read_text())):
        kind = header["config_type"]
        if kind != "Elastic" and i % every:
            continue
        lattice = [float(x) for x in header["Lattice"].split()]
        numbers = [[float(x) for x in atom[1:7]] for atom in atoms]
        frames.append(Frame([atom[0] for atom in atoms], [x[:3] for x in numbers], [lattice[0:3], lattice[3:6],
                                                                                  lattice[6:9]],
                            float(header["energy"]), [x[3:] for x in numbers],
                            [float(x) for x in header["virial"].split()], kind))
    return frames


def stress_text(frame, factor, order=(0, 4, 8, 5, 2, 1)):
    return 'stress="' + " ".join(repr(factor * frame.virial[k] / volume_of(frame)) for k in order) + '"'


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.frames = silicon()

    def check(self, *words, code=0, **options):
        programs.run("data", "check", *words, "--json", "check.json", code=code, **options)
        with open(programs.path("check.json"), encoding="utf-8") as file:
            report = json.load(file)
        return report, {f["name"]: f for f in report["findings"]}

    def check_changed(self, change, code=1, text=lambda f: f.text()):
        frames = copy.deepcopy(self.frames)
        for frame in frames:
            change(frame)
        programs.write("changed.xyz", "".join(text(f) for f in frames))
        return self.check("changed.xyz", code=code)

    def check_stress(self, factor, order=(0, 4, 8, 5, 2, 1), code=1):
        def text(frame):
            bare = Frame(frame.symbols, frame.positions, frame.cell, frame.energy, frame.forces, None, frame.config_type)
            return bare.text().replace("energy=", stress_text(frame, factor, order) + " energy=", 1)
        return self.check_changed(lambda f: None, code, text)

    def test_good_data_have_no_errors(self):
        report, findings = self.check_changed(lambda f: None, code=0)
        self.assertEqual(report["errors"], 0)
        self.assertEqual(set(findings), {"equivalents"})
        probe = report["consistency"]["probe"]
        for key, tolerance in [("energy", 0.3), ("virial_off_diagonal", 0.15)]:
            self.assertLess(abs(probe[key]["slope"] - 1), tolerance)
            self.assertGreater(probe[key]["correlation"], 0.98)
        pairs = {(p["config_type"], p["kind"]): p for p in report["consistency"]["near_frames"]}
        for kind in ["stretched", "sheared"]:
            self.assertLess(abs(pairs["Elastic", kind]["slope"] - 1), 0.05)
        elastic = next(t for t in report["config_types"] if t["name"] == "Elastic")
        self.assertEqual([elastic["frames"], elastic["energies"], elastic["virials"]], [55, 55, 55])
        self.assertEqual(elastic["force_components"], 3 * elastic["atoms"])
        report, findings = self.check_stress(-1, code=0)
        self.assertEqual(set(findings), {"equivalents"})
        self.assertEqual(report["files"][0]["targets"]["virial"]["key"], "stress")

    def test_virials(self):
        def opposite(frame):
            frame.virial = [-x for x in frame.virial]

        def as_virial(frame):
            frame.virial = [x / volume_of(frame) for x in frame.virial]

        for found, words in [(self.check_changed(opposite), ["-0.9", "sign is wrong"]),
                             (self.check_stress(-KBAR), ["kbar", "1602"]),
                             (self.check_stress(KBAR), ["kbar", "sign is wrong"]),
                             (self.check_stress(-KBAR / 10), ["GPa"]),
                             (self.check_changed(as_virial), ["given as virial"]),
                             (self.check_stress(-1, (0, 4, 8, 1, 5, 2)), ["another order", "stand xz yz xy"]),
                             (self.check_stress(-1, (0, 4, 8, 1, 2, 5)), ["another order", "stand yz xz xy"])]:
            self.assertEqual([f["name"] for f in found[0]["findings"] if f["severity"] == "error"], ["virial"])
            for word in words:
                self.assertIn(word, found[1]["virial"]["text"])

    def test_units(self):
        def scale(energy=1.0, force=1.0, length=1.0):
            def change(frame):
                frame.energy *= energy
                frame.forces = [[x * force for x in f] for f in frame.forces]
                frame.positions = [[x * length for x in p] for p in frame.positions]
                frame.cell = [[x * length for x in row] for row in frame.cell]
                frame.virial = [x * energy for x in frame.virial] if length != 1 else frame.virial
            return change

        def per_atom(frame):
            frame.energy /= len(frame.symbols)

        for change, word in [(scale(1 / HARTREE, BOHR / HARTREE, 1 / BOHR), "bohr"),
                             (scale(energy=1 / HARTREE), "energies in hartree"),
                             (scale(energy=23.060549), "kcal/mol"),
                             (scale(force=BOHR / HARTREE), "forces in hartree/bohr"),
                             (scale(force=-1), "sign of the forces"), (per_atom, "per atom")]:
            report, findings = self.check_changed(change)
            self.assertEqual([f["name"] for f in report["findings"] if f["severity"] == "error"], ["units"], word)
            self.assertIn(word, findings["units"]["text"])

    def test_a_group_that_contradicts_itself_is_a_warning(self):
        def flip_shear(frame):
            if frame.config_type == "Elastic":
                frame.virial = [x if k in (0, 4, 8) else -x for k, x in enumerate(frame.virial)]

        frames = silicon(every=1)
        for frame in frames:
            flip_shear(frame)
        programs.write("shear.xyz", "".join(f.text() for f in frames))
        report, findings = self.check("shear.xyz")
        self.assertEqual(report["errors"], 0)
        self.assertIn("config_type Elastic", findings["near_frames"]["text"])
        self.assertIn("sheared", findings["near_frames"]["text"])
        self.assertIn("off-diagonal", findings["virial_group"]["text"])

    def test_wrong_key_of_forces(self):
        report, findings = self.check_changed(lambda f: None, text=lambda f: f.text().replace(":forces:", ":my_forces:"))
        self.assertEqual(report["errors"], 2)
        self.assertIn("`my_forces`", findings["unused_target"]["text"])
        self.assertIn("no forces", findings["no_forces"]["text"])
        programs.run("data", "check", "changed.xyz", "--data.keys.forces=my_forces")
        programs.run("data", "check", "changed.xyz", "--allow", "no_forces", "--allow", "unused_target")

    def test_test_frames_that_are_in_the_training_data(self):
        report, findings = self.check(SILICON / "train.xyz", "--test", SILICON / "test.xyz")
        self.assertEqual(report["errors"], 0)
        self.assertEqual(findings["symmetry_equivalent"]["count"], 3)  # as its README says
        moved = copy.deepcopy(self.frames[3])
        moved.positions = [[p[k] + moved.cell[1][k] for k in range(3)] for p in moved.positions]
        programs.write("train.xyz", "".join(f.text() for f in self.frames))
        programs.write("moved.xyz", moved.text())
        report, findings = self.check("train.xyz", "--test", "moved.xyz", code=1)
        self.assertEqual(findings["train_test"]["count"], 1)

    def test_repeats_net_forces_and_contradictions(self):
        frames = copy.deepcopy(self.frames)
        repeat = copy.deepcopy(frames[0])
        repeat.energy += 1
        frames[1].forces[0][0] += 3
        programs.write("odd.xyz", "".join(f.text() for f in frames + [repeat]))
        _, findings = self.check("odd.xyz")
        for name in ["repeats", "contradiction", "net_force"]:
            self.assertEqual(findings[name]["count"], 1)

    def test_virials_that_forces_refute_across_a_vacuum(self):
        frames = silicon(every=2)
        slabs = [f for f in frames if f.config_type == "Surface"]
        programs.write("slabs.xyz", "".join(f.text() for f in frames))
        self.assertNotIn("vacuum_virial", self.check("slabs.xyz")[1])
        slabs[0].config_type = "slab,relaxed"
        for slab, size in zip(slabs[:2], (0.03, 0.07)):  # eV/atom, isotropic as a Pulay stress is
            for k in (0, 4, 8):
                slab.virial[k] += size * len(slab.positions)
        programs.write("slabs.xyz", "".join(f.text() for f in frames))
        found = self.check("slabs.xyz")[1]["vacuum_virial"]
        self.assertEqual(found["count"], 2)
        for word in (f"2 of {len(slabs)} training frames", f"frame {frames.index(slabs[1])} of"):
            self.assertIn(word, found["text"])
        option, value = re.search(r"(--loss.config_type)='([^']+)'", found["text"]).groups()
        self.assertEqual(json.loads(value), {"slab,relaxed": {"virial": 0}, "Surface": {"virial": 0}})
        self.assertIn("test frames", self.check("slabs.xyz", "--test", "slabs.xyz", code=1)[1]["vacuum_virial"]["text"])
        done = programs.run("train", str(SILICON / "test.xyz"), "--validation", "slabs.xyz", "-o", "slabs.mlsoap", "--dry-run")
        self.assertIn("validation frames with a vacuum", done.stdout)
        words = ["train", "slabs.xyz", "-o", "slabs.mlsoap", "--dry-run"]
        self.assertIn("(vacuum_virial)", programs.run(*words).stdout)
        for more in (f"{option}={value}", "--loss.virial=0"):  # as the warning advises, and it is gone
            self.assertNotIn("(vacuum_virial)", programs.run(*words, more).stdout)

    def test_page(self):
        programs.write("train.xyz", "".join(f.text() for f in self.frames))
        programs.run("data", "check", "train.xyz", "--html", "check.html")
        page = programs.read("check.html").decode()
        for word in ["symmetry equivalents", "Elastic", "eV/&Aring;", "</html>"]:
            self.assertIn(word, page)
        for word in ["http://", "https://", "<script", "src="]:  # nothing outside itself
            self.assertNotIn(word, page.replace("http://www.w3.org", ""))

    def test_bad_requests(self):
        programs.fails("data", "check", message="too few arguments", code=2)
        programs.fails("data", "check", "x.xyz", "--allow", "unit", message="did you mean units", code=2)
        programs.fails("data", "check", "missing.xyz", message="missing.xyz")
        for words in [["data"], ["data", "check"], ["data", "convert"]]:
            self.assertIn("usage: mlsoap data", programs.run(*words, "--help").stdout)


class Init(unittest.TestCase):
    def test_a_configuration_chosen_from_the_data(self):
        programs.write("few.xyz", "".join(f.text() for f in silicon(every=20)))
        done = programs.run("train", "--init", "few.xyz", "--model.n_sparse=7", "-o", "few.mlsoap")
        self.assertIn("train.yaml: written", done.stdout)
        text = programs.read("train.yaml").decode()
        active = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        for key in ["few.xyz", "r_cut:", "n_max:", "n_sparse: 7", "few.mlsoap"]:
            self.assertIn(key, active)
        self.assertIn("# seed: 1", text)
        planned = programs.run("train", "train.yaml", "--dry-run").stdout
        direct = programs.run("train", "few.xyz", "--model.n_sparse=7", "--dry-run").stdout
        # the memory holds that of the process, a few kB of which vary, and time is measured
        lines = [[line.split(" s, ")[-1] for line in out.splitlines() if "features" in line or "forecast" in line]
                 for out in (planned, direct)]
        self.assertEqual(*lines)
        programs.fails("train", "--init", "few.xyz", message="the file exists")
        os.remove(programs.path("train.yaml"))


class Spellings(unittest.TestCase):
    def test_twelve_spellings_give_the_same_potential(self):
        """Keys and forms of the same numbers, with and without bystanders: one identity."""
        frames = [f for f in silicon(every=9) if len(f.symbols) < 40 or f.config_type == "AIMD-NVT"][:14]
        virial = [" ".join(map(repr, f.virial)) for f in frames]
        rows = [[f.virial[0:3], f.virial[3:6], f.virial[6:9]] for f in frames]
        spellings = [("energy", "forces", "virial"), ("Energy", "Forces", "Virial"), ("REF_energy", "REF_forces", "REF_virial"),
                     ("DFT_energy", "DFT_forces", "DFT_virial"), ("dft_energy", "dft_force", "dft_virials"),
                     ("free_energy", "force", "virials"), ("total_energy", "forces", "virial"),
                     ("ref_energy", "ref_force", "ref_virials"), ("energy", "force", "json"), ("energy", "forces", "plain"),
                     ("energy", "REF_forces", "both"), ("mine_e", "mine_f", "mine_v")]
        identities = set()
        for energy, forces, key in spellings:
            parts = []
            for i, frame in enumerate(frames):
                text = frame.text().replace(":forces:", f":{forces}:").replace(" energy=", f" {energy}=")
                old = f'virial="{virial[i]}"'
                if key == "json":
                    text = text.replace(old, f'virial="_JSON {json.dumps(rows[i])}"')
                elif key == "plain":
                    text = text.replace(old, f"virial={{{virial[i]}}} note=hello")
                elif key == "both":
                    text = text.replace(old, f'{old} REF_virial="{virial[i]}"')
                else:
                    text = text.replace(old, old.replace("virial", key, 1))
                parts.append(text)
            programs.write("spelled.xyz", "".join(parts))
            keys = [f"--data.keys.{t}={k}" for t, k in zip(["energy", "forces", "virial"], [energy, forces, key])]
            done = programs.run("train", "spelled.xyz", "-o", "spelled.mlsoap", "--model.n_sparse=20",
                                "--descriptors.0.n_max=3", "--descriptors.0.l_max=2", "--uncertainty=none",
                                *(keys if energy == "mine_e" else []))
            self.assertIn(f"{len(frames)} energies", done.stdout)
            information = json.loads(programs.run("info", "spelled.mlsoap", "--json").stdout)
            identities.add(information["sha256"])
        self.assertEqual(len(identities), 1)


@unittest.skipUnless(os.environ.get("MLSOAP_DATA"), "MLSOAP_DATA names no folder of reference data")
class KnownDefects(unittest.TestCase):
    """What is known to be wrong with published sets is found, as warnings: they train without an override."""

    def check(self, train, test=None):
        folder = os.environ["MLSOAP_DATA"]
        words = ["--test", os.path.join(folder, test)] if test else []
        programs.run("data", "check", os.path.join(folder, train), *words, "--json", "check.json")
        report = json.loads(programs.read("check.json"))
        self.assertEqual(report["errors"], 0)
        return {f["name"]: f["text"] for f in report["findings"]}

    def test_published_sets(self):
        for element in ["Si", "Ge", "Li"]:
            findings = self.check(f"zuo2020/{element}/train.xyz", f"zuo2020/{element}/test.xyz")
            self.assertIn("3 test frames are symmetry equivalents", findings["symmetry_equivalent"])
            self.assertEqual("vacuum_virial" in findings, element == "Ge")
        self.assertIn("6 of 11 training frames", self.check("zuo2020/Ge/train.xyz")["vacuum_virial"])
        self.assertIn("2 of 2 test frames", self.check("zuo2020/Ni/train_aimd91.xyz", "zuo2020/Ni/test.xyz")["vacuum_virial"])
        self.assertIn("14 training frames repeat an earlier one", self.check("combustion/CH4O2.xyz")["repeats"])
        self.assertIn("net force", self.check("water_dp/train.xyz", "water_dp/test.xyz")["net_force"])


if __name__ == "__main__":
    run_tests()
