# SPDX-License-Identifier: BSD-3-Clause
"""Training on several ranks: the potential of one rank, one message where any of them fails, nothing half written.

usage: test_ranks.py --programs FOLDER --mpirun PROGRAM --unit-test PROGRAM"""

import os
import subprocess
import sys
import unittest

from programs import programs, read_frames, run_tests

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMALL = ["--descriptors.0.r_cut=4.5", "--descriptors.0.n_max=3", "--descriptors.0.l_max=2", "--descriptors.0.sigma=0.6"]
MODELS = {
    "sparse_gp": ["--model.n_sparse=60"],
    "cur": ["--model.n_sparse=60", "--model.selection=cur", "--uncertainty=none"],
    "linear": ["--model.type=linear"],
    "terms": ["--descriptors.1={name: pairs, type: acsf, mode: dscribe, r_cut: 6, g2: [[1, 2], [1, 4]]}",
              "--model=[{on: [pairs], type: linear, delta: 0.5}, {on: [soap], n_sparse: 60}]"],
    "network": ["--model.type=network", "--model.hidden=[6]", "--model.n_inputs=12", "--model.epochs=3",
                "--model.committee=2"],
}
launcher = {}  # --mpirun, --unit-test


def frames_of(path, step):
    """Every step-th frame of an extxyz file."""
    text, n = "", 0
    with open(path, encoding="utf-8") as file:
        while line := file.readline():
            frame = line + "".join(file.readline() for _ in range(int(line) + 1))
            text += frame if n % step == 0 else ""
            n += 1
    return text


def setUpModule():
    programs.write("si.xyz", frames_of(os.path.join(ROOT, "examples/data/si_zuo2020/train.xyz"), 7))


def launch(n_ranks, words, threads=1, shell=None):
    """`mlsoap train WORDS` on ranks; `shell` is run by each of them before it starts."""
    command = [os.path.join(programs.folder, "mlsoap"), "train", *words]
    return start(n_ranks, ["bash", "-c", shell + ' exec "$@"', "bash", *command] if shell else command, threads)


def start(n_ranks, command, threads=1):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS="1", OMP_WAIT_POLICY="passive",
                       OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                       OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_btl_vader_single_copy_mechanism="none")
    return subprocess.run([launcher["--mpirun"], "--bind-to", "none", "-np", str(n_ranks), *command],
                          cwd=programs.scratch, text=True, stdin=subprocess.DEVNULL, capture_output=True,
                          env=environment, timeout=600, check=False)


def factorization(words):
    term = ".0" if words == MODELS["terms"] else ""
    return f"--model{term}.factorization=distributed"


def identity(out):
    return out[out.index("identity: "):].split()[1]


class Ranks(unittest.TestCase):
    def test_the_layer(self):
        for n_ranks in (2, 3):
            done = start(n_ranks, [launcher["--unit-test"]])
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_identity(self):
        """The same potential for any number of ranks and threads and any cap."""
        for name, words in MODELS.items():
            serial = programs.run("train", "si.xyz", *SMALL, *words, "-o", "serial.mlsoap", threads=2).stdout
            for n_ranks, threads, cap in [(2, 2, "1 GiB"), (3, 1, "8 GiB")]:
                done = launch(n_ranks, ["si.xyz", *SMALL, *words, f"--memory={cap}", "-o", f"{name}.mlsoap"], threads)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(identity(done.stdout), identity(serial), (name, n_ranks, threads))
                self.assertEqual(done.stdout.count("identity: "), 1)
            self.assertIn("on each rank", done.stdout)
            info = programs.run("info", f"{name}.mlsoap").stdout
            self.assertIn(identity(serial), info)
            self.assertEqual(programs.read(f"{name}.parity.csv"), programs.read("serial.parity.csv"))

    def predictions(self, words):
        """Energies, and force components, of the training frames by what these words train on two ranks."""
        done = launch(2, ["si.xyz", *SMALL, *words, "--uncertainty=none", "-o", "over.mlsoap"])
        self.assertEqual(done.returncode, 0, done.stderr)
        programs.run("eval", "over.mlsoap", "si.xyz", "--predictions", "over.xyz")
        frames = read_frames(programs.read("over.xyz").decode())
        forces = [float(x) for _, atoms in frames for atom in atoms for x in atom[-3:]]
        return done.stdout, [float(header["mlsoap_energy"]) for header, _ in frames], forces

    def test_factorization_over_ranks(self):
        """ScaLAPACK gives what the tree gives, to rounding; a cap that one rank would break asks for it."""
        if launch(2, ["si.xyz", "--dry-run", "--model.factorization=distributed"]).returncode:
            self.skipTest("built without ScaLAPACK")
        for words in (MODELS["sparse_gp"], MODELS["linear"], MODELS["terms"]):
            _, energies, forces = self.predictions(words)
            out, other_energies, other_forces = self.predictions([*words, factorization(words)])
            self.assertIn("factorization: over all ranks", out)
            largest = max(map(abs, forces))
            for a, b in zip(energies, other_energies, strict=True):
                self.assertLessEqual(abs(a - b), 1e-8 * abs(a))
            for a, b in zip(forces, other_forces, strict=True):
                self.assertLessEqual(abs(a - b), 1e-8 * largest)
        many = ["si.xyz", *SMALL, "--model.n_sparse=1500", "--dry-run"]
        self.assertNotIn("over all ranks", launch(2, many).stdout)
        self.assertIn("over all ranks", launch(2, [*many, "--memory=0.25 GiB"]).stdout)
        programs.fails("train", "si.xyz", *SMALL, "--model.factorization=distributed", message="needs several ranks")

    def fails_once(self, done, message, code=1):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("mlsoap train: error: "), 1, done.stderr)
        self.assertIn(message, done.stderr)
        self.assertFalse(os.path.exists(programs.path("never.mlsoap")))
        self.assertFalse([name for name in os.listdir(programs.scratch) if name.startswith("never.mlsoap")])

    def test_the_same_error_everywhere(self):
        self.fails_once(launch(2, ["absent.xyz", "-o", "never.mlsoap"]), "absent.xyz: cannot open")
        self.fails_once(launch(2, ["--nonsense"]), "unknown option", code=2)
        self.assertEqual(launch(2, ["--version"]).stdout.count("mlsoap"), 1)

    def test_an_error_of_one_rank(self):
        """Rank 1 finds no file while rank 0 is on its way to the fit."""
        shell = 'if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then mkdir -p elsewhere; cd elsewhere; fi;'
        done = launch(2, ["si.xyz", *SMALL, *MODELS["sparse_gp"], "-o", "never.mlsoap"], shell=shell)
        self.fails_once(done, "rank 1: si.xyz: cannot open")

    def test_a_rank_that_dies(self):
        """In the fit, which begins with the log."""
        shell = ('if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then '
                 '(until [ -e dies.log.jsonl ]; do sleep 0.01; done; kill -9 $$) </dev/null >/dev/null 2>&1 & fi;')
        done = launch(2, ["si.xyz", "--model.n_sparse=1000", "-o", "dies.mlsoap"], shell=shell)
        self.assertTrue(os.path.exists(programs.path("dies.log.jsonl")))
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse(os.path.exists(programs.path("dies.mlsoap")))

    def test_the_launcher_of_another_mpi(self):
        environment = dict(os.environ, PMI_SIZE="2", PMI_RANK="0")
        done = subprocess.run([os.path.join(programs.folder, "mlsoap-train"), "si.xyz"], cwd=programs.scratch, text=True,
                              capture_output=True, env=environment, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("launcher of MPICH", done.stderr)

    def test_init_and_forecast(self):
        done = launch(2, ["si.xyz", "--init"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("train.yaml: written"), 1)
        done = launch(2, ["si.xyz", *SMALL, "--dry-run"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("forecast: "), 1)


if __name__ == "__main__":
    for option in ("--mpirun", "--unit-test"):
        place = sys.argv.index(option)
        launcher[option] = sys.argv[place + 1]
        del sys.argv[place:place + 2]
    run_tests()
