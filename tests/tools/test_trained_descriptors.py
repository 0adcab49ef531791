# SPDX-License-Identifier: BSD-3-Clause
"""Potentials with descriptors other than the default one, from training to evaluation: symmetry functions, mode dscribe
with its warning, a learned mixing, several descriptors with cutoffs of their own, models of several terms, units that the data
do not state; scans of settings and presets.

usage: test_trained_descriptors.py --programs FOLDER"""

import json
import math
import os
import random
import subprocess
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

    def test_terms(self):
        """Pairs alone are in these data: a linear term of pair functions finds them beside a GP, which gets the rest."""
        pairs = "{name: pairs, type: acsf, mode: dscribe, r_cut: 4.9, g2: [[1, 1], [1, 2], [1, 3], [1, 4]]}"
        words = ["train.xyz", f"--descriptors=[{{name: soap, r_cut: 3, n_max: 3, l_max: 2, sigma: 0.5}}, {pairs}]"]
        model = "--model=[{on: [pairs], type: linear}, {on: [soap], n_sparse: 10, noise: 0.01}]"
        log = programs.run("train", *words, model, "-o", "terms.mlsoap", "--report.learning_curve=1").stdout
        self.assertIn("uncertainty: none, because the errors of several terms are correlated", log)
        info = json.loads(programs.run("info", "terms.mlsoap", "--json").stdout)
        self.assertEqual([m["model"]["type"] for m in info["models"]], ["linear", "sparse_gp"])
        self.assertEqual([t["noise"] for t in info["provenance"]["config"]["model"]], [0.01, 0.01])
        programs.run("check", "terms.mlsoap")
        again = programs.run("train", "terms.config.yaml", "-o", "again.mlsoap").stdout
        self.assertIn(info["sha256"], again)
        alone = programs.run("train", *words[:1], f"--descriptors=[{pairs}]", "--model=[{type: linear, noise: 0.01}]", "-o",
                             "alone.mlsoap", "--uncertainty=none")
        mapping = programs.run("train", *words[:1], f"--descriptors=[{pairs}]", "--model={type: linear, noise: 0.01}", "-o",
                               "mapping.mlsoap", "--uncertainty=none")
        one, other = ([line for line in run.stdout.splitlines() if line.startswith("identity")] for run in (alone, mapping))
        self.assertEqual(len(one), 1)
        self.assertEqual(one, other)
        for more, message in ((["--uncertainty={n_points: 5}"], "a model of several terms has none"),
                              (["--model.0.type=network"], "or the network alone"),
                              (["--model.0.on=[pars]"], "did you mean `pairs`?"),
                              (["--model.0.on=[soap]"], "no term of the model acts on `pairs`"),
                              (["--model.2={on: [soap], n_sparse: 5}"], "model.1 is the same model of the same descriptors"),
                              (["--model.2={on: [soap], constant: 0}"], "model.1 is the same model of the same descriptors"),
                              (["--model.1.zeta=3", "--model.1.rank=4"], "model.1.rank: is for zeta 2 without constant"),
                              (["--model.0.sigma={energy: 0.1, forces: 0.1}"], "contradict each other"),
                              (["--memory=1 MB"], "raise `memory`")):
            programs.fails("train", *words, model, *more, "-o", "never.mlsoap", message=message)

    def test_unit_length_is_for_all_terms(self):
        """What one term implies for a descriptor is said, and not against another term."""
        soap = "r_cut: 3.5, n_max: 3, l_max: 2, sigma: 0.5"
        words = ["train.xyz", f"--descriptors=[{{name: a, {soap}}}, {{name: b, {soap}}}]", "-o", "unit.mlsoap", "--dry-run"]
        both = "{on: [a, b], n_sparse: 10}"
        out = programs.run("train", *words, f"--model=[{{on: [a], type: linear}}, {both}]").stdout
        for i, name in enumerate("ab"):
            self.assertIn(f"descriptor: {name} gets rows of unit length, because model.1 sets it beside others "
                          f"(descriptors.{i}.normalize)", out)
        plain = f"--model=[{{on: [a], type: linear, normalized: false}}, {both}]"
        done = programs.fails("train", *words, plain, message="model.0.normalized: is false, but model.1 sets `a` beside")
        self.assertIn("descriptors.0.normalize", done.stderr)
        for value in ("true", "false"):
            programs.run("train", *words, plain, f"--descriptors.0.normalize={value}")
        bispectrum = ["--descriptors.0.bispectrum={channels: 2, l_max: 2}", "--model.type=linear"]
        one = ["train.xyz", f"--descriptors=[{{{soap}}}]", "-o", "unit.mlsoap", "--dry-run", *bispectrum]
        self.assertNotIn("unit length", programs.run("train", *one).stdout)
        self.assertIn("although model.normalized is false", programs.run("train", *one, "--model.normalized=false").stdout)

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

    def test_several_cutoffs(self):
        """A short SOAP, a long coarse one and pair functions side by side: forces are differences of energies."""
        programs.write("several.yaml", """data: {train: [train.xyz]}
descriptors:
  - {name: short, r_cut: 3.2, n_max: 4, l_max: 3, sigma: 0.4}
  - {name: long, r_cut: 5.5, n_max: 3, l_max: 1, sigma: 0.7}
  - {name: pairs, type: acsf, functions: ["* 2 C 0.5 0 4.5", "* 2 Si 0.5 0 4.5"]}
""")
        out = train("several.yaml", "-o", "several.mlsoap")
        self.assertNotIn("cutoff: quick", out)  # all are given
        programs.run("check", "several.mlsoap")
        self.assertEqual(programs.read("several.config.yaml").decode().count("normalize: true"), 2)  # both SOAPs alike
        info = json.loads(programs.run("info", "several.mlsoap", "--json").stdout)
        self.assertEqual(info["r_cut"], 5.5)
        self.assertEqual([d["r_cut"] for d in info["descriptors"][:2]], [3.2, 5.5])
        h, positions = 1e-3, [list(p) for p in POSITIONS]
        shifted = []
        for sign in (1, -1):
            moved = [list(p) for p in positions]
            moved[1][0] += sign * h
            shifted.append(self.energy("several.mlsoap", Frame(SYMBOLS, moved, CELL)))
        programs.write("frame.xyz", Frame(SYMBOLS, positions, CELL).text())
        programs.run("eval", "several.mlsoap", "frame.xyz", "--predictions", "predicted.xyz")
        atoms = read_frames(programs.read("predicted.xyz").decode())[0][1]
        force = float(atoms[1][4])
        self.assertLessEqual(abs(force + (shifted[0] - shifted[1]) / (2 * h)), 1e-5 * max(1, abs(force)))
        self.assertIn("rank correlation", out)  # the uncertainty is there and evaluated

    def test_scan(self):
        """Every combination is fitted and judged by validation; the test file is not even opened."""
        words = ["train.xyz", "--test", "missing.xyz", "--model.n_sparse=10", "--data.validation=0.3", "-o", "scan.mlsoap",
                 "--descriptors.0.n_max=2", "--descriptors.0.l_max=1"]
        out = programs.run("train", *words, "--scan", "descriptors.0.r_cut=3,4", "--scan",
                           "model={type: sparse_gp, n_sparse: 5},{type: linear}").stdout
        self.assertIn("scan: 3 of 4: descriptors.0.r_cut=4 model={type: sparse_gp, n_sparse: 5}: energy", out)
        result = json.loads(programs.read("scan.scan.json"))
        points = result["points"]
        self.assertEqual([p["settings"]["descriptors.0.r_cut"] for p in points], ["3", "3", "4", "4"])
        self.assertEqual([p["r_cut"] for p in points], [3, 3, 4, 4])
        for p in points:
            self.assertTrue(p["forces_mae"] > 0 and p["us_per_atom"] > 0 and p["bytes"] > 0 and p["fit_seconds"] > 0, p)
        self.assertGreater(result["baseline"]["energy_rmse"], 0)
        self.assertTrue(any(p["best_at_its_cost"] for p in points))
        rows = programs.read("scan.scan.csv").decode().splitlines()
        self.assertEqual(len(rows), 5)
        self.assertTrue(rows[0].startswith('"descriptors.0.r_cut","model",energy_mae,'), rows[0])
        self.assertIn("<figure>", programs.read("scan.scan.html").decode())
        self.assertFalse(os.path.exists(programs.path("scan.mlsoap")))
        for scan, message in [("model.zeta", "key=a,b,c"), ("model.zeta=1,,2", "a value is empty"),
                              ("model.zeta=0", "--scan model.zeta=0")]:
            programs.fails("train", *words, "--scan", scan, message=message)
        programs.fails("train", *words, "--scan", "model.zeta=1", "--data.validation=none", message="validation")
        programs.fails("train", *words, "--scan", "model.zeta=1", "--dry-run", message="stands alone", code=2)

    def test_uncertainties_that_do_not_rank_errors(self):
        """Forces of atoms near their sites are noise, those of others are not: the run, its report and info say so."""
        generator, text = random.Random(5), ""
        for k in range(80):
            size = 0.3 if k % 2 else 0.02
            positions = [[x + generator.uniform(-size, size) for x in p] for p in POSITIONS]
            energy, forces = pair_energy(positions)
            noise = 0 if k % 2 else 0.5
            forces = [[x + generator.gauss(0, noise) for x in f] for f in forces]
            text += Frame(SYMBOLS, positions, CELL, energy, forces).text()
        programs.write("noisy.xyz", text)
        words = ["--data.validation=0.4", "--descriptors.0.r_cut=4", "--descriptors.0.n_max=3", "--descriptors.0.l_max=2"]
        said = "below 0.3: the uncertainties do not tell which"
        out = train("noisy.xyz", "-o", "noisy.mlsoap", *words)
        self.assertIn("warning (uncertainty): the rank correlation (Spearman) of uncertainties and errors", out)
        self.assertIn(said, programs.read("noisy.report.html").decode())
        info = programs.run("info", "noisy.mlsoap").stdout.split("provenance")[0]
        self.assertIn("rank correlation (Spearman) with the errors of forces -0.", info)
        self.assertIn(said, info)
        self.assertIn(said, programs.run("eval", "noisy.mlsoap", "noisy.xyz").stdout)
        warnings = json.loads(programs.run("info", "noisy.mlsoap", "--json").stdout)["provenance"]["warnings"]
        self.assertEqual(sum(said in w for w in warnings), 1, warnings)

    def test_scan_goes_on(self):
        """Fits of a scan that was killed are not made again, in another scan too; other settings are fitted."""
        words = ["train", "train.xyz", "--model.n_sparse=10", "--data.validation=0.3", "-o", "stopped.mlsoap",
                 "--descriptors.0.n_max=2", "--descriptors.0.l_max=1", "--scan"]
        scan, taken = "descriptors.0.r_cut=3,4", ", taken from stopped.scan.ckpt\n"

        def points():
            """All but times, which are measured anew where a fit is."""
            found = json.loads(programs.read("stopped.scan.json"))["points"]
            return [{k: v for k, v in p.items() if k not in ("us_per_atom", "fit_seconds", "best_at_its_cost", "taken")} for p in found]

        programs.run(*words, scan)
        whole = points()
        for _ in range(20):  # a scan that was over before it was killed is started again
            with subprocess.Popen([os.path.join(programs.folder, "mlsoap"), *words, scan], cwd=programs.scratch,
                                  stdout=subprocess.PIPE, text=True) as process:
                while not process.stdout.readline().startswith("scan: 1 of 2"):
                    self.assertIsNone(process.poll())
                process.kill()
            if os.path.exists(programs.path("stopped.scan.ckpt")):
                break
        held = programs.read("stopped.scan.ckpt")
        for more, n_taken in (["--resume"], 1), (["--resume", "--seed=2"], 0), ([], 0):
            programs.write("stopped.scan.ckpt", held)
            out = programs.run(*words, scan, *more).stdout
            self.assertGreaterEqual(out.count(taken), n_taken, out)  # it may have been killed after the second
            self.assertEqual(taken in out, n_taken > 0, out)
            self.assertEqual(points() == whole, "--seed=2" not in more)
            self.assertEqual("will be replaced; --resume takes its fits" in out, not more)
            self.assertFalse(os.path.exists(programs.path("stopped.scan.ckpt")))
        programs.write("stopped.scan.ckpt", held)
        out = programs.run(*words, "descriptors.0.r_cut=3.5,3", "--resume").stdout
        self.assertRegex(out, rf"scan: 2 of 2: descriptors.0.r_cut=3: .*{taken}")
        programs.write("stopped.scan.ckpt", held[:-1])
        programs.fails(*words, scan, "--resume", message="stopped.scan.ckpt")

    def test_learning_curve(self):
        """Fits to halves of the frames are drawn in the report and change nothing of the potential."""
        words = ["train.xyz", "--data.validation=0.3", "--descriptors.0.r_cut=4", "--descriptors.0.n_max=3",
                 "--descriptors.0.l_max=2", "--model.n_sparse=20"]
        plain, curve = (programs.run("train", *words, "-o", "curve.mlsoap", *more).stdout
                        for more in ([], ["--report.learning_curve=3"]))
        identity = [out[out.index("identity: "):].split()[1] for out in (plain, curve)]
        self.assertEqual(*identity)
        points = json.loads(programs.run("info", "curve.mlsoap", "--json").stdout)["provenance"]["result"]["learning_curve"]
        self.assertEqual([p["frames"] for p in points], [2, 4, 8])
        self.assertTrue(all(p["forces"] > 0 and p["energy"] > 0 for p in points), points)
        self.assertEqual(curve.count("learning curve:"), 3, curve)
        self.assertIn("Learning: force errors", programs.read("curve.report.html").decode())
        programs.fails("train", *words, "-o", "no.mlsoap", "--report.learning_curve=3", "--data.validation=none",
                       message="report.learning_curve: needs validation frames")

    def test_settings_that_do_not_go_together(self):
        words = ["train.xyz", "-o", "never.mlsoap", "--descriptors.0.r_cut=4", "--descriptors.0.n_max=2",
                 "--descriptors.0.l_max=1"]
        sigma = "--model.sigma={energy: 0.01, forces: 0.1}"
        for key in ["model.noise", "loss.energy", "loss.virial"]:
            programs.fails("train", *words, sigma, f"--{key}=0.5", message=f"model.sigma: expected errors and {key} contradict")
        out = programs.run("train", *words, "--model.type=network", "--model.hidden=[40]", "--model.weight_decay=0",
                           "--model.epochs=1", "--model.optimizer=adam").stdout
        self.assertRegex(out, r"warning \(few_data\): \d+ parameters are fitted to \d+ numbers without weight decay")

    def test_presets(self):
        """A preset ends up in the complete configuration; keys of the user come first."""
        programs.run("train", "train.xyz", "-o", "fast.mlsoap", "--preset", "fast", "--model.n_sparse=9")
        config = programs.read("fast.config.yaml").decode()
        self.assertIn("n_sparse: 9", config)
        self.assertIn("zeta: 2", config)
        programs.fails("train", "train.xyz", "--preset", "best", message="there are fast and accurate", code=2)

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
