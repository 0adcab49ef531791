/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fix_mlsoap_watch.h"

#include "frame_writer.h"
#include "pair_mlsoap.h"
#include "unit_factors.h"

#include "atom.h"
#include "comm.h"
#include "domain.h"
#include "error.h"
#include "timer.h"
#include "update.h"
#include "utils.h"

#include <algorithm>
#include <cstdio>

using namespace LAMMPS_NS;
using namespace FixConst;

namespace
{
constexpr int NUMBERS_PER_ATOM = sizeof(CollectedAtom) / sizeof(double);

std::string number(double value)
{
    char text[32];
    std::snprintf(text, sizeof(text), "%.4g", value);
    return text;
}
} // namespace

FixMLSOAPWatch::FixMLSOAPWatch(LAMMPS *lammps, int narg, char **arg) : Fix(lammps, narg, arg)
{
    nevery = 1;
}

int FixMLSOAPWatch::setmask()
{
    return END_OF_STEP | MIN_POST_FORCE | POST_RUN;
}

void FixMLSOAPWatch::attach(PairMLSOAP *owner)
{
    pair = owner;
    nevery = owner->keywords().every;
}

void FixMLSOAPWatch::init()
{
    if (!pair)
        error->all(FLERR,
                   std::string("fix mlsoap/watch is made by 'pair_style mlsoap collect FILE lo X hi Y', not by the "
                               "fix command"));
    largest_seen = 0.0;
    const std::string &path = pair->keywords().collect;
    if (path.empty()) return;
    const std::string problem = comm->me == 0 ? append_to_file(path, "") : "";
    int failed = problem.empty() ? 0 : 1;
    MPI_Bcast(&failed, 1, MPI_INT, 0, world);
    if (failed) error->all(FLERR, "pair style mlsoap: cannot write the file of 'collect', " + path + ": " + problem);
}

void FixMLSOAPWatch::setup(int)
{
    if (update->ntimestep % nevery == 0) look();
}

void FixMLSOAPWatch::min_setup(int vflag)
{
    setup(vflag);
}

void FixMLSOAPWatch::end_of_step()
{
    look();
}

void FixMLSOAPWatch::min_post_force(int vflag)
{
    setup(vflag);
}

void FixMLSOAPWatch::look()
{
    if (update->ntimestep == last_look) return; // a run that goes on, or a line search
    last_look = update->ntimestep;
    const PairMLSOAP::Settings &settings = pair->keywords();
    const double largest = find_largest();
    largest_seen = std::max(largest_seen, largest);
    if (!settings.collect.empty() && largest > settings.lo) collect();
    if (settings.hi > 0.0 && largest > settings.hi) stop_run(largest);
}

/** The only communication of a step without a find. */
double FixMLSOAPWatch::find_largest() const
{
    pair->update_uncertainties();
    const double *uncertainties = pair->force_uncertainties();
    double mine = 0.0, all = 0.0;
    for (int i = 0; i < atom->nlocal; i++) mine = std::max(mine, uncertainties[i]);
    MPI_Allreduce(&mine, &all, 1, MPI_DOUBLE, MPI_MAX, world);
    return all;
}

tagint FixMLSOAPWatch::find_atom(double uncertainty) const
{
    const double *uncertainties = pair->force_uncertainties();
    tagint mine = 0, all = 0;
    for (int i = 0; i < atom->nlocal; i++)
        if (uncertainties[i] == uncertainty && atom->tag_enable) mine = std::max(mine, atom->tag[i]);
    MPI_Allreduce(&mine, &all, 1, MPI_LMP_TAGINT, MPI_MAX, world);
    return all;
}

void FixMLSOAPWatch::collect()
{
    const CollectedFrame frame = gather();
    if (comm->me != 0) return;
    const std::string &path = pair->keywords().collect;
    const std::string problem = append_to_file(path, extxyz_text(frame));
    if (!problem.empty())
        error->warning(FLERR, "pair style mlsoap: a frame was not collected, as " + path +
                                  " could not be written: " + problem);
    else if (++n_written == 1)
        utils::logmesg(lmp, "mlsoap: step " + std::to_string(update->ntimestep) + " is the first frame collected in " +
                                path + "\n");
}

/** All atoms on rank 0, by their IDs; Angstrom, positions from the corner of the cell. */
CollectedFrame FixMLSOAPWatch::gather() const
{
    const double angstrom = 1.0 / pair->angstrom();
    const double to_ev = 1.0 / unit_factors(update->unit_style)->energy;
    const double *corner = domain->boxlo;
    std::vector<CollectedAtom> mine(static_cast<std::size_t>(atom->nlocal));
    for (int i = 0; i < atom->nlocal; i++) {
        CollectedAtom &a = mine[i];
        a.id = atom->tag_enable ? static_cast<double>(atom->tag[i]) : 0.0;
        a.type = atom->type[i];
        for (int k = 0; k < 3; k++) a.position[k] = (atom->x[i][k] - corner[k]) * angstrom;
        a.uncertainty = pair->energy_uncertainties()[i] * to_ev;
        a.force_uncertainty = pair->force_uncertainties()[i] * to_ev / angstrom;
    }

    CollectedFrame frame = {};
    int n_mine = NUMBERS_PER_ATOM * atom->nlocal;
    std::vector<int> counts(static_cast<std::size_t>(comm->nprocs)), starts(counts.size());
    MPI_Gather(&n_mine, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, world);
    for (std::size_t r = 1; r < counts.size(); r++) starts[r] = starts[r - 1] + counts[r - 1];
    if (comm->me == 0) frame.atoms.resize(static_cast<std::size_t>(atom->natoms));
    MPI_Gatherv(mine.data(), n_mine, MPI_DOUBLE, frame.atoms.data(), counts.data(), starts.data(), MPI_DOUBLE, 0,
                world);
    if (comm->me != 0) return frame;

    std::stable_sort(frame.atoms.begin(), frame.atoms.end(),
                     [](const CollectedAtom &a, const CollectedAtom &b) { return a.id < b.id; });
    const double cell[3][3] = {
        {domain->xprd, 0.0, 0.0}, {domain->xy, domain->yprd, 0.0}, {domain->xz, domain->yz, domain->zprd}};
    for (int k = 0; k < 9; k++) frame.cell[k / 3][k % 3] = cell[k / 3][k % 3] * angstrom;
    for (int k = 0; k < 3; k++) frame.pbc[k] = domain->periodicity[k];
    frame.step = static_cast<long>(update->ntimestep);
    frame.identity = pair->identity();
    for (int type = 0; type <= atom->ntypes; type++) frame.symbols.emplace_back(type ? pair->symbol_of_type(type) : "");
    return frame;
}

/** As fix halt does: this and all later runs end at once, the rest of the input script is executed. */
void FixMLSOAPWatch::stop_run(double largest)
{
    const tagint tag = find_atom(largest);
    if (comm->me == 0) {
        const PairMLSOAP::Settings &settings = pair->keywords();
        utils::logmesg(lmp, "mlsoap: run stopped at step " + std::to_string(update->ntimestep) +
                                ": the force uncertainty of atom " + std::to_string(tag) + " is " + number(largest) +
                                ", above hi " + number(settings.hi) +
                                ": it left what the potential was trained on. Later runs of this script end at once\n");
    }
    timer->force_timeout();
}

void FixMLSOAPWatch::post_run()
{
    const PairMLSOAP::Settings &settings = pair->keywords();
    if (comm->me != 0) return;
    std::string text = "mlsoap: largest force uncertainty of the run " + number(largest_seen);
    if (!settings.collect.empty())
        text += ", frames collected in " + settings.collect + " so far: " + std::to_string(n_written);
    utils::logmesg(lmp, text + "\n");
}
