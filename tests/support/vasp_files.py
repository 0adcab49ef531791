# SPDX-License-Identifier: BSD-3-Clause
"""OUTCAR and vasprun.xml of known ionic steps, in the layout of VASP 5 and 6 (what a reader needs of it, and some lines
that must not confuse one)."""

DASHES = " " + "-" * 83
KBAR = 1602.1766208  # in 1 eV/angstrom^3


class Step:
    """One ionic step: cell (rows), Cartesian positions, forces, stress in kbar as a 3x3 matrix, positive under
    compression (None: ISIF = 0), free energy, number of electronic steps."""

    def __init__(self, cell, positions, forces, stress, energy, n_scf=3):
        self.cell, self.positions, self.forces = cell, positions, forces
        self.stress, self.energy, self.n_scf = stress, energy, n_scf

    def volume(self):
        a, b, c = self.cell
        return abs(sum(a[i] * (b[(i + 1) % 3] * c[(i + 2) % 3] - b[(i + 2) % 3] * c[(i + 1) % 3]) for i in range(3)))

    def fractional(self):
        """Positions in units of the cell, by Cramer's rule."""
        a, b, c = self.cell
        cross = lambda u, v: [u[(i + 1) % 3] * v[(i + 2) % 3] - u[(i + 2) % 3] * v[(i + 1) % 3] for i in range(3)]
        dot = lambda u, v: sum(x * y for x, y in zip(u, v))
        volume = dot(a, cross(b, c))
        rows = [cross(b, c), cross(c, a), cross(a, b)]
        return [[dot(p, row) / volume for row in rows] for p in self.positions]


def runs(symbols):
    """[(symbol, number)] of equal symbols that stand one behind the other."""
    found = []
    for s in symbols:
        if found and found[-1][0] == s:
            found[-1][1] += 1
        else:
            found.append([s, 1])
    return found


def outcar(symbols, steps, nelm=60):
    """Text of an OUTCAR. Fields are as wide as those of VASP: full ones touch each other."""
    species = runs(symbols)
    out = [" vasp.6.3.0 20Jan22 (build Jan 25 2022 10:00:00) complex", "  "]
    out += [f" POTCAR:    PAW_PBE {symbol}_pv 05Jan2001   " for symbol, _ in species]
    for symbol, _ in species:
        out += [f" POTCAR:    PAW_PBE {symbol}_pv 05Jan2001   ", f"   VRHFIN ={symbol}: s2p2", "   LEXCH  = PE", f"   TITEL  = PAW_PBE {symbol}_pv 05Jan2001"]
    out += ["   number of dos      NEDOS =    301   number of ions     NIONS = %6d" % len(symbols),
            "   ions per type =            " + "".join("%4d" % n for _, n in species)]

    def lattice(step):
        rows = ["  volume of cell :  %12.2f" % step.volume(),
                "      direct lattice vectors                 reciprocal lattice vectors"]
        return rows + ["    " + "".join("%13.9f" % x for x in row) + "    " + "".join("%13.9f" % 0.1 for _ in row)
                       for row in step.cell]

    out += lattice(steps[0])
    for i, step in enumerate(steps):
        for k in range(step.n_scf):
            out += ["--------------------------------------- Iteration %6d(%4d)  ---------------------" % (i + 1, k + 1),
                    "  free energy    TOTEN  =      %16.8f eV" % (step.energy + 1)]
        out.append("------------------------ aborting loop because EDIFF is reached --------------" if step.n_scf < nelm
                   else "------------------------ aborting loop EDIFF was not reached (unconverged)  ----")
        if step.stress:
            s = step.stress
            voigt = [s[0][0], s[1][1], s[2][2], s[0][1], s[1][2], s[2][0]]
            out += ["  FORCE on cell =-STRESS in cart. coord.  units (eV):",
                    "  Direction    XX          YY          ZZ          XY          YZ          ZX",
                    "  Total   " + "".join("%12.5f" % (x * step.volume() / KBAR) for x in voigt),
                    "  in kB   " + "".join("%12.5f" % x for x in voigt),
                    "  external pressure =   %11.2f kB  Pullay stress =        0.00 kB" % (sum(voigt[:3]) / 3)]
        out += [" VOLUME and BASIS-vectors are now :"] + lattice(step)
        out += [" POSITION                                       TOTAL-FORCE (eV/Angst)", DASHES]
        out += ["".join("%13.5f" % x for x in p) + "    " + "".join("%14.6f" % x for x in f)
                for p, f in zip(step.positions, step.forces)]
        out += [DASHES, "    total drift:                                0.000100      0.000200     -0.000300",
                "  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)", "  ---------------------------------------------------",
                "  free  energy   TOTEN  =     %16.8f eV" % step.energy, "",
                "  energy  without entropy=    %16.8f  energy(sigma->0) =    %16.8f" % (step.energy + 0.2,
                                                                                        step.energy + 0.1)]
    return "\n".join(out) + "\n"


def vasprun(symbols, steps, nelm=60):
    """Text of a vasprun.xml."""
    def rows(name, values, indent):
        lines = [f'{indent}<varray name="{name}" >']
        lines += [f"{indent} <v> " + " ".join("%16.8f" % x for x in row) + " </v>" for row in values]
        return lines + [f"{indent}</varray>"]

    def structure(step, name=""):
        lines = [f"  <structure{name}>", "   <crystal>"] + rows("basis", step.cell, "    ")
        lines += [f'    <i name="volume"> {step.volume():16.8f} </i>']
        lines += rows("rec_basis", [[0.1, 0.2, 0.3]] * 3, "    ")
        return lines + ["   </crystal>"] + rows("positions", step.fractional(), "   ") + ["  </structure>"]

    def energies(step, shift):
        return ["  <energy>", f'   <i name="e_fr_energy"> {step.energy + shift:16.8f} </i>',
                f'   <i name="e_wo_entrp"> {step.energy + shift + 0.2:16.8f} </i>',
                f'   <i name="e_0_energy"> {step.energy + shift + 0.1:16.8f} </i>', "  </energy>"]

    species = runs(symbols)
    out = ['<?xml version="1.0" encoding="ISO-8859-1"?>', "<modeling>", " <generator>",
           '  <i name="program" type="string">vasp </i>', '  <i name="version" type="string">6.3.0  </i>', " </generator>",
           " <kpoints>", '  <varray name="kpointlist" >', "   <v> 0.0 0.0 0.0 </v>", "  </varray>",
           '  <varray name="weights" >', "   <v> 1.0 </v>", "  </varray>", " </kpoints>",
           " <parameters>", '  <separator name="electronic" >',
           f'   <i type="int" name="NELM">{nelm:6d}</i>', "  </separator>", " </parameters>", " <atominfo>",
           f"  <atoms> {len(symbols):7d} </atoms>", f"  <types> {len(species):7d} </types>",
           '  <array name="atoms" >', '   <dimension dim="1">ion</dimension>', '   <field type="string">element</field>',
           '   <field type="int">atomtype</field>', "   <set>"]
    kinds = [i for i, (_, n) in enumerate(species) for _ in range(n)]
    out += [f"    <rc><c>{s:2s}</c><c>{k + 1:4d}</c></rc>" for s, k in zip(symbols, kinds)]
    out += ["   </set>", "  </array>", " </atominfo>"] + structure(steps[0], ' name="initialpos" ')
    for step in steps:
        out += [" <calculation>"]
        for _ in range(step.n_scf):
            out += ["  <scstep>"] + energies(step, 1) + ["  </scstep>"]
        out += structure(step) + rows("forces", step.forces, "  ")
        out += rows("stress", step.stress, "  ") if step.stress else []
        out += energies(step, 0) + [" </calculation>"]
    return "\n".join(out + structure(steps[-1], ' name="finalpos" ') + ["</modeling>"]) + "\n"
