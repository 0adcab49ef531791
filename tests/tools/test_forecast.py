# SPDX-License-Identifier: BSD-3-Clause
"""`mlsoap train --dry-run` against the truth: memory and size of the file within 20 %, and the cap is kept.

usage: test_forecast.py --programs FOLDER"""

import os
import re
import subprocess
import unittest

from programs import programs, run_tests

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/data/si_zuo2020/train.xyz")
SOAP = "--descriptors=[{type: soap, r_cut: 4.5, n_max: 6, l_max: 4, sigma: 0.5}]"
FITS = {"few points": ["--model.n_sparse=80"],
        "many points": ["--model.n_sparse=700", "--model.zeta=4", "--uncertainty=none"],
        "linear": ["--model={type: linear}"],
        "network": ["--model={type: network, hidden: [48, 48], epochs: 1}"]}


def forecast(*words):
    """(bytes of memory, bytes of the potential)"""
    text = programs.run("train", *words, "--dry-run", threads=2).stdout
    found = re.search(r"forecast: (\S+) GiB of memory .*, some [0-9.]+ s, a potential of (\S+) MB;", text)
    return float(found.group(1)) * 2**30, float(found.group(2)) * 1e6


def peak_of(*words):
    """Train; the most memory that the process had, in bytes."""
    program = os.path.join(programs.folder, "mlsoap-train")
    with open(programs.path("log"), "w", encoding="utf-8") as log:
        child = subprocess.Popen([program, *words], cwd=programs.scratch, stdout=log, stderr=log,
                                 env=dict(os.environ, OMP_NUM_THREADS="2"))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, programs.read("log").decode()
    return 1024 * usage.ru_maxrss


class Forecast(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(DATA, encoding="utf-8") as file:
            lines, text, k = file.readlines(), [], 0
        while lines:
            n = int(lines[0]) + 2
            text += lines[:n] if k % 4 == 0 else []
            lines, k = lines[n:], k + 1
        programs.write("train.xyz", "".join(text))

    def test_memory_and_size_are_those_of_the_fit(self):
        for name, words in FITS.items():
            with self.subTest(fit=name):
                words = ["train.xyz", SOAP, *words, "-o", "x.mlsoap"]
                memory, size = forecast(*words)
                peak = peak_of(*words)
                self.assertLess(abs(memory / peak - 1), 0.2, [memory, peak])
                true_size = os.path.getsize(programs.path("x.mlsoap"))
                self.assertLess(abs(size / true_size - 1), 0.2, [size, true_size])

    def test_the_cap_is_kept(self):
        words = ["train.xyz", SOAP, *FITS["many points"], "-o", "x.mlsoap"]
        memory, _ = forecast(*words)
        cap = 1.15 * memory
        self.assertLess(peak_of(*words, f"--memory={cap / 2**20:.0f} MiB"), cap)
        programs.fails("train", *words, f"--memory={0.7 * memory / 2**20:.0f} MiB", message="the fit needs about ")


if __name__ == "__main__":
    run_tests()
