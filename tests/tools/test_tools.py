# SPDX-License-Identifier: BSD-3-Clause
"""The programs as users run them: options, exit codes, messages, and every number of their files worked out again.

usage: test_tools.py --programs FOLDER --make-potentials PROGRAM"""

import csv
import json
import math
import os
import pathlib
import unittest

from numpy_files import read_npy, read_npz
from programs import Frame, programs, read_frames, run_tests, warnings_of

CELL = [[5.1, 0, 0], [0.7, 4.9, 0], [0.2, 0.4, 5.4]]
SYMBOLS = ["Si", "C", "Si", "C", "Si"]
POSITIONS = [[0, 0, 0], [1.6, 1.2, 0.4], [0.3, 2.9, 2.2], [2.9, 0.2, 2.6], [4.1, 3.1, 1.0]]
DESCRIPTOR = "{r_cut: 4.0, n_max: 3, l_max: 2, sigma: 0.5}"
COMMANDS = ["eval", "info", "check", "describe"]


def moved(atom, axis, distance):
    positions = [list(p) for p in POSITIONS]
    positions[atom][axis] += distance
    return positions


def sample_frames():
    """Three frames: all targets, no virial, none at all."""
    forces = [[0.1 * i - 0.2 * k for k in range(3)] for i in range(5)]
    virial = [1.0, 0.1, 0.2, 0.1, -2.0, 0.3, 0.2, 0.3, 3.0]
    return [Frame(SYMBOLS, POSITIONS, CELL, -20.5, forces, virial, "bulk"),
            Frame(SYMBOLS, moved(1, 0, 0.2), CELL, -21.25, forces, None, "bulk"),
            Frame(SYMBOLS[:2], POSITIONS[:2])]


def setUpModule():
    programs.write("data.xyz", "".join(f.text() for f in sample_frames()))
    programs.write("one_frame.xyz", sample_frames()[0].text())
    programs.write("bare.xyz", sample_frames()[2].text())
    programs.write("soap.yaml", f"descriptors:\n  - {DESCRIPTOR}\n")


class Usage(unittest.TestCase):
    def test_help_has_an_example(self):
        for words in [["--help"], ["-h"]] + [[c, "--help"] for c in COMMANDS + ["train"]]:
            done = programs.run(*words)
            self.assertIn("usage: mlsoap", done.stdout)
            self.assertIn("example", done.stdout)
            self.assertEqual(done.stderr, "")
            self.assertLess(max(map(len, done.stdout.splitlines())), 141)

    def test_version(self):
        versions = {programs.run(*words, "--version").stdout for words in [[]] + [[c] for c in COMMANDS + ["train"]]}
        self.assertEqual(len(versions), 1)
        self.assertRegex(versions.pop(), r"^mlsoap \d+\.\d+\.\d+\n$")

    def test_usage_errors(self):
        for words, message in [
                ([], "usage: mlsoap"),
                (["evl"], "did you mean `eval`?"),
                (["eval"], "too few arguments"),
                (["eval", "two.mlsoap"], "too few arguments"),
                (["eval", "two.mlsoap", "data.xyz", "more"], "unexpected argument `more`"),
                (["eval", "two.mlsoap", "data.xyz", "--jsn"], "did you mean --json?"),
                (["eval", "two.mlsoap", "data.xyz", "--json"], "needs a value"),
                (["eval", "two.mlsoap", "-"], "standard input"),
                (["info", "two.mlsoap", "--json=x"], "takes no value"),
                (["check"], "too few arguments"),
                (["describe", "soap.yaml", "data.xyz"], "-o FILE.npy is required"),
                (["describe", "soap.yaml", "data.xyz", "-o", "x.txt"], "-o FILE.npy is required"),
                (["describe", "soap.yaml", "-", "-o", "x.npy"], "standard input"),
                (["describe", "soap.yaml", "data.xyz", "-o", "x.npy", "-o", "y.npy"], "given twice"),
                (["describe", "soap.yaml", "data.xyz", "-o", "x.npy", "--derivatives", "d.txt"], ".npz"),
                (["describe", "soap.yaml", "data.xyz", "-o", "x.npy", "--derivatives", "d.npy",
                  "--derivatives-format", "sparse"], ".npz"),
                (["describe", "soap.yaml", "data.xyz", "-o", "x.npy", "--derivatives-format", "dense"], "needs"),
                (["describe", "soap.yaml", "data.xyz", "-o", "x.npy", "--derivatives", "d.npz",
                  "--derivatives-format", "csr"], "dense or sparse")]:
            done = programs.run(*words, code=2)
            self.assertIn(message, done.stderr, words)
            self.assertEqual(done.stdout, "", words)

    def test_results_that_cannot_be_printed(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            done = programs.run("info", "two.mlsoap", stdout=full, code=1)
        self.assertIn("disk full", done.stderr)


class Info(unittest.TestCase):
    def test_json_has_the_documented_fields(self):
        info = json.loads(programs.run("info", "two.mlsoap", "--json").stdout)
        self.assertEqual(set(info), {"uncertainty", "pair_terms", "file", "format_version", "sha256", "elements", "r_cut", "units", "offsets",
                                     "descriptors", "models", "n_parameters", "n_uncertainty_points", "errors", "provenance"})
        self.assertEqual(info["file"], "two.mlsoap")
        self.assertEqual(info["format_version"], 1)
        self.assertRegex(info["sha256"], "^[0-9a-f]{64}$")
        self.assertEqual(sorted(info["elements"]), ["C", "Si"])
        self.assertEqual(info["r_cut"], 4.5)
        self.assertEqual(info["units"], {"energy": "eV", "length": "angstrom"})
        self.assertEqual(set(info["offsets"]), {"C", "Si"})
        self.assertEqual(info["descriptors"][0]["n_max"], 4)
        self.assertEqual(info["models"][0]["model"]["type"], "sparse_gp")
        self.assertGreater(info["n_parameters"], 0)
        self.assertEqual(set(info["errors"]), {"train", "validation", "test"})

    def test_points_of_the_uncertainty_are_no_parameters(self):
        """They stand beside leading points, with alpha 0."""
        shipped = pathlib.Path(__file__).resolve().parents[2] / "potentials/MoNbTaW.mlsoap"
        info = json.loads(programs.run("info", shipped, "--json").stdout)
        n_points = sum(s["n_sparse"] for s in info["models"][0]["species"].values())
        self.assertEqual(info["n_uncertainty_points"], 4 * 300)  # uncertainty.n_points is auto
        self.assertEqual(info["n_parameters"], n_points - 4 * 300)
        self.assertRegex(programs.run("info", shipped).stdout,
                         rf"parameters +{info['n_parameters']}\n +and {info['n_uncertainty_points']} sparse points")

    def test_text(self):
        info = json.loads(programs.run("info", "two.mlsoap", "--json").stdout)
        text = programs.run("info", "two.mlsoap").stdout
        for part in [info["sha256"], "4.5 angstrom", "Si (offset", "eV", "sparse_gp"]:
            self.assertIn(part, text)
        self.assertIn("points in space", programs.run("info", "midpoint.mlsoap").stdout)


class Check(unittest.TestCase):
    def test_good_files(self):
        for name in ["two.mlsoap", "one.mlsoap", "midpoint.mlsoap"]:
            text = programs.run("check", name).stdout
            self.assertIn("good", text)
            identity = json.loads(programs.run("info", name, "--json").stdout)["sha256"]
            self.assertIn(identity, text)

    def test_broken_files(self):
        whole = programs.read("two.mlsoap")
        flipped = bytearray(whole)
        flipped[-9] ^= 4
        for name, content in [("short.mlsoap", whole[:-8]), ("empty.mlsoap", b""), ("flipped.mlsoap", bytes(flipped)),
                              ("long_header.mlsoap", b"\xff" * 8 + whole[8:])]:
            programs.write(name, content)
            for command in ["check", "info"]:
                programs.fails(command, name, message=name)
        programs.fails("check", "missing.mlsoap", message="missing.mlsoap")
        programs.fails("check", ".", message=".")
        for position in range(0, len(whole), len(whole) // 97):  # wherever it is
            flipped = bytearray(whole)
            flipped[position] ^= 1
            programs.write("flipped.mlsoap", bytes(flipped))
            self.assertEqual(programs.run("check", "flipped.mlsoap", code=1).stdout, "", position)


class Eval(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.done = programs.run("eval", "two.mlsoap", "data.xyz", "--json", "errors.json", "--csv", "parity.csv",
                                "--predictions", "predicted.xyz")
        cls.errors = json.loads(programs.read("errors.json"))
        cls.frames = read_frames(programs.read("predicted.xyz").decode())

    def measures(self, differences):
        n = len(differences)
        return {"n": n, "mae": sum(map(abs, differences)) / n, "max": max(map(abs, differences)),
                "rmse": math.sqrt(sum(d * d for d in differences) / n)}

    def assert_measures(self, found, differences):
        expected = self.measures(differences)
        self.assertEqual(set(found), set(expected))
        for key, value in expected.items():
            self.assertAlmostEqual(found[key], value, delta=1e-10 * max(1, abs(value)), msg=key)

    def test_fields(self):
        e = self.errors
        self.assertEqual(set(e), {"potential", "data", "units", "total", "by_config_type", "uncertainty"})
        self.assertEqual(set(e["uncertainty"]), {"n", "spearman", "forces", "energy", "bins", "by_config_type"})
        self.assertEqual(e["uncertainty"]["n"], sum(len(frame.forces) for frame in sample_frames() if frame.forces))
        self.assertEqual(e["potential"], {"file": "two.mlsoap", "sha256": json.loads(
            programs.run("info", "two.mlsoap", "--json").stdout)["sha256"]})
        self.assertEqual(e["data"], {"file": "data.xyz", "frames": 3, "atoms": 12})
        self.assertEqual(e["units"], {"energy": "meV/atom", "forces": "eV/angstrom", "virial": "meV/atom"})
        self.assertEqual(set(e["by_config_type"]), {"bulk", "default"})
        for row in [e["total"], *e["by_config_type"].values()]:
            self.assertEqual(set(row), {"energy", "forces", "virial"})
        nothing = {"n": 0, "mae": None, "rmse": None, "max": None}
        self.assertEqual(e["by_config_type"]["default"], {"energy": nothing, "forces": nothing, "virial": nothing})

    def test_predictions_keep_targets_and_give_the_errors(self):
        energies, forces, virials = [], [], []
        for frame, (header, atoms) in zip(sample_frames(), self.frames):
            n = len(atoms)
            columns = header["Properties"].split(":")
            self.assertEqual(columns[-9:], ["mlsoap_forces", "R", "3", "mlsoap_uncertainty", "R", "1",
                                            "mlsoap_force_uncertainty", "R", "1"])
            self.assertTrue(all(float(row[-1]) > 0 and float(row[-2]) > 0 for row in atoms))
            predicted = [float(x) for x in header["mlsoap_virial"].split()]
            self.assertEqual(len(predicted), 9)
            if frame.energy is None:
                self.assertNotIn("energy", header)
                continue
            self.assertEqual(float(header["energy"]), frame.energy)
            energies.append(1000 * (float(header["mlsoap_energy"]) - frame.energy) / n)
            for row, reference in zip(atoms, frame.forces):
                self.assertEqual([float(x) for x in row[4:7]], reference)
                forces += [float(x) - y for x, y in zip(row[7:10], reference)]
            if frame.virial:
                virials += [1000 * (predicted[k] - frame.virial[k]) / n for k in (0, 4, 8, 1, 2, 5)]
        for rows in [self.errors["total"], self.errors["by_config_type"]["bulk"]]:
            self.assert_measures(rows["energy"], energies)
            self.assert_measures(rows["forces"], forces)
            self.assert_measures(rows["virial"], virials)

    def test_predictions_are_no_targets(self):
        programs.run("eval", "two.mlsoap", "predicted.xyz", "--json", "again.json")
        again = json.loads(programs.read("again.json"))
        self.assertEqual(again["total"], self.errors["total"])
        programs.run("eval", "two.mlsoap", "bare.xyz", "--predictions", "bare_predicted.xyz")
        text = programs.run("eval", "two.mlsoap", "bare_predicted.xyz", "--json", "bare.json").stdout
        self.assertIn("no target in the data", text)
        self.assertEqual(json.loads(programs.read("bare.json"))["total"]["energy"]["n"], 0)

    def test_parity_table(self):
        with open(programs.path("parity.csv"), newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(list(rows[0]), ["frame", "config_type", "quantity", "atom", "component", "reference",
                                         "prediction"])
        self.assertEqual(len(rows), 2 * (1 + 15) + 6)
        for quantity, name, scale in [("energy", "energy", 1000), ("force", "forces", 1), ("virial", "virial", 1000)]:
            differences = [scale * (float(r["prediction"]) - float(r["reference"])) for r in rows
                           if r["quantity"] == quantity]
            self.assert_measures(self.errors["total"][name], differences)
        forces = [r for r in rows if r["quantity"] == "force" and r["frame"] == "1"]
        self.assertEqual([(r["atom"], r["component"]) for r in forces[:4]],
                         [("0", "x"), ("0", "y"), ("0", "z"), ("1", "x")])
        self.assertEqual([r["component"] for r in rows if r["quantity"] == "virial"],
                         ["xx", "yy", "zz", "xy", "xz", "yz"])

    def test_table_on_stdout(self):
        text = self.done.stdout
        for part in ["two.mlsoap", self.errors["potential"]["sha256"], "data.xyz: 3 frames, 12 atoms",
                     "30 force components from `forces`", "energy (meV/atom)", "forces (eV/angstrom)",
                     "virial (meV/atom)", "RMSE", "bulk", "total"]:
            self.assertIn(part, text)
        self.assertIn(f"{self.errors['total']['forces']['mae']:.4f}", text)
        self.assertEqual(warnings_of(self.done), [])

    def test_forces_are_slopes_of_the_energy(self):
        step = 1e-4
        frames = [Frame(SYMBOLS, moved(3, 1, sign * step), CELL) for sign in (1, -1)]
        programs.write("slope.xyz", "".join(f.text() for f in frames))
        programs.run("eval", "two.mlsoap", "slope.xyz", "--predictions", "slope_predicted.xyz")
        up, down = (float(h["mlsoap_energy"])
                    for h, _ in read_frames(programs.read("slope_predicted.xyz").decode()))
        force = float(self.frames[0][1][3][8])
        self.assertTrue(abs(-(up - down) / (2 * step) - force) <= 1e-6 * max(1, abs(force)), (up, down, force))

    def test_threads_do_not_matter(self):
        outputs = set()
        for threads in (1, 2, 3):
            programs.run("eval", "two.mlsoap", "data.xyz", "--json", "t.json", "--csv", "t.csv", "--predictions",
                         "t.xyz", threads=threads)
            outputs.add((programs.read("t.json"), programs.read("t.csv"), programs.read("t.xyz")))
        self.assertEqual(len(outputs), 1)

    def test_choice_of_targets(self):
        text = sample_frames()[0].text().replace("energy=-20.5", "energy=-20.5 my_energy=-10.25")
        programs.write("keys.xyz", text)
        programs.run("eval", "two.mlsoap", "keys.xyz", "--data.keys.energy=my_energy", "--data.keys.forces=none",
                     "--data.ignore=[energy]", "--json", "keys.json")
        total = json.loads(programs.read("keys.json"))["total"]
        self.assertEqual(total["forces"]["n"], 0)
        predicted = float(self.frames[0][0]["mlsoap_energy"])
        self.assert_measures(total["energy"], [1000 * (predicted + 10.25) / 5])
        programs.fails("eval", "two.mlsoap", "keys.xyz", "--model.zeta=3", message="model.zeta")
        programs.fails("eval", "two.mlsoap", "keys.xyz", "--data.keys.enrgy=x", message="did you mean 'energy'?")

    def test_bad_input(self):
        good = sample_frames()[0].text()
        cases = [("nan.xyz", good.replace("1.6", "nan", 1), "nan.xyz"),
                 ("huge.xyz", good.replace("energy=-20.5", "energy=1e400"), "huge.xyz"),
                 ("short.xyz", good.rsplit("\n", 2)[0] + "\n", "short.xyz"),
                 ("ragged.xyz", good.replace("C 1.6 1.2", "C 1.6", 1), "ragged.xyz"),
                 ("element.xyz", good.replace("C 1.6", "Fe 1.6", 1), "frame 0 (line 1)"),
                 ("empty.xyz", "", "empty.xyz")]
        for name, text, message in cases:
            programs.write(name, text)
            programs.fails("eval", "two.mlsoap", name, "--json", "never.json", message=message)
        programs.fails("eval", "two.mlsoap", "missing.xyz", message="missing.xyz")
        programs.fails("eval", "missing.mlsoap", "data.xyz", message="missing.mlsoap")
        programs.fails("eval", "two.mlsoap", "data.xyz", "--json", "no/such/folder.json", message="no/such")
        self.assertFalse(os.path.exists(programs.path("never.json")))

    def test_full_disk_leaves_the_old_file(self):
        for option, name in [("--json", "kept.json"), ("--csv", "kept.csv"), ("--predictions", "kept.xyz")]:
            programs.write(name, "old\n")
            before = set(os.listdir(programs.scratch))
            programs.fails("eval", "two.mlsoap", "data.xyz", option, name, message=name, file_limit=100)
            self.assertEqual(programs.read(name), b"old\n")
            self.assertEqual(set(os.listdir(programs.scratch)), before)


class Describe(unittest.TestCase):
    def test_shapes_and_names(self):
        done = programs.run("describe", "soap.yaml", "data.xyz", "-o", "f.npy", "--names", "names.txt")
        values = read_npy(programs.path("f.npy"))
        n = 2 * 6 * 3 + 9 * 3  # Si-Si and C-C packed, C-Si full; l = 0, 1, 2
        self.assertEqual(values.shape, (12, n))
        names = programs.read("names.txt").decode().splitlines()
        self.assertEqual(len(names), n)
        self.assertEqual(len(set(names)), n)
        self.assertEqual(names[0], "C-C n1 n1 l0")
        self.assertIn(f"12 rows of {n} features, 3 frames", done.stdout)
        self.assertTrue(all(map(math.isfinite, values.numbers)))
        self.assertGreater(max(values.numbers), 0)

    def test_a_supercell_repeats_the_rows(self):
        double = [[2 * x for x in CELL[0]], CELL[1], CELL[2]]
        positions = POSITIONS + [[x + d for x, d in zip(p, CELL[0])] for p in POSITIONS]
        programs.write("double.xyz", Frame(SYMBOLS * 2, positions, double).text())
        programs.run("describe", "soap.yaml", "double.xyz", "-o", "double.npy")
        programs.run("describe", "soap.yaml", "one_frame.xyz", "-o", "single.npy")
        twice, once = read_npy(programs.path("double.npy")), read_npy(programs.path("single.npy"))
        self.assertEqual(twice.shape, (10, once.shape[1]))
        for a, b in zip(twice.numbers, once.numbers * 2):
            self.assertTrue(abs(a - b) <= 1e-12 * max(once.numbers), (a, b))

    def test_keys_elements_and_potential(self):
        programs.run("describe", "soap.yaml", "one_frame.xyz", "-o", "a.npy", "--descriptors.0.l_max=0",
                     "--elements=[Si, C, O]")
        self.assertEqual(read_npy(programs.path("a.npy")).shape, (5, 3 * 6 + 3 * 9))
        programs.run("describe", "two.mlsoap", "one_frame.xyz", "-o", "p.npy")
        descriptor = "descriptors.0={r_cut: 4.5, n_max: 4, l_max: 3, sigma: 0.5}"
        programs.run("describe", "soap.yaml", "one_frame.xyz", "-o", "q.npy", f"--{descriptor}")
        self.assertEqual(programs.read("p.npy"), programs.read("q.npy"))
        programs.write("other.yaml", f"model: {{type: network}}\nseed: 3\ndescriptors: [{DESCRIPTOR}]\n")
        programs.run("describe", "other.yaml", "one_frame.xyz", "-o", "a.npy")  # only its sections are read

    def check_derivatives(self, *options):
        """Dense against central differences, sparse against dense; returns the number of rows."""
        step = 1e-5
        programs.run("describe", "soap.yaml", "one_frame.xyz", "-o", "v.npy", "--derivatives", "d.npy", *options)
        dense = read_npy(programs.path("d.npy"))
        rows, atoms, axes, n = dense.shape
        self.assertEqual((atoms, axes), (5, 3))
        self.assertEqual(read_npy(programs.path("v.npy")).shape, (rows, n))
        for atom, axis in [(0, 0), (1, 2), (4, 1)]:
            values = []
            for sign in (1, -1):
                programs.write("m.xyz", Frame(SYMBOLS, moved(atom, axis, sign * step), CELL).text())
                programs.run("describe", "soap.yaml", "m.xyz", "-o", "m.npy", *options)
                values.append(read_npy(programs.path("m.npy")))
            scale = max(map(abs, dense.numbers))
            for row in range(rows):
                for up, down, slope in zip(values[0][row].numbers, values[1][row].numbers,
                                           dense[row, atom, axis].numbers):
                    self.assertTrue(abs((up - down) / (2 * step) - slope) <= 1e-7 * scale, (row, atom, axis))
        programs.run("describe", "soap.yaml", "one_frame.xyz", "-o", "v2.npy", "--derivatives", "s.npz",
                     "--derivatives-format", "sparse", *options)
        self.assertEqual(programs.read("v.npy"), programs.read("v2.npy"))
        sparse = read_npz(programs.path("s.npz"))
        self.assertEqual(list(sparse), ["values", "row", "atom", "image"])
        nnz = sparse["row"].shape[0]
        self.assertEqual([a.shape for a in sparse.values()], [(nnz, 3, n), (nnz,), (nnz,), (nnz, 3)])
        sums = [0.0] * len(dense.numbers)
        for k in range(nnz):
            start = (sparse["row"][k] * atoms + sparse["atom"][k]) * 3 * n
            for i, x in enumerate(sparse["values"][k].numbers):
                sums[start + i] += x
        self.assertTrue(max(abs(a - b) for a, b in zip(sums, dense.numbers)) <= 1e-12 * scale)
        self.assertTrue(any(sparse["image"].numbers))
        return rows

    def test_derivatives_of_atoms(self):
        self.assertEqual(self.check_derivatives(), 5)

    def test_derivatives_of_chosen_atoms(self):
        self.assertEqual(self.check_derivatives("--centers", "atoms:3,0"), 2)

    def test_derivatives_of_points(self):
        self.assertEqual(self.check_derivatives("--centers", "1,1,1; -0.5,2,0.3"), 2)

    def test_derivatives_of_the_midpoint(self):
        self.assertEqual(self.check_derivatives("--descriptors.0.centers=midpoint"), 1)

    def test_centers_from_a_file(self):
        programs.write("points.txt", "# two points\n1 1 1\n-0.5 2 0.3\n")
        programs.run("describe", "soap.yaml", "data.xyz", "-o", "a.npy", "--centers", "points.txt")
        programs.run("describe", "soap.yaml", "data.xyz", "-o", "b.npy", "--centers", "1,1,1; -0.5,2,0.3")
        self.assertEqual(programs.read("a.npy"), programs.read("b.npy"))
        self.assertEqual(read_npy(programs.path("a.npy")).shape[0], 6)

    def test_several_frames(self):
        programs.fails("describe", "soap.yaml", "data.xyz", "-o", "n.npy", "--derivatives", "n2.npy", message=".npz")
        self.assertFalse(os.path.exists(programs.path("n.npy")))
        programs.run("describe", "soap.yaml", "data.xyz", "-o", "n.npy", "--derivatives", "n.npz")
        values, frames = read_npy(programs.path("n.npy")), read_npz(programs.path("n.npz"))
        self.assertEqual(list(frames), ["frame_0", "frame_1", "frame_2"])
        self.assertEqual([a.shape[:2] for a in frames.values()], [(5, 5), (5, 5), (2, 2)])
        programs.run("describe", "soap.yaml", "data.xyz", "-o", "n.npy", "--derivatives", "s.npz",
                     "--derivatives-format", "sparse")
        sparse = read_npz(programs.path("s.npz"))
        self.assertEqual(set(sparse["row"].numbers), set(range(12)))
        self.assertEqual(max(sparse["atom"].numbers), 4)
        self.assertEqual(values.shape[0], 12)

    def test_dense_beyond_two_gib(self):
        n = 12  # atoms a side: 1728 rows x 1728 atoms x 3 x features x 8 bytes
        positions = [[2.5 * i, 2.5 * j, 2.5 * k] for i in range(n) for j in range(n) for k in range(n)]
        programs.write("large.xyz", Frame(["Si"] * n**3, positions, [[2.5 * n, 0, 0], [0, 2.5 * n, 0],
                                                                     [0, 0, 2.5 * n]]).text())
        programs.fails("describe", "soap.yaml", "large.xyz", "-o", "large.npy", "--derivatives", "large_d.npy",
                       "--descriptors.0.n_max=6", message="GiB, more than 2 GiB; use --derivatives-format sparse")
        self.assertFalse(os.path.exists(programs.path("large.npy")))

    def test_threads_do_not_matter(self):
        outputs = set()
        for threads in (1, 2, 3):
            programs.run("describe", "soap.yaml", "data.xyz", "-o", "t.npy", "--derivatives", "t.npz",
                         "--derivatives-format", "sparse", threads=threads)
            outputs.add((programs.read("t.npy"), programs.read("t.npz")))
        self.assertEqual(len(outputs), 1)

    def test_full_disk_leaves_the_old_files(self):
        for name in ["kept.npy", "kept.npz"]:
            programs.write(name, "old\n")
        before = set(os.listdir(programs.scratch))
        for limit in (100, 20000):
            programs.fails("describe", "soap.yaml", "data.xyz", "-o", "kept.npy", "--derivatives", "kept.npz",
                           message="kept.np", file_limit=limit)
            self.assertEqual(programs.read("kept.npy") + programs.read("kept.npz"), b"old\nold\n")
            self.assertEqual(set(os.listdir(programs.scratch)), before)

    def test_bad_input(self):
        output = ["-o", "never.npy"]
        for content, message in [
                ("descriptors:\n  - {r_cut: 4.0, n_max: 3, l_max: 2, sgma: 0.5}\n", "bad.yaml:2:38: descriptors.0.sgma"),
                ("descriptors:\n  - {r_cut: 4.0, n_max: 3, l_max: 2}\n", "sigma"),
                ("descriptors:\n  - {r_cut: 4, r_cut: 5}\n", "bad.yaml:2:16: the key `r_cut` stands twice"),
                ("descriptrs: []\n", "did you mean 'descriptors'?"),
                ("seed: 1\n", "there is none"),
                ("elements: [Si]\ndescriptors: [" + DESCRIPTOR + "]\n", "atom 1 is C"),
                ("descriptors: [" + DESCRIPTOR.replace("4.0", ".nan") + "]\n", "bad.yaml:1:23: the number is not finite"),
                ("descriptors: [\n", "bad.yaml:")]:
            programs.write("bad.yaml", content)
            programs.fails("describe", "bad.yaml", "data.xyz", *output, message=message)
        for options, message in [(["--centers", "atoms:9"], "no atom 9"), (["--centers", "1,2"], "three coordinates"),
                                 (["--centers", "missing.txt"], "missing.txt"),
                                 (["--descriptors.0.r_cut=-1"], "command line: descriptors.0.r_cut"),
                                 (["--descriptors.0.r_cut=[1"], "command line"), (["--sed=1"], "seed")]:
            programs.fails("describe", "soap.yaml", "data.xyz", *output, *options, message=message)
        programs.fails("describe", "missing.yaml", "data.xyz", *output, message="missing.yaml")
        self.assertFalse(os.path.exists(programs.path("never.npy")))


if __name__ == "__main__":
    run_tests(potentials=True)
