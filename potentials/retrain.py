# SPDX-License-Identifier: BSD-3-Clause
"""Retrain the potentials of this folder, compare them with those that are here, and write the table of README.md.

Every NAME.yaml is fitted as it stands in build/retrained, where links lead to the data. The same identity as that of NAME.mlsoap
means the same potential to the last bit, which the same machine and libraries give; other ones round differently, and there
the errors on the test set must agree within the tolerances below. us/atom is the processor time of LAMMPS's section "Pair" for a
thermal crystal (tests/benchmarks/peers.py)."""

import argparse
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
BEGIN, END = "<!-- table: begin (written by retrain.py) -->", "<!-- table: end -->"
ENERGY_TOLERANCE, FORCE_TOLERANCE = 0.15, 0.03  # of the published errors, relative: what another rounding of a network gives

ZUO = ("Zuo et al., J. Phys. Chem. A 124 (2020) 731, doi:10.1021/acs.jpca.9b08723", "BSD-3-Clause")
LI = ("Li et al., npj Comput. Mater. 6 (2020), doi:10.1038/s41524-020-0339-0", "BSD-3-Clause")
# name: folder of the data (below build/retrained), source, crystal to time (name of peers.SYSTEMS: lattice, a, repeats, amplitude, elements)
POTENTIALS = {
    "Si": ("examples", ZUO, ("diamond", 5.469, 5, 0.038, ["Si"])),
    "Ge": ("zuo2020", ZUO, ("diamond", 5.763, 5, 0.045, ["Ge"])),
    "Li": ("zuo2020", ZUO, ("bcc", 3.427, 8, 0.060, ["Li"])),
    "MoNbTaW": ("monbtaw", LI, ("bcc", 3.240, 8, 0.030, ["Nb", "Mo", "Ta", "W"])),
}


def link_data(folder):
    """Links to the folders of data that the configurations name; returns those that are missing."""
    shared = pathlib.Path(os.environ.get("MLSOAP_DATA", "/nonexistent"))
    missing = []
    for name, target in (("examples", ROOT / "examples"), ("zuo2020", shared / "zuo2020"), ("monbtaw", shared / "monbtaw")):
        link = folder / name
        link.unlink(missing_ok=True)
        if target.is_dir():
            link.symlink_to(target)
        else:
            missing.append(name)
    return missing


def read_json(program, *words):
    return json.loads(subprocess.run([program, *words], check=True, stdout=subprocess.PIPE).stdout)


def fit(program, name, folder):
    """Retrain NAME into `folder`; returns seconds and the largest memory (kB) of the fit."""
    log = folder / f"{name}.out"
    start = time.monotonic()
    print(f"fitting {name} ({log})", flush=True)
    with open(log, "w", encoding="utf-8") as stream:
        process = subprocess.Popen([program, "train", HERE / f"{name}.yaml", "-o", f"{name}.mlsoap"], cwd=folder,
                                   stdout=stream, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the fit of {name} failed; its log is {log}")
    return {"seconds": time.monotonic() - start, "processor_seconds": usage.ru_utime + usage.ru_stime, "memory_kb": usage.ru_maxrss}


def time_potentials(build, paths):
    """us per atom and step of each potential, least of three interleaved rounds."""
    import peers

    peers.SYSTEMS.update({name: POTENTIALS[name][2] for name in paths})
    peers.MASSES.update({"Ge": 72.630, "Li": 6.94, "W": 183.84})
    bench = peers.Bench(argparse.Namespace(build=build, seconds=1))
    times = {name: [] for name in paths}
    for name in paths:
        bench.write_data(f"{name}.data", peers.crystal(name), peers.SYSTEMS[name][4])
    for _ in range(3):
        for name, path in paths.items():
            times[name].append(bench.time(name, bench.mlsoap_commands(path, peers.SYSTEMS[name][4]), 20))
    return {name: min(found) for name, found in times.items()}


def uncertainty_of(info):
    """Reliability of the uncertainties of forces on the validation frames, by the fit without them; None without uncertainty."""
    found = (info["provenance"]["uncertainty"] or {}).get("validation")
    if not found:
        return None
    rows = {"all": {**found["forces"], "spearman": found["spearman"]}, **found.get("by_config_type", {})}
    return {kind: {key: row[key] for key in ("n", "uncertainty", "error", "spearman")} for kind, row in rows.items()}


def record(program, path, date):
    """What the table says of a potential file; its test errors are those that the fit stored in it."""
    info = read_json(program, "info", path, "--json")
    config, errors = info["provenance"]["config"], info["errors"]["test"]
    rows = {kind: {target: row[target]["mae"] for target in ("energy", "forces", "virial")}
            for kind, row in {"all": errors["total"], **errors["by_config_type"]}.items()}
    return {"date": date, "identity": info["sha256"], "elements": info["elements"], "r_cut": info["r_cut"],
            "model": config["model"]["type"], "bytes": path.stat().st_size, "errors": rows, "uncertainty": uncertainty_of(info),
            "train": sum(entry["frames"] for entry in info["provenance"]["data"] if entry["role"] == "train")}


def compare(name, new, shipped):
    """A line on whether the retrained potential is the shipped one; raises where its errors are others."""
    if new["identity"] == shipped["identity"]:
        return f"{name}: same identity as the potential here"
    for target, tolerance in (("energy", ENERGY_TOLERANCE), ("forces", FORCE_TOLERANCE)):
        a, b = new["errors"]["all"][target], shipped["errors"]["all"][target]
        if not abs(a - b) <= tolerance * b:
            raise SystemExit(f"{name}: MAE of the {target} on the test set is {a:.4g}, that of the potential here {b:.4g}")
    return f"{name}: another identity than the potential here (other machine or libraries), but its errors within the tolerances"


def number(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


def table(records):
    """The table of README.md."""
    lines = ["| potential | date | trained on | model, cutoff (Å) | energy MAE (meV/atom) | forces MAE (eV/Å) | virial MAE (meV/atom) | "
             "µs/atom | size (MB) | identity |", "|---|---|---|---|---|---|---|---|---|---|"]
    for name, r in records.items():
        e = r["errors"]["all"]
        lines.append(f"| `{name}.mlsoap` | {r['date']} | {r['train']} frames of {POTENTIALS[name][1][0]} ({POTENTIALS[name][1][1]}) | "
                     f"{r['model'].replace('_', ' ')}, {r['r_cut']:g} | {number(e['energy'], 2)} | {number(e['forces'], 4)} | "
                     f"{number(e['virial'], 1)} | {number(r.get('us_per_atom'), 1)} | {r['bytes'] / 1e6:.2f} | `{r['identity'][:16]}` |")
    lines += ["", "By `config_type` of the test frames:", "",
              "| potential | config_type | energy MAE (meV/atom) | forces MAE (eV/Å) | virial MAE (meV/atom) |", "|---|---|---|---|---|"]
    for name, r in records.items():
        lines += [f"| `{name}` | {kind} | {number(e['energy'], 2)} | {number(e['forces'], 4)} | {number(e['virial'], 1)} |"
                  for kind, e in sorted(r["errors"].items()) if kind != "all"]
    lines += ["", "Fits, and whom to cite when numbers made with a potential are published:", "",
              "| potential | time of the fit (s; of the processor) | memory (MB) | cite |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {number(r.get('seconds'), 0)} ({number(r.get('processor_seconds'), 0)}) | "
              f"{number(r['memory_kb'] / 1e3 if 'memory_kb' in r else None, 0)} | {POTENTIALS[name][1][0]} |"
              for name, r in records.items()]
    return "\n".join(lines + uncertainty_table(records))


def uncertainty_table(records):
    """What the uncertainties of those that have any are worth."""
    rows = {name: r["uncertainty"] for name, r in records.items() if r.get("uncertainty")}
    if not rows:
        return []
    lines = ["", f"Uncertainty of the forces, stored by {', '.join(f'`{name}`' for name in rows)} alone: on the validation frames, by the "
             "fit without them (root mean squares over atoms; Spearman's rank correlation of the two):", "",
             "| potential | config_type | atoms | uncertainty (eV/Å) | true error (eV/Å) | rank correlation |", "|---|---|---|---|---|---|"]
    lines += [f"| `{name}` | {kind} | {u['n']} | {u['uncertainty']:.4f} | {u['error']:.4f} | {number(u['spearman'], 2)} |"
              for name, row in rows.items() for kind, u in sorted(row.items(), key=lambda item: (item[0] != "all", item[0]))]
    for name, row in rows.items():
        if row["all"]["spearman"] is not None and row["all"]["spearman"] < 0.3:
            lines += ["", f"The uncertainties of `{name}` do not tell which of atoms like these have the larger errors of forces "
                      "(training/README.md, Uncertainty)."]
    return lines


def write_readme(records):
    path = HERE / "README.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: f"{BEGIN}\n\n{table(records)}\n\n{END}", text,
                           flags=re.DOTALL), encoding="utf-8")


def ship(name, folder):
    shutil.copy(folder / f"{name}.mlsoap", HERE / f"{name}.mlsoap")
    shutil.copy(folder / f"{name}.config.yaml", HERE / f"{name}.config.yaml")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(POTENTIALS)}")
    parser.add_argument("--write", action="store_true", help="put the potentials, table.json and the table of README.md here")
    parser.add_argument("--no-fit", action="store_true", help="take what is in build/retrained")
    parser.add_argument("--no-time", action="store_true", help="leave the times of LAMMPS as they are")
    arguments = parser.parse_intermixed_args()  # names may stand behind options
    build = arguments.build.resolve()
    program, folder = build / "bin" / "mlsoap", build / "retrained"
    folder.mkdir(exist_ok=True)
    names = [name for name in arguments.names or POTENTIALS if (HERE / f"{name}.yaml").exists()]
    missing_data = link_data(folder)
    missing = [name for name in names if POTENTIALS[name][0] in missing_data]
    for name in missing:
        print(f"skipped: {name} (its data are in the folder that MLSOAP_DATA names)")
    shipped = json.loads((HERE / "table.json").read_text(encoding="utf-8")) if (HERE / "table.json").exists() else {}
    found = {}
    for name in (name for name in names if name not in missing):
        cost_file = folder / f"{name}.cost.json"
        if not arguments.no_fit:
            cost_file.write_text(json.dumps(fit(program, name, folder)), encoding="utf-8")
        subprocess.run([program, "check", folder / f"{name}.mlsoap"], check=True, stdout=subprocess.DEVNULL)
        found[name] = {**record(program, folder / f"{name}.mlsoap", datetime.date.today().isoformat()),
                       **json.loads(cost_file.read_text(encoding="utf-8"))}
        if name in shipped and not arguments.write:
            print(compare(name, found[name], shipped[name]))
    times = {} if arguments.no_time else time_potentials(build, {name: folder / f"{name}.mlsoap" for name in found})
    for name in found:
        found[name]["us_per_atom"] = times.get(name, shipped.get(name, {}).get("us_per_atom"))
    print(table(found))
    if arguments.write:
        for name in found:
            ship(name, folder)
        shipped = {name: row for name, row in {**shipped, **found}.items()}
        shipped = {name: shipped[name] for name in POTENTIALS if name in shipped}
        (HERE / "table.json").write_text(json.dumps(shipped, indent=1) + "\n", encoding="utf-8")
        write_readme(shipped)


if __name__ == "__main__":
    main()
