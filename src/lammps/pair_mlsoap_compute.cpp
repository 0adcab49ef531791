/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The step: neighbor list -> environments -> library -> energies, forces, virials of LAMMPS.
 *
 *     F_i += f_ij,  F_j -= f_ij,  W_ab -= r_ij,a f_ij,b      f_ij = dE_i/dr_ij,  r_ij = r_j - r_i
 *
 * j may be a ghost; reverse communication (newton on) brings its share home. The virial term goes to the neighbor j:
 * only this split gives the right heat flux with compute centroid/stress/atom (Fan et al. 2015,
 * doi:10.1103/PhysRevB.92.094301). Blocks are evaluated by any thread but added in their order, so that the sums do not
 * depend on the number of threads. */
#include "pair_mlsoap.h"

#include "pair_blocks.h"
#include "pair_engine.h"

#include "atom.h"
#include "neigh_list.h"
#include "neighbor.h"
#include "update.h"

#include <cstdio>
#include <cstring>

using namespace LAMMPS_NS;

namespace
{
constexpr int IN_GROUP_ALL = 1;
constexpr double COINCIDENT = 1e-6; // Angstrom: closer atoms are a fault of the input

/** components xx yy zz xy xz yz of the term -r (x) f */
void add_virial6(double *virial, const double *r, const double *f)
{
    virial[0] -= r[0] * f[0];
    virial[1] -= r[1] * f[1];
    virial[2] -= r[2] * f[2];
    virial[3] -= r[0] * f[1];
    virial[4] -= r[0] * f[2];
    virial[5] -= r[1] * f[2];
}

/** the same and yx zx zy */
void add_virial9(double *virial, const double *r, const double *f)
{
    add_virial6(virial, r, f);
    virial[6] -= r[1] * f[0];
    virial[7] -= r[2] * f[0];
    virial[8] -= r[2] * f[1];
}
} // namespace

void PairMLSOAP::compute(int eflag, int vflag)
{
    ev_init(eflag, vflag);
    if (neighbor->ago == 0) check_special_bonds();
    last_step = update->ntimestep;
    last_nlocal = atom->nlocal;
    uncertainties_current = false;
    const std::string problem = for_each_block([this](Block &block) { engine->evaluate(block); },
                                               [this](const Block &block) { scatter(block); });
    if (!problem.empty()) stop_alone("step " + std::to_string(update->ntimestep) + ": " + problem);
    if (vflag_fdotr) virial_fdotr_compute();
}

/** Weights of zero take bonded atoms out of the neighbor list: the potential would silently not see them. */
void PairMLSOAP::check_special_bonds()
{
    if (atom->molecular == 0 || atom->nbonds == 0) return;
    for (int k = 1; k <= 3; k++)
        if (neighbor->special_flag[k] == 0)
            stop("special_bonds with a zero weight removes bonded neighbors, which the "
                 "potential needs; use 'special_bonds lj/coul 1 1 1', or 1e-50 in place of each zero");
}

/** The atoms of the list by type, in their order within a type: a model serves one element, and
 *  reads its constants once for all atoms of that element in a block. Where they are larger than the L2 cache (a
 *  quadratic form of 952 features is 7 MB), blocks of mixed elements take twice the time. Throws std::bad_alloc. */
void PairMLSOAP::sort_centers()
{
    const int *type = atom->type;
    std::vector<int> &centers = engine->centers, &next = engine->next_of_type;
    if (centers.size() < static_cast<std::size_t>(list->inum)) centers.resize(list->inum + list->inum / 4);
    next.assign(static_cast<std::size_t>(atom->ntypes) + 2, 0);
    for (int ii = 0; ii < list->inum; ii++) next[type[list->ilist[ii]] + 1]++;
    for (int t = 1; t <= atom->ntypes; t++) next[t + 1] += next[t];
    for (int ii = 0; ii < list->inum; ii++) centers[next[type[list->ilist[ii]]]++] = list->ilist[ii];
}

/** Fill a block with the centers begin ... end-1 of the sorted list and their neighbors inside the cutoff; NULL types
 * are not there, nor atoms that are in no group: a trial deletion of fix gcmc, which has only taken their neighbors. A
 * distance that is NaN passes, so that the library can refuse it. False (block.error tells): two atoms are at the same
 * place. */
bool PairMLSOAP::gather(Block &block, int begin, int end) const
{
    std::size_t n_listed = 0;
    for (int ii = begin; ii < end; ii++) n_listed += static_cast<std::size_t>(list->numneigh[engine->centers[ii]]);
    block.reserve(end - begin, n_listed);

    const double angstrom = 1.0 / engine->units->length;
    const double r_cut = mlsoap_potential_cutoff(engine->potential);
    const int *species_of_type = engine->species_of_type.data();
    const double *const positions = atom->nmax > 0 ? atom->x[0] : nullptr; // [nmax][3] in one piece
    const int *type = atom->type;
    int *neighbor_of = block.neighbors.data(), *species_of = block.species.data();
    double *block_dx = block.dx.data(), *block_dy = block.dy.data(), *block_dz = block.dz.data();
    const double r_cut2 = r_cut * r_cut;
    int n_centers = 0, n = 0;
    for (int ii = begin; ii < end; ii++) {
        const int i = engine->centers[ii];
        if (species_of_type[type[i]] == 0 || !(atom->mask[i] & IN_GROUP_ALL)) continue;
        const int *neighbors = list->firstneigh[i];
        const double *xi = positions + 3 * static_cast<std::size_t>(i);
        const double x = xi[0], y = xi[1], z = xi[2];
        const int first = n;
        int n_coincident = 0;
        // Without branches, as the list knows nothing of who is within the cutoff: what does not count is overwritten.
        for (int jj = 0; jj < list->numneigh[i]; jj++) {
            const int j = neighbors[jj] & NEIGHMASK;
            const int species = species_of_type[type[j]];
            const double *xj = positions + 3 * static_cast<std::size_t>(j);
            const double dx = (xj[0] - x) * angstrom;
            const double dy = (xj[1] - y) * angstrom;
            const double dz = (xj[2] - z) * angstrom;
            const double r2 = dx * dx + dy * dy + dz * dz;
            neighbor_of[n] = j;
            species_of[n] = species;
            block_dx[n] = dx;
            block_dy[n] = dy;
            block_dz[n] = dz;
            const bool counts = (species != 0) & !(r2 >= r_cut2);
            n += counts;
            n_coincident += counts & (r2 < COINCIDENT * COINCIDENT);
        }
        if (n_coincident > 0) return report_coincidence(block, i, first, n);
        block.centers[n_centers] = i;
        block.center_species[n_centers] = species_of_type[type[i]];
        block.first[++n_centers] = n;
    }
    block.n_centers = n_centers;
    return true;
}

/** The first of the neighbors first ... end-1 of i that is at its place. */
bool PairMLSOAP::report_coincidence(Block &block, int i, int first, int end) const
{
    int k = first;
    auto is_there = [&](int n) {
        return block.dx[n] * block.dx[n] + block.dy[n] * block.dy[n] + block.dz[n] * block.dz[n] <
               COINCIDENT * COINCIDENT;
    };
    while (k < end - 1 && !is_there(k)) k++;
    const int j = block.neighbors[k];
    block.error.code = MLSOAP_ERROR_VALUE;
    if (atom->tag_enable)
        std::snprintf(block.error.message, sizeof(block.error.message), "atoms %ld and %ld are at the same place",
                      static_cast<long>(atom->tag[i]), static_cast<long>(atom->tag[j]));
    else
        std::strcpy(block.error.message, "two atoms are at the same place");
    return false;
}

/** Add a block to the sums of LAMMPS, in its units. */
void PairMLSOAP::scatter(const Block &block)
{
    const double to_energy = engine->units->energy;
    const double to_force = to_energy / engine->units->length;
    double **f = atom->f;
    for (int c = 0; c < block.n_centers; c++) {
        const int i = block.centers[c];
        const double energy = block.energies[c] * to_energy;
        if (eflag_global) eng_vdwl += energy;
        if (eflag_atom) eatom[i] += energy;
        for (int k = block.first[c]; k < block.first[c + 1]; k++) {
            const int j = block.neighbors[k];
            const double *dE_dr = &block.dE_dr[3 * static_cast<std::size_t>(k)];
            for (int a = 0; a < 3; a++) {
                f[i][a] += dE_dr[a] * to_force;
                f[j][a] -= dE_dr[a] * to_force;
            }
            if (!vflag_either) continue;
            const double r[3] = {block.dx[k], block.dy[k], block.dz[k]};
            const double g[3] = {dE_dr[0] * to_energy, dE_dr[1] * to_energy, dE_dr[2] * to_energy};
            if (vflag_global) add_virial6(virial, r, g);
            if (vflag_atom) add_virial6(vatom[j], r, g);
            if (cvflag_atom) add_virial9(cvatom[j], r, g);
        }
    }
}
