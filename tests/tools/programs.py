# SPDX-License-Identifier: BSD-3-Clause
"""Running the programs and making their inputs, for the tests of this folder."""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import unittest


class Programs:
    """The built programs, run in a folder of their own; run_tests says which."""

    folder = scratch = None

    def run(self, *words, code=0, threads=None, file_limit=None, stdout=None):
        """Run `mlsoap WORDS`; the exit code must be `code` (None: any). Returns the completed process."""
        environment = dict(os.environ)
        if threads:
            environment["OMP_NUM_THREADS"] = str(threads)

        def limit():
            if file_limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

        done = subprocess.run([os.path.join(self.folder, "mlsoap"), *map(str, words)], cwd=self.scratch, text=True,
                              stdout=stdout or subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                              preexec_fn=limit, check=False)
        assert code in (None, done.returncode), (words, done.returncode, done.stdout, done.stderr)
        return done

    def fails(self, *words, message, code=1, **options):
        """The command fails, says why on stderr, and prints no results."""
        done = self.run(*words, code=code, **options)
        assert message in done.stderr, (words, message, done.stderr)
        said = done.stderr.splitlines()  # after the progress of what took its time
        assert any(line.startswith("mlsoap") for line in said), done.stderr
        return done

    def path(self, name):
        return os.path.join(self.scratch, name)

    def write(self, name, content):
        with open(self.path(name), "wb" if isinstance(content, bytes) else "w") as file:
            file.write(content)
        return name

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


programs = Programs()


def run_tests(potentials=False, prepare=None):
    """Run the tests of the script. Its arguments: --programs FOLDER, and with potentials --make-potentials PROGRAM,
    whose potentials lie in the scratch folder; the rest goes to unittest. `prepare` runs before the tests."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    if potentials:
        parser.add_argument("--make-potentials", required=True)
    options, rest = parser.parse_known_args()
    programs.folder = os.path.abspath(options.programs)
    with tempfile.TemporaryDirectory() as programs.scratch:
        if potentials:
            subprocess.run([options.make_potentials, programs.scratch], check=True)
        if prepare:
            prepare()
        unittest.main(argv=[sys.argv[0], *rest])


class Frame:
    """A frame of an extxyz file; targets are written where they are given."""

    def __init__(self, symbols, positions, cell=None, energy=None, forces=None, virial=None, config_type=None):
        self.symbols, self.positions, self.cell = symbols, positions, cell
        self.energy, self.forces, self.virial, self.config_type = energy, forces, virial, config_type

    def text(self):
        def join(numbers):
            return " ".join(repr(float(x)) for x in numbers)

        header = []
        if self.cell:
            header.append(f'Lattice="{join(x for row in self.cell for x in row)}"')
        header.append("Properties=species:S:1:pos:R:3" + (":forces:R:3" if self.forces else ""))
        if self.energy is not None:
            header.append(f"energy={self.energy!r}")
        if self.virial:
            header.append(f'virial="{join(self.virial)}"')
        if self.config_type:
            header.append(f"config_type={self.config_type}")
        header.append('pbc="T T T"' if self.cell else 'pbc="F F F"')
        lines = [str(len(self.symbols)), " ".join(header)]
        for i, (symbol, position) in enumerate(zip(self.symbols, self.positions)):
            lines.append(f"{symbol} {join(position)}" + (f" {join(self.forces[i])}" if self.forces else ""))
        return "\n".join(lines) + "\n"


def parse_header(line):
    """The key=value pairs of the second line of a frame."""
    values, rest = {}, line.strip()
    while rest:
        key, rest = rest.split("=", 1)
        if rest.startswith('"'):
            value, rest = rest[1:].split('"', 1)
        else:
            value, _, rest = rest.partition(" ")
        values[key.strip()] = value
        rest = rest.strip()
    return values


def warnings_of(done):
    """What a program says on stderr but progress, which tells of the work that took a busy machine two seconds."""
    return [line for line in done.stderr.splitlines() if not re.search(r": (done in |\d+ of \d+ \()", line)]


def read_frames(text):
    """(header, [columns of each atom]) of every frame."""
    lines, frames, at = text.splitlines(), [], 0
    while at < len(lines):
        n = int(lines[at])
        frames.append((parse_header(lines[at + 1]), [line.split() for line in lines[at + 2:at + 2 + n]]))
        at += n + 2
    return frames
