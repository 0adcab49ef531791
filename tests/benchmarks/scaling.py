# SPDX-License-Identifier: BSD-3-Clause
"""Time and memory of pair style mlsoap by number of atoms, ranks and threads, for silicon near 300 K.

Memory is the largest resident size of the process beyond that of the same run with `pair_style zero` of the same cutoff
and list. Rounds are interleaved; the least time counts."""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

SIZES = {5: 1000, 11: 10648, 23: 97336, 50: 1000000}  # cubic cells per edge: atoms
RESOURCES = "import os,resource,subprocess,sys; code = subprocess.call(sys.argv[1:]); " \
            "print('MAXRSS', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"


class Run:
    """LAMMPS on a crystal of n^3 cubic cells (or n x n x m)."""

    def __init__(self, build, potential):
        self.build, self.potential = build, potential
        self.folder = build / "peers"
        self.folder.mkdir(exist_ok=True)
        self.r_cut = json.loads(subprocess.run([build / "bin" / "mlsoap", "info", potential, "--json"], check=True,
                                               stdout=subprocess.PIPE).stdout)["r_cut"]

    def __call__(self, edges, steps, ranks=1, threads=1, zero=False):
        pair = (f"pair_style zero {self.r_cut} full\npair_coeff * *\n" if zero else
                f"plugin load {self.build}/lib/wheel/mlsoapplugin.so\npair_style mlsoap\npair_coeff * * {self.potential} Si\n")
        (self.folder / "in.scaling").write_text(
            "units metal\natom_style atomic\nlattice diamond 5.469\nregion box block 0 {} 0 {} 0 {}\n".format(*edges)
            + "create_box 1 box\ncreate_atoms 1 box\nmass 1 28.085\ndisplace_atoms all random 0.06 0.06 0.06 7\n" + pair
            + "neighbor 1.0 bin\nneigh_modify every 1 delay 2 check yes\nvelocity all create 300.0 4711\ntimestep 0.001\n"
            f"fix 1 all nve\nthermo 1000000\nrun 1\nrun {steps}\n", encoding="ascii")
        command = [sys.executable, "-c", RESOURCES]
        if ranks > 1:
            command += [str(self.build / "venv" / "bin" / "mpiexec"), "-n", str(ranks)]
        command += [str(self.build / "venv" / "bin" / "lmp"), "-in", "in.scaling", "-log", "none"]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              env=dict(os.environ, OMP_NUM_THREADS=str(threads)))
        if done.returncode:
            raise RuntimeError("".join(re.findall(r"ERROR.*", done.stdout)) or done.stdout[-500:])
        atoms = int(re.findall(r"with (\d+) atoms", done.stdout)[-1])
        loop = float(re.findall(r"^Loop time of (\S+)", done.stdout, re.M)[-1])
        pair_time = re.findall(r"^Pair\s+\|\s*\S+\s*\|\s*(\S+)", done.stdout, re.M)
        return {"atoms": atoms, "ranks": ranks, "threads": threads, "loop_us": 1e6 * loop / steps / atoms,
                "pair_us": 1e6 * float(pair_time[-1]) / steps / atoms,
                "rss_kb": int(re.findall(r"^MAXRSS (\d+)", done.stdout, re.M)[-1])}


def best(run, rounds, cases):
    """The least of interleaved rounds for each case (edges, steps, ranks, threads)."""
    results = [None] * len(cases)
    for _ in range(rounds):
        for k, case in enumerate(cases):
            result = run(*case)
            if results[k] is None or result["loop_us"] < results[k]["loop_us"]:
                results[k] = result
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("potential", nargs="?", type=pathlib.Path)
    parser.add_argument("--largest", type=int, default=1000000, help="atoms")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    run = Run(build, (arguments.potential or build / "quickstart" / "Si.mlsoap").resolve())
    sizes = [n for n, atoms in SIZES.items() if atoms <= arguments.largest]
    cores = os.cpu_count() or 1

    by_size = best(run, arguments.rounds, [((n, n, n), max(2, 20000 // SIZES[n])) for n in sizes])
    print("atoms, one process: us per atom and step (pair, whole), bytes per atom beyond LAMMPS's own")
    for n, result in zip(sizes, by_size):
        plain = run((n, n, n), 2, zero=True)
        result["bytes_beyond"] = 1024 * (result["rss_kb"] - plain["rss_kb"]) / result["atoms"]
        print(f"{result['atoms']:9d} {result['pair_us']:8.2f} {result['loop_us']:8.2f} {result['bytes_beyond']:10.0f}", flush=True)
    flat = [r["pair_us"] for r in by_size]
    print(f"largest over smallest: {max(flat) / min(flat):.3f}")

    counts = [k for k in (1, 2, 4, 8, 16) if k <= cores]
    n = 11 if arguments.largest >= 10000 else 5
    parallel = {}
    for title, cases in {
        "strong, ranks": [((n, n, n), 10, k, 1) for k in counts],
        "strong, threads": [((n, n, n), 10, 1, k) for k in counts],
        "weak, ranks": [((n, n, n * k), 10, k, 1) for k in counts],
    }.items():
        results = parallel[title] = best(run, arguments.rounds, cases)
        print(f"{title}: " + ", ".join(f"{r['ranks'] * r['threads']}: {r['loop_us']:.2f} us/atom "
                                       f"(efficiency {results[0]['loop_us'] / r['loop_us'] / r['ranks'] / r['threads']:.2f})"
                                       for r in results), flush=True)
    with open(run.folder / "scaling.json", "w", encoding="utf-8") as stream:
        json.dump({"potential": str(run.potential), "sizes": by_size, "parallel": parallel}, stream, indent=1)


if __name__ == "__main__":
    main()
