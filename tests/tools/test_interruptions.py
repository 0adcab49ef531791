# SPDX-License-Identifier: BSD-3-Clause
"""Trainings that are stopped, killed, short of disk or of memory: they go on to the same bits and never leave a broken
file.

usage: test_interruptions.py --programs FOLDER [Interrupted|Killed]"""

import json
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import time
import unittest

from programs import programs, run_tests

DATA = pathlib.Path(__file__).resolve().parents[2] / "examples/data/si_zuo2020/train.xyz"
DESCRIPTOR = "--descriptors=[{type: soap, r_cut: 4, n_max: 3, l_max: 2, sigma: 0.6}]"
NETWORK = ["--model.type=network", "--model.hidden=[3]", "--model.n_inputs=4"]
MODELS = {
    "adam": [*NETWORK, "--model.optimizer=adam", "--model.committee=2", "--model.epochs=100"],
    "lbfgs": [*NETWORK, "--model.optimizer=lbfgs", "--model.epochs=100"],
    "levenberg_marquardt": [*NETWORK, "--model.optimizer=levenberg_marquardt", "--model.epochs=1",
                            "--model.hidden=[2]", "--model.n_inputs=2"],
    "sparse_gp": ["--model.n_sparse=60"],
    "linear": ["--model.type=linear"],
    "terms": ["--descriptors.1={name: pairs, type: acsf, mode: dscribe, r_cut: 5, g2: [[1, 2], [1, 4]]}",
              "--model=[{on: [soap], n_sparse: 60}, {on: [pairs], type: linear}]"],
}
EXIT_INTERRUPTED = 3


def read_frames(path):
    """The frames of an extxyz file as texts."""
    lines, found, i = pathlib.Path(path).read_text().split("\n"), [], 0
    while i < len(lines) and lines[i].strip():
        n = int(lines[i]) + 2
        found.append("\n".join(lines[i:i + n]) + "\n")
        i += n
    return found


frames = read_frames(DATA)


class Runs(unittest.TestCase):
    """Runs of X.mlsoap = broken.mlsoap that do not end by themselves."""

    def setUp(self):
        programs.write("few.xyz", "".join(frames[::30]))
        programs.write("many.xyz", "".join(frames))

    def tearDown(self):
        for name in os.listdir(programs.scratch):
            if name.startswith("broken."):
                os.remove(programs.path(name))

    def words(self, model, output, *more):
        data = "many.xyz" if model in ("sparse_gp", "linear", "terms") else "few.xyz"
        return ["train", data, "-o", output, DESCRIPTOR, *MODELS[model], "--checkpoint=0.01 s", *more]

    def identity(self, name):
        return json.loads(programs.run("info", name, "--json").stdout)["sha256"]

    def unbroken(self, model, *more):
        """Its identity and the seconds it takes."""
        begin = time.monotonic()
        programs.run(*self.words(model, "whole.mlsoap", *more))
        return self.identity("whole.mlsoap"), time.monotonic() - begin

    def start(self, model, *more):
        """On two threads: it does not get faster by more cores."""
        return subprocess.Popen([os.path.join(programs.folder, "mlsoap"), *self.words(model, "broken.mlsoap", *more)],
                                cwd=programs.scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=dict(os.environ, OMP_NUM_THREADS="2"))

    def wait_for(self, process, name):
        """True once the file is there, false where the run was over before."""
        while not os.path.exists(programs.path(name)):
            if process.poll() is not None:
                return False
            time.sleep(0.001)
        return True

    def stop(self, model, number=signal.SIGTERM, more=()):
        """What a run says that gets the signal once there is a checkpoint. A run that was over before the signal came is
        none: it is started again."""
        for _ in range(20):
            process = self.start(model, *more)
            if self.wait_for(process, "broken.ckpt"):
                process.send_signal(number)
            _, err = process.communicate()
            if process.returncode != 0:
                self.assertEqual(process.returncode, EXIT_INTERRUPTED, (model, err))
                return err
            self.tearDown()
        return self.fail(f"{model}: no signal of 20 stopped a run")

    def checkpoints(self):
        events = [json.loads(line) for line in programs.read("broken.log.jsonl").splitlines()]
        return [e["written"] for e in events if e["event"] == "checkpoint"]

    def finish(self, model, identity, *more):
        done = programs.run(*self.words(model, "broken.mlsoap", "--resume", *more))
        self.assertEqual(self.identity("broken.mlsoap"), identity)
        self.assertEqual(self.left(), [f"broken.{e}" for e in ("config.yaml", "log.jsonl", "mlsoap", "parity.csv",
                                                       "report.html")])
        return done

    def left(self):
        return sorted(name for name in os.listdir(programs.scratch) if name.startswith("broken."))


class Killed(Runs):
    def kill_often(self, model, n_kills):
        """Kill the run at seeded moments; a checkpoint that is there once is never lost, and the next run takes it."""
        identity, seconds = self.unbroken(model)
        generator = random.Random(model)
        for _ in range(n_kills):
            had = os.path.exists(programs.path("broken.ckpt"))
            process = self.start(model, "--resume")
            try:
                out, err = process.communicate(timeout=generator.uniform(0.02, 0.5) * seconds)
                self.assertEqual(process.returncode, 0, err)
                self.assertEqual(self.identity("broken.mlsoap"), identity)
                os.remove(programs.path("broken.mlsoap"))
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                self.assertNotIn("error", err)
                complete = os.path.exists(programs.path("broken.mlsoap"))  # killed between the output and the end
                self.assertTrue(os.path.exists(programs.path("broken.ckpt")) or complete or not had)
                if complete:
                    self.assertEqual(self.identity("broken.mlsoap"), identity)
            if had and "resume" in out:
                self.assertIn("going on from broken.ckpt", out)
        self.finish(model, identity)

    def test_twenty_kills_of_a_network(self):
        self.kill_often("adam", 20)

    def test_twenty_kills_of_a_sparse_gp(self):
        self.kill_often("sparse_gp", 20)


class Interrupted(Runs):
    def test_stopped_runs_say_so_and_go_on_to_the_same_bits(self):
        for i, model in enumerate(MODELS):
            identity, _ = self.unbroken(model)
            self.assertIn("--resume goes on", self.stop(model, (signal.SIGTERM, signal.SIGINT)[i % 2]))
            self.assertFalse(os.path.exists(programs.path("broken.mlsoap")))
            done = self.finish(model, identity)
            self.assertIn("resume: going on from broken.ckpt", done.stdout)
            events = [json.loads(line) for line in programs.read("broken.log.jsonl").splitlines()]
            self.assertEqual(sum(e["event"] == "error" for e in events), 1)  # the log has both runs
            self.assertIn(True, self.checkpoints())
            self.tearDown()

    def test_sigusr1_writes_a_checkpoint_and_the_run_goes_on(self):
        identity, _ = self.unbroken("adam")
        for _ in range(20):  # the signal may come after the training
            self.tearDown()
            process = self.start("adam", "--checkpoint=none")
            if self.wait_for(process, "broken.log.jsonl"):  # signals are caught before
                process.send_signal(signal.SIGUSR1)
            _, err = process.communicate()
            self.assertEqual(process.returncode, 0, err)
            if self.checkpoints():
                break
        self.assertEqual(self.checkpoints(), [True])
        self.assertEqual(self.identity("broken.mlsoap"), identity)
        self.assertFalse(os.path.exists(programs.path("broken.ckpt")))

    def test_other_threads_and_memory_go_on_to_the_same_bits(self):
        identity, _ = self.unbroken("sparse_gp")
        self.stop("sparse_gp")
        programs.run(*self.words("sparse_gp", "broken.mlsoap", "--resume", "--memory=2 GiB"), threads=1)
        self.assertEqual(self.identity("broken.mlsoap"), identity)

    def test_checkpoints_of_other_runs_and_damaged_ones_are_refused(self):
        self.stop("adam")
        words = self.words("adam", "broken.mlsoap", "--resume")
        programs.fails(*words, "--model.batch=3", message="settings.model.batch: ")
        programs.write("few.xyz", "".join(frames[1::30]))
        programs.fails(*words, message="data.train file 1: ")
        programs.write("few.xyz", "".join(frames[::30]))
        good = programs.read("broken.ckpt")
        for bad in (good[:-1], good[:1000] + b"x" + good[1001:], b"", b"{}"):
            programs.write("broken.ckpt", bad)
            programs.fails(*words, message="start anew")
            self.assertEqual(programs.read("broken.ckpt"), bad)  # it is the user's to remove

    def test_other_sparse_points_in_the_same_file_are_other_data(self):
        few = ["train", "few.xyz", DESCRIPTOR, *MODELS["sparse_gp"]]
        make = [*few, "--model.keep_triangles=true", "-o", "points.mlsoap"]
        given = "--model.sparse_points=points.mlsoap"
        programs.run(*make)
        old = programs.read("points.triangles")
        self.stop("sparse_gp", more=[given])
        scan = [*few, given, "-o", "broken.mlsoap", "--scan"]
        programs.fails(*scan, "seed=1,-1", message="--scan seed=-1")  # the first fit is kept
        programs.run(*make, "--model.n_sparse=50")
        words = self.words("sparse_gp", "broken.mlsoap", given, "--resume")
        programs.fails(*words, message="data.sparse points: ")
        held = programs.read("broken.scan.ckpt")
        self.assertNotIn(", taken from", programs.run(*scan, "seed=1", "--resume").stdout)
        programs.write("broken.scan.ckpt", held)
        programs.write("points.triangles", old)
        self.assertIn(", taken from", programs.run(*scan, "seed=1", "--resume").stdout)
        programs.run(*words)
        os.remove(programs.path("points.triangles"))
        programs.fails(*words, message="there are no sparse points")

    def scan(self, values, *more):
        return self.words("adam", "broken.mlsoap", "--scan", f"model.epochs={values}", *more)

    def test_signals_stop_a_scan_in_the_middle_of_a_fit(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = subprocess.Popen([os.path.join(programs.folder, "mlsoap"), *self.scan("2,1000000")],
                                       cwd=programs.scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            while not process.stdout.readline().startswith("scan: 1 of 2"):
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGUSR1)  # does nothing
            process.send_signal(number)
            _, err = process.communicate(timeout=300)
            self.assertEqual(process.returncode, EXIT_INTERRUPTED, err)
            self.assertIn("broken.scan.ckpt holds 1 fit: the same command with --resume goes on", err)
            self.assertEqual(self.left(), ["broken.scan.ckpt"])
        out = programs.run(*self.scan("2,3", "--resume")).stdout
        self.assertRegex(out, r"scan: 1 of 2: model.epochs=2: .*, taken from broken.scan.ckpt\n")
        self.assertEqual(self.left(), [f"broken.scan.{e}" for e in ("csv", "html", "json")])

    def test_results_of_a_scan_say_which_times_are_of_another_session(self):
        measured = "measured when it was fitted"
        out = programs.run(*self.scan("2,3")).stdout
        self.assertRegex(out, r"scan: 1 of 2: .*; some \d+ s left\n")
        self.assertNotIn(measured, out + programs.read("broken.scan.html").decode())
        programs.fails(*self.scan("2,-1"), message="--scan model.epochs=-1")  # the first fit is kept
        out = programs.run(*self.scan("3,2", "--resume")).stdout
        self.assertRegex(out, r"scan: 1 of 2: .*; at most \d+ s left\n")
        self.assertIn(measured, out)
        self.assertRegex(out, r"\n *1[* ]  model.epochs=3 +\d")
        self.assertRegex(out, r"\n *2[* ]t model.epochs=2 +\d")
        page = programs.read("broken.scan.html").decode()
        self.assertIn(measured, page)
        self.assertRegex(page, r"<td>1\*?</td><td>3</td>")
        self.assertRegex(page, r"<td>2\*?t</td><td>2</td>")
        points = json.loads(programs.read("broken.scan.json"))["points"]
        self.assertEqual([p["taken"] for p in points], [False, True])
        rows = [row.split(",")[-1] for row in programs.read("broken.scan.csv").decode().splitlines()]
        self.assertEqual(rows, ["taken", "0", "1"])

    def test_a_full_disk_stops_a_scan(self):
        done = subprocess.run([os.path.join(programs.folder, "mlsoap-train"), *self.scan("1,2")[1:]], check=False,
                              cwd=programs.scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("--scan model.epochs=1: broken.scan.ckpt: cannot write", done.stderr)
        self.assertEqual(self.left(), [])

    def test_a_full_disk_leaves_the_old_files(self):
        identity, _ = self.unbroken("adam")
        self.stop("adam")
        old = programs.read("broken.ckpt")
        words = self.words("adam", "broken.mlsoap", "--resume")
        done = programs.run(*words, code=1, file_limit=len(old) // 2)  # of the log or the potential in the end
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(programs.read("broken.ckpt"), old)
        self.finish("adam", identity)

    def test_a_small_file_system_leaves_the_old_potential(self):
        folder = programs.path("small")
        os.makedirs(folder, exist_ok=True)
        mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder],
                                                       stderr=subprocess.DEVNULL, check=False).returncode == 0
        if not mounted:
            self.skipTest("no right to mount a small file system")
        try:
            old = b"the old potential"
            programs.write("small/X.mlsoap", old)
            programs.fails("train", "few.xyz", "-o", "small/X.mlsoap", DESCRIPTOR, "--model.n_sparse=2000",
                           "--checkpoint=0.1 s", message="small/X.mlsoap: cannot write: No space left")
            self.assertEqual(programs.read("small/X.mlsoap"), old)
            left = os.listdir(folder)
            self.assertFalse([name for name in left if ".part-" in name], left)
        finally:
            subprocess.run(["umount", folder], check=True)

    def test_memory_stays_below_the_cap(self):
        """The cap is what the fit forecasts: peak of resident memory, and with the address space limited to 1 GiB more."""
        environment = dict(os.environ, OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="1")
        for model, more in (("sparse_gp", "--model.n_sparse=200"), ("adam", "--model.hidden=[64,64]")):
            words = self.words(model, "broken.mlsoap", more, "--model.epochs=1" if model == "adam" else "--seed=2")
            forecast = programs.run(*words, "--dry-run", threads=2).stdout
            cap = int(float(re.search(r"forecast: ([0-9.]+) GiB", forecast).group(1)) * 2**30) + 2**23  # rounded

            def limit(size=cap + 2**30):
                resource.setrlimit(resource.RLIMIT_AS, (size, size))

            process = subprocess.Popen(
                [os.path.join(programs.folder, "mlsoap-train"), *words[1:], f"--memory={cap} B"], env=environment,
                cwd=programs.scratch, stdout=subprocess.DEVNULL, preexec_fn=limit)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0, model)
            self.assertLess(usage.ru_maxrss * 1024, cap, model)
            print(f"{model}: peak {usage.ru_maxrss / 1024:.0f} MiB, cap {cap / 2**20:.0f} MiB")
        programs.fails("train", "many.xyz", "-o", "broken.mlsoap", DESCRIPTOR, "--memory=1 MB", message="raise `memory`")

    def test_targets_that_are_no_numbers_of_a_calculation_name_their_frame(self):
        lines = programs.read("few.xyz").decode().split("\n")
        first = int(lines[0]) + 2  # the second frame
        words = lines[first + 2].split()
        for column, value, what in ((4, "1e200", "force of 1e+200"), (4, "nan", "nan"), (1, "inf", "inf")):
            changed = list(lines)
            changed[first + 2] = " ".join([*words[:column], value, *words[column + 1:]])
            programs.write("absurd.xyz", "\n".join(changed))
            done = programs.fails("train", "absurd.xyz", "-o", "broken.mlsoap", DESCRIPTOR, message=what)
            self.assertRegex(done.stderr, rf"absurd.xyz:({first + 1}|{first + 3}):")


if __name__ == "__main__":
    run_tests()
