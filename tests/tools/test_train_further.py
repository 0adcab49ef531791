# SPDX-License-Identifier: BSD-3-Clause
"""`mlsoap train --from X.mlsoap`: new data are folded into a sparse GP or a linear model as if it had been fitted to all
of them together; a network goes on from its weights.

usage: test_train_further.py --programs FOLDER"""

import json
import pathlib
import re
import shutil
import unittest

from programs import programs, run_tests

DATA = pathlib.Path(__file__).resolve().parents[2] / "examples/data/si_zuo2020/train.xyz"
DESCRIPTOR = "--descriptors=[{type: soap, r_cut: 4.5, n_max: 3, l_max: 2, sigma: 0.6}]"
FIXED = ["--zbl=none", "--offsets={Si: -5.0}", "--validation", "0",
         "--model.sigma={energy: 0.002, forces: 0.1, virial: 0.02}"]
NETWORK = ["--model.type=network", "--model.hidden=[5,6]", "--model.n_inputs=8", "--model.committee=2"]


def parts(n_parts, n_frames):
    """Frames of the data, dealt out."""
    lines, found, i = DATA.read_text().split("\n"), [], 0
    while i < len(lines) and lines[i].strip():
        n = int(lines[i]) + 2
        found.append("\n".join(lines[i:i + n]) + "\n")
        i += n
    chosen = found[::len(found) // (n_parts * n_frames)][:n_parts * n_frames]
    return ["".join(chosen[k::n_parts]) for k in range(n_parts)]


class TrainFurther(unittest.TestCase):
    def setUp(self):
        texts = parts(3, 6)
        for name, text in zip("abc", texts):
            programs.write(f"{name}.xyz", text)
        programs.write("all.xyz", "".join(texts))

    def numbers(self, name):
        """Energies and forces of all frames."""
        programs.run("eval", name, "all.xyz", "--predictions", "predicted.xyz")
        found = []
        for line in programs.read("predicted.xyz").decode().splitlines():
            words = line.split()
            columns = re.search(r"Properties=(\S+)", line)
            if columns:
                fields = columns.group(1).split(":")
                start = sum(int(fields[i + 2]) for i in range(0, fields.index("mlsoap_forces"), 3))
                found.append(float(re.search(r"mlsoap_energy=(\S+)", line).group(1)))
            elif len(words) > 4:
                found += [float(x) for x in words[start:start + 3]]
        return found

    def difference(self, one, other):
        a, b = self.numbers(one), self.numbers(other)
        self.assertEqual(len(a), len(b))
        return max(abs(x - y) for x, y in zip(a, b))

    def information(self, name):
        return json.loads(programs.run("info", name, "--json").stdout)

    def test_folding_equals_the_joint_fit(self):
        terms = ["--descriptors.1={name: pairs, type: acsf, mode: dscribe, r_cut: 6, g2: [[1, 2], [1, 4]]}",
                 "--model=[{on: [soap], type: linear, sigma: {energy: 0.002, forces: 0.1, virial: 0.02}, "
                 "keep_triangles: true}, {on: [pairs], type: linear, delta: 0.5}]"]
        models = {"terms": (terms, [], 1e-10),
                  "linear": (["--model.type=linear"], [], 1e-10),
                  "gp": (["--model.n_sparse=40"], ["--model.sparse_points=gp_a.triangles"], 1e-7)}
        for name, (model, points, tolerance) in models.items():
            keep = [] if name == "terms" else ["--model.keep_triangles=true"]
            programs.run("train", "a.xyz", *FIXED, DESCRIPTOR, *model, *keep, "-o", f"{name}_a.mlsoap")
            programs.run("train", "b.xyz", "--validation", "0", "--from", f"{name}_a.mlsoap", "-o", f"{name}_ab.mlsoap")
            programs.run("train", "c.xyz", "--validation", "0", "--from", f"{name}_ab.mlsoap", "-o",
                         f"{name}_abc.mlsoap")
            programs.run("train", "a.xyz", "b.xyz", "c.xyz", *FIXED, DESCRIPTOR, *model, *points, "-o",
                         f"{name}_joint.mlsoap")
            self.assertLess(self.difference(f"{name}_abc.mlsoap", f"{name}_joint.mlsoap"), tolerance)
            self.assertGreater(self.difference(f"{name}_ab.mlsoap", f"{name}_joint.mlsoap"), 1e-3)

    def test_a_term_without_centers_in_the_new_data_rests_on_the_old(self):
        a = programs.read("a.xyz").decode()
        programs.write("ge.xyz", a.replace("\nSi", "\nGe", 7))
        fixed = [w.replace("{Si: -5.0}", "{Si: -5.0, Ge: -4.0}") for w in FIXED[:-1]]
        pairs = "--descriptors.1={name: pairs, type: acsf, mode: dscribe, r_cut: 6, centers: [Ge], g2: [[1, 2], [1, 4]]}"
        first = "{on: [soap], type: linear, sigma: {energy: 0.002, forces: 0.1, virial: 0.02}, keep_triangles: true}"
        for kind, tolerance in (("type: linear", 1e-10), ("n_sparse: 5", None)):
            words = [*fixed, DESCRIPTOR, pairs, f"--model=[{first}, {{on: [pairs], {kind}}}]"]
            programs.run("train", "ge.xyz", *words, "-o", "ge_a.mlsoap")
            further = ["train", "b.xyz", "--validation", "0", "--from", "ge_a.mlsoap", "-o", "ge_ab.mlsoap"]
            out = programs.run(*further).stdout
            self.assertIn("model.1: the new data hold no center of its descriptors: it rests on the data of ge_a.mlsoap", out)
            programs.run("check", "ge_ab.mlsoap")
            if tolerance:
                programs.run("train", "ge.xyz", "b.xyz", *words, "-o", "ge_joint.mlsoap")
                self.assertLess(self.difference("ge_ab.mlsoap", "ge_joint.mlsoap"), tolerance)
                self.assertGreater(self.difference("ge_ab.mlsoap", "ge_a.mlsoap"), 1e-3)
        pairs = "--descriptors.1={name: pairs, centers: [Ge], r_cut: 4.5, n_max: 3, l_max: 2, sigma: 0.6}"
        done = programs.fails("train", "b.xyz", *FIXED[:-1], DESCRIPTOR, pairs, words[-1], "-o", "y.mlsoap",
                              message="model.1.on: the training data, of Si, hold no center of its descriptors (pairs)")
        self.assertIn("or leave the term away", done.stderr)

    def test_weights_found_by_validation_are_taken_over(self):
        programs.run("train", "a.xyz", DESCRIPTOR, "--model.n_sparse=40", "--model.keep_triangles=true", "-o",
                     "w_a.mlsoap")
        done = programs.run("train", "b.xyz", "--from", "w_a.mlsoap", "-o", "w_ab.mlsoap")
        self.assertIn("of the potential that is trained further", done.stdout)
        a, ab = (self.information(f"w_{n}.mlsoap") for n in ("a", "ab"))
        self.assertEqual(a["offsets"], ab["offsets"])
        self.assertEqual([f["file"] for f in ab["provenance"]["data"]], ["b.xyz"])
        before = ab["provenance"]["from"]
        self.assertEqual(before["identity"], a["sha256"])
        self.assertEqual(before["data"], a["provenance"]["data"])

    def test_a_network_goes_on_from_its_weights(self):
        programs.run("train", "a.xyz", DESCRIPTOR, *NETWORK, "--model.epochs=10", "-o", "n_a.mlsoap")
        programs.run("train", "b.xyz", "--from", "n_a.mlsoap", "--model.learning_rate=1e-12", "--model.weight_decay=0",
                     "--model.epochs=1", "-o", "n_same.mlsoap")
        self.assertLess(self.difference("n_a.mlsoap", "n_same.mlsoap"), 1e-7)
        programs.run("train", "b.xyz", "--from", "n_a.mlsoap", "--model.epochs=10", "-o", "n_ab.mlsoap")
        programs.run("eval", "n_a.mlsoap", "b.xyz", "--json", "before.json")
        before = json.loads(programs.read("before.json"))["total"]["forces"]["rmse"]
        after = self.information("n_ab.mlsoap")["errors"]["train"]["total"]["forces"]["rmse"]
        self.assertLess(after, before)
        programs.fails("train", "b.xyz", "--from", "n_a.mlsoap", "--model.hidden=[4,6]", "-o", "n.mlsoap",
                       message="leave model.hidden away")
        programs.fails("train", "b.xyz", "--from", "n_a.mlsoap", "--model.committee=3", "-o", "n.mlsoap",
                       message="the 2 members that are stored")
        programs.fails("train", "b.xyz", "--from", "n_a.mlsoap", "--model=[{hidden: [6, 6]}]", "-o", "n.mlsoap",
                       message="only keys of its one model can be given")

    def test_what_does_not_fit_is_refused(self):
        words = ["train", "a.xyz", DESCRIPTOR, "--model.type=linear", "--zbl=none"]
        programs.run(*words, "--model.keep_triangles=true", "-o", "x.mlsoap")
        further = ["train", "b.xyz", "--from", "x.mlsoap", "-o", "y.mlsoap"]
        programs.fails(*further, DESCRIPTOR, message="descriptors")
        programs.fails(*further, "--offsets={Si: 1}", message="offsets")
        programs.fails(*further, "--model.noise=0.1", message="linear in its unknowns")
        programs.fails(*further, "--scan", "seed=1,2", code=2, message="leave --from away")
        programs.write("c2.xyz", programs.read("b.xyz").replace(b"\nSi", b"\nGe", 1))
        programs.fails("train", "c2.xyz", "--from", "x.mlsoap", "-o", "y.mlsoap", message="atomic number 32")
        good = programs.read("x.triangles")
        programs.write("x.triangles", good[:500] + b"x" + good[501:])
        programs.fails(*further, message="damaged")
        shutil.copy(programs.path("x.mlsoap"), programs.path("old.mlsoap"))
        programs.write("old.triangles", good)
        programs.run("train", "b.xyz", *words[2:], "-o", "old.mlsoap")
        programs.fails("train", "c.xyz", "--from", "old.mlsoap", "-o", "y.mlsoap", message="belong to another potential")
        programs.run(*words, "-o", "bare.mlsoap")
        programs.fails("train", "b.xyz", "--from", "bare.mlsoap", "-o", "y.mlsoap", message="model.keep_triangles: true")


if __name__ == "__main__":
    run_tests()
