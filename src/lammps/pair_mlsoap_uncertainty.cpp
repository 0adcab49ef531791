/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Uncertainties of atoms: found on demand, at the positions and neighbors of the last force evaluation, by the same
 * blocks of atoms. A step on which nobody asks costs nothing. */
#include "pair_mlsoap.h"

#include "fix_mlsoap_watch.h"
#include "lammps_versions.h"
#include "pair_engine.h"

#include "atom.h"
#include "modify.h"
#include "neigh_list.h"
#include "update.h"

#include "pair_blocks.h"

#include <cstring>

using namespace LAMMPS_NS;

void PairMLSOAP::require_uncertainties(const std::string &user)
{
    if (engine->potential && mlsoap_potential_has_uncertainty(engine->potential)) return;
    stop(user + " needs uncertainties, which potential " + engine->path +
         " does not carry; train it with 'uncertainty: auto'");
}

/** Whether the neighbor list of the last force evaluation is that of the atoms as they are. */
bool PairMLSOAP::is_current() const
{
    return list && last_step == update->ntimestep && last_nlocal == atom->nlocal;
}

void PairMLSOAP::update_uncertainties()
{
    if (!is_current())
        stop_alone("uncertainties are not known at step " + std::to_string(update->ntimestep) +
                   ": no forces were computed for these atoms; use 'run 0' first");
    if (uncertainties_current) return;
    Engine::Uncertainties &all = engine->uncertainties;
    const double to_energy = engine->units->energy;
    const double to_force = to_energy / engine->units->length;
    all.reserve(atom->nmax);
    const std::string problem = for_each_block([this](Block &block) { engine->evaluate_uncertainty(block); },
                                               [&](const Block &block) {
                                                   for (int c = 0; c < block.n_centers; c++) {
                                                       all.energy[block.centers[c]] = block.energies[c] * to_energy;
                                                       all.force[block.centers[c]] = block.forces[c] * to_force;
                                                   }
                                               });
    if (!problem.empty()) stop_alone("uncertainties at step " + std::to_string(update->ntimestep) + ": " + problem);
    uncertainties_current = true;
}

const double *PairMLSOAP::energy_uncertainties() const
{
    return engine->uncertainties.energy.data();
}

const double *PairMLSOAP::force_uncertainties() const
{
    return engine->uncertainties.force.data();
}

/** fix pair may announce on which steps it will ask; this style need not know. */
void *PairMLSOAP::extract(const char *name, int &dimension)
{
    dimension = 0;
    const bool known = std::strcmp(name, "uncertainty_flag") == 0 || std::strcmp(name, "force_uncertainty_flag") == 0;
    return known ? &trigger : nullptr;
}

/** Before the first run, when fix pair only looks whether the quantity exists, it is 0. */
void *PairMLSOAP::extract_peratom(const char *name, int &n_columns)
{
    const bool energy = std::strcmp(name, "uncertainty") == 0;
    if (!energy && std::strcmp(name, "force_uncertainty") != 0) return nullptr;
    n_columns = 0;
    require_uncertainties("fix pair");
    if (is_current())
        update_uncertainties();
    else
        engine->uncertainties.reserve(atom->nmax);
    return energy ? engine->uncertainties.energy.data() : engine->uncertainties.force.data();
}

std::string PairMLSOAP::watcher_id() const
{
    return "mlsoap_watch_" + std::to_string(instance_me);
}

/** The keywords collect and hi: a fix of ours looks at the end of steps, where trial moves of other fixes are over. */
void PairMLSOAP::watch_uncertainty()
{
    if (!options.watches()) return forget_watcher();
    require_uncertainties(options.collect.empty() ? "keyword 'hi'" : "keyword 'collect'");
    const int found = modify->find_fix(watcher_id());
    Fix *fix = found >= 0 ? modify->fix[found] : modify->add_fix(watcher_id() + " all mlsoap/watch");
    static_cast<FixMLSOAPWatch *>(fix)->attach(this);
}

void PairMLSOAP::forget_watcher()
{
    if (modify && modify->nfix > 0 && modify->find_fix(watcher_id()) >= 0) modify->delete_fix(watcher_id());
}
