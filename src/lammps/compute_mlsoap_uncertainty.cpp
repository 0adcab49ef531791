/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compute_mlsoap_uncertainty.h"

#include "pair_mlsoap.h"

#include "atom.h"
#include "error.h"
#include "force.h"
#include "memory.h"
#include "update.h"
#include "utils.h"

#include <algorithm>

using namespace LAMMPS_NS;

ComputeMLSOAPUncertainty::ComputeMLSOAPUncertainty(LAMMPS *lammps, int narg, char **arg)
    : Compute(lammps, narg, arg), which(0)
{
    if (narg > 4)
        error->all(FLERR,
                   std::string("compute mlsoap/uncertainty takes at most the number of one of several pair styles "
                               "mlsoap: compute ID group mlsoap/uncertainty [N]"));
    if (narg == 4) {
        which = utils::inumeric(FLERR, arg[3], false, lmp);
        if (which < 1) error->all(FLERR, std::string("compute mlsoap/uncertainty: N counts from 1"));
    }
    scalar_flag = 1;
    extscalar = 0;
    peratom_flag = 1;
    size_peratom_cols = 2;
}

ComputeMLSOAPUncertainty::~ComputeMLSOAPUncertainty()
{
    memory->destroy(array_atom);
}

void ComputeMLSOAPUncertainty::init()
{
    Pair *found = force->pair_match("mlsoap", 1, which);
    if (!found)
        error->all(FLERR, std::string("compute mlsoap/uncertainty finds no pair style mlsoap") +
                              (which ? " of number " + std::to_string(which)
                                     : ", or several: then give its number, compute ID group mlsoap/uncertainty N"));
    pair = static_cast<PairMLSOAP *>(found);
    pair->require_uncertainties("compute mlsoap/uncertainty");
}

double ComputeMLSOAPUncertainty::compute_scalar()
{
    invoked_scalar = update->ntimestep;
    pair->update_uncertainties();
    const double *forces = pair->force_uncertainties();
    double mine = 0.0;
    for (int i = 0; i < atom->nlocal; i++)
        if (atom->mask[i] & groupbit) mine = std::max(mine, forces[i]);
    MPI_Allreduce(&mine, &scalar, 1, MPI_DOUBLE, MPI_MAX, world);
    return scalar;
}

void ComputeMLSOAPUncertainty::compute_peratom()
{
    invoked_peratom = update->ntimestep;
    if (atom->nmax > n_max) {
        n_max = atom->nmax;
        memory->destroy(array_atom);
        memory->create(array_atom, n_max, size_peratom_cols, "mlsoap/uncertainty:array_atom");
    }
    pair->update_uncertainties();
    for (int i = 0; i < atom->nlocal; i++) {
        const bool inside = atom->mask[i] & groupbit;
        array_atom[i][0] = inside ? pair->energy_uncertainties()[i] : 0.0;
        array_atom[i][1] = inside ? pair->force_uncertainties()[i] : 0.0;
    }
}

double ComputeMLSOAPUncertainty::memory_usage()
{
    return static_cast<double>(n_max) * size_peratom_cols * sizeof(double);
}
