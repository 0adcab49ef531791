/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file compute_mlsoap_uncertainty.h
 *  compute ID group mlsoap/uncertainty [N]: uncertainties of atoms (eV, eV/Angstrom in the units of the run) and the
 * largest one of a force, for every LAMMPS, also those without fix pair. N = which of several pair styles mlsoap. */
#ifndef LMP_COMPUTE_MLSOAP_UNCERTAINTY_H
#define LMP_COMPUTE_MLSOAP_UNCERTAINTY_H

#include "compute.h"

namespace LAMMPS_NS
{

class PairMLSOAP;

class ComputeMLSOAPUncertainty : public Compute
{
  public:
    ComputeMLSOAPUncertainty(class LAMMPS *, int narg, char **arg);
    ~ComputeMLSOAPUncertainty() override;
    void init() override;
    double compute_scalar() override;
    void compute_peratom() override;
    double memory_usage() override;

  private:
    int which;     /**< N; 0 = the only one */
    int n_max = 0; /**< rows of array_atom */
    PairMLSOAP *pair = nullptr;
};

} // namespace LAMMPS_NS

#endif
