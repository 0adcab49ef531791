# SPDX-License-Identifier: BSD-3-Clause
"""Time and memory of fits of silicon: mlsoap beside gap_fit on 40 structures, and mlsoap alone by the number of frames.

Both codes get the same structures, the same SOAP settings (n_max 8, l_max 8, cutoff 5, sigma 0.5, zeta 4), 1000 sparse points
and one core, one after the other; mlsoap also searches weights and noise by validation. Times are processor times (wall in
brackets), memory the largest resident size. By frames: 300 sparse points on a quarter, a half and all of the training set, and on
all of it twice, the second time slightly displaced, so that no two frames are the same."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import ase.io
import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
SILICON = ROOT / "examples" / "data" / "si_zuo2020"
SOAP = ["--descriptors.0.r_cut=5", "--descriptors.0.n_max=8", "--descriptors.0.l_max=8", "--descriptors.0.sigma=0.5"]
GAP = ["default_sigma={0.005 0.1 0.05 0.0}", "e0_method=average", "energy_parameter_name=energy", "force_parameter_name=forces",
       "virial_parameter_name=virial", "sparse_jitter=1e-8", "do_copy_at_file=F", "sparse_separate_file=T",
       "gap={soap l_max=8 n_max=8 cutoff=5.0 cutoff_transition_width=1.0 atom_sigma=0.5 zeta=4 n_sparse=1000 delta=1.0 "
       "covariance_type=dot_product sparse_method=cur_points}"]


def run(folder, name, command):
    """One command on one core: processor and wall seconds, memory in MB. One that was measured already is kept."""
    kept = folder / f"{name}.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    log = folder / f"{name}.log"
    print(f"{name} ({log})", flush=True)
    start = time.monotonic()
    with open(log, "w", encoding="utf-8") as stream:
        process = subprocess.Popen([str(word) for word in command], cwd=folder, stdout=stream, stderr=subprocess.STDOUT,
                                   env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{name} failed: see {log}")
    row = {"name": name, "processor_s": usage.ru_utime + usage.ru_stime, "wall_s": time.monotonic() - start,
           "memory_mb": usage.ru_maxrss / 1024}
    kept.write_text(json.dumps(row), encoding="utf-8")
    return row


def write_frames(path, frames):
    for atoms in frames:
        atoms.info.pop("config_type", None)
    ase.io.write(path, frames, format="extxyz")
    return path


def displaced(frames, seed):
    """The same frames with atoms moved by less than the errors of a fit; only their cost counts here."""
    generator, copies = numpy.random.default_rng(seed), []
    for atoms in frames:
        copy = atoms.copy()
        copy.calc = atoms.calc
        copy.positions += generator.normal(0, 1e-3, copy.positions.shape)
        copies.append(copy)
    return copies


def against_gap(build, folder, frames, with_gap):
    data = write_frames(folder / "forty.xyz", frames[::5][:40])
    rows = [run(folder, "mlsoap", [build / "bin" / "mlsoap", "train", data, *SOAP, "--model.type=sparse_gp", "--model.zeta=4", "--model.n_sparse=1000",
                                   "-o", "forty.mlsoap"])]
    if with_gap:
        rows.append(run(folder, "gap_fit", [pathlib.Path(sys.executable).with_name("gap_fit"), f"at_file={data}",
                                            "gp_file=gap.xml", *GAP]))
    return rows


def by_frames(build, folder, frames):
    sets = {54: frames[::4], 107: frames[::2], 214: frames, 428: [*frames, *displaced(frames, 1)]}
    rows = []
    for n, chosen in sets.items():
        data = write_frames(folder / f"frames{n}.xyz", chosen)
        row = run(folder, f"frames{n}", [build / "bin" / "mlsoap", "train", data, *SOAP[:2], "--descriptors.0.l_max=6",
                                            "--model.type=sparse_gp", "--model.n_sparse=300", "-o", f"frames{n}.mlsoap"])
        rows.append({**row, "frames": n, "atoms": sum(map(len, chosen))})
    return rows


def plot(folder, rows):
    """Time and memory by the number of atoms, by gnuplot."""
    data = "\n".join(f"{r['atoms']} {r['processor_s']:.2f} {r['memory_mb']:.1f}" for r in rows)
    script = f"""set terminal svg size 720,400 font 'sans,13' background 'white'
set output 'fit_peers.svg'
set grid; set key top left
set xlabel 'atoms of the training frames'; set ylabel 'processor time of the fit, s'; set y2label 'memory, MB'
set yrange [0:*]; set y2range [0:*]; set xrange [0:*]; set ytics nomirror; set y2tics
$rows << EOD
{data}
EOD
plot $rows using 1:2 with linespoints pt 7 lc rgb '#0072b2' title 'time', \\
     $rows using 1:3 axes x1y2 with linespoints pt 5 lc rgb '#d55e00' title 'memory'
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True, cwd=folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--no-gap", action="store_true")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    folder = build / "fit_peers"
    folder.mkdir(exist_ok=True)
    frames = ase.io.read(SILICON / "train.xyz", ":")
    beside, scaling = against_gap(build, folder, frames, not arguments.no_gap), by_frames(build, folder, frames)
    (folder / "fit_peers.json").write_text(json.dumps({"beside": beside, "frames": scaling}, indent=1), encoding="utf-8")
    plot(folder, scaling)
    print("| 40 structures, 1000 points, zeta 4 | processor s (wall) | memory, MB |\n|---|---|---|")
    for row in beside:
        print(f"| {row['name']} | {row['processor_s']:.1f} ({row['wall_s']:.1f}) | {row['memory_mb']:.0f} |")
    if len(beside) == 2:
        print(f"| gap_fit / mlsoap | {beside[1]['processor_s'] / beside[0]['processor_s']:.1f} | "
              f"{beside[1]['memory_mb'] / beside[0]['memory_mb']:.1f} |")
    print("\n| frames | atoms | processor s | memory, MB |\n|---|---|---|---|")
    for row in scaling:
        print(f"| {row['frames']} | {row['atoms']} | {row['processor_s']:.1f} | {row['memory_mb']:.0f} |")


if __name__ == "__main__":
    main()
