/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sides of the pair style that talk to the user: commands, potential file, types, units, neighbor list. */
#include "pair_mlsoap.h"

#include "lammps_versions.h"
#include "pair_engine.h"
#include "potential_summary.h"

#include "atom.h"
#include "comm.h"
#include "error.h"
#include "force.h"
#include "memory.h"
#include "update.h"
#include "utils.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

using namespace LAMMPS_NS;

namespace
{
constexpr double MASS_TOLERANCE = 0.02;

std::string number(double value, int digits = 6)
{
    char text[64];
    std::snprintf(text, sizeof(text), "%.*g", digits, value);
    return text;
}

/** All bytes of a file; on failure `problem` says why. */
std::vector<char> read_bytes(const std::string &path, std::string &problem)
{
    std::vector<char> bytes;
    FILE *file = std::fopen(path.c_str(), "rb");
    if (!file) {
        problem = std::strerror(errno);
        return bytes;
    }
    constexpr std::size_t CHUNK = 1 << 20;
    std::size_t n_read = 0;
    do {
        const std::size_t n = bytes.size();
        bytes.resize(n + CHUNK);
        n_read = std::fread(bytes.data() + n, 1, CHUNK, file);
        bytes.resize(n + n_read);
    } while (n_read > 0);
    if (std::ferror(file)) problem = std::strerror(errno);
    std::fclose(file);
    return bytes;
}
} // namespace

PairMLSOAP::PairMLSOAP(LAMMPS *lammps) : Pair(lammps), engine(std::make_unique<Engine>())
{
    single_enable = 0;
    one_coeff = 1;
    manybody_flag = 1;
    centroidstressflag = CENTROID_AVAIL;
}

PairMLSOAP::~PairMLSOAP()
{
    forget_watcher();
    if (copymode || !allocated) return;
    memory->destroy(setflag);
    memory->destroy(cutsq);
}

/** Collective: every rank ends with the same message. Takes one finished string, as not every LAMMPS package ships the
 *  formatting library that its other error functions need. */
void PairMLSOAP::stop(const std::string &message)
{
    error->all(FLERR, "pair style mlsoap: " + message);
}

/** A fault that this rank may have alone. Newer LAMMPS aborts all ranks by an exception, without its buffered output:
 * so the message is flushed on the way, and the launcher, which drops what it has not yet forwarded, gets a moment. */
void PairMLSOAP::stop_alone(const std::string &message)
{
    try {
        error->one(FLERR, "pair style mlsoap: " + message);
    } catch (...) {
        if (screen) std::fflush(screen);
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        throw;
    }
}

void PairMLSOAP::allocate()
{
    const int n = atom->ntypes + 1;
    memory->create(setflag, n, n, "pair:setflag");
    memory->create(cutsq, n, n, "pair:cutsq");
    std::fill(&setflag[0][0], &setflag[0][0] + n * n, 0);
    allocated = 1;
}

void PairMLSOAP::settings(int narg, char **arg)
{
    if (!unit_factors(update->unit_style))
        stop(std::string("it does not work with units ") + update->unit_style +
             "; use one of metal, real, electron, si, cgs, micro, nano (potentials are in eV and "
             "Angstrom and are converted)");
    parse_keywords(std::vector<std::string>(arg, arg + narg));
}

void PairMLSOAP::parse_keywords(const std::vector<std::string> &words)
{
    options = Settings();
    option_words = words;
    for (std::size_t k = 0; k < words.size(); k += 2) {
        const std::string &name = words[k];
        const bool known = name == "collect" || name == "lo" || name == "hi" || name == "every" || name == "changed";
        if (!known)
            stop("unknown keyword '" + name +
                 "'; there are collect FILE, lo X, hi Y, every N and changed refuse|accept. The potential file and the "
                 "elements belong to the pair_coeff command: pair_coeff * * FILE El1 El2 ...");
        if (k + 1 == words.size()) stop("keyword '" + name + "' needs a value");
        const char *value = words[k + 1].c_str();
        if (name == "collect")
            options.collect = value;
        else if (name == "lo")
            options.lo = utils::numeric(FLERR, value, false, lmp);
        else if (name == "hi")
            options.hi = utils::numeric(FLERR, value, false, lmp);
        else if (name == "every")
            options.every = utils::inumeric(FLERR, value, false, lmp);
        else if (words[k + 1] == "accept" || words[k + 1] == "refuse")
            options.accept_changed = words[k + 1] == "accept";
        else
            stop("keyword 'changed' is refuse or accept, not '" + words[k + 1] + "'");
    }
    const auto given = [&words](const char *name) {
        return std::find(words.begin(), words.end(), name) != words.end();
    };
    if (given("lo") && !(options.lo > 0.0)) stop("keyword 'lo' must be above 0, the force uncertainty to collect from");
    if (given("hi") && !(options.hi > options.lo)) stop("keyword 'hi' must be above 0 and above 'lo'");
    if (options.every < 1) stop("keyword 'every' must be at least 1 step");
    if (given("collect") != given("lo")) stop("keywords 'collect FILE' and 'lo X' belong together");
    if (given("every") && !options.watches()) stop("keyword 'every' belongs to 'collect FILE lo X' or 'hi Y'");
}

void PairMLSOAP::coeff(int narg, char **arg)
{
    if (narg < 4)
        stop("pair_coeff needs: * * FILE El1 El2 ... (one element, or NULL, for each "
             "atom type)");
    if (narg - 3 != atom->ntypes)
        stop("pair_coeff: " + std::to_string(narg - 3) + " elements given for " + std::to_string(atom->ntypes) +
             " atom types; give one element, or NULL, for each type after the file name");
    use_potential(arg[2], std::vector<std::string>(arg + 3, arg + narg));
}

/** Load the file, map the atom types, say so. */
void PairMLSOAP::use_potential(const std::string &path, const std::vector<std::string> &names)
{
    if (!allocated) allocate();
    load_potential(path);
    map_types(names);
    print_mapping();
}

void PairMLSOAP::load_potential(const std::string &path)
{
    engine = std::make_unique<Engine>();
    engine->path = path;
    engine->units = unit_factors(update->unit_style);
    const std::vector<char> bytes = broadcast_file(path);

    mlsoap_error problem = {};
    const mlsoap_status read =
        mlsoap_potential_read_memory(bytes.data(), bytes.size(), path.c_str(), &engine->potential, &problem);
    stop_together(read != MLSOAP_SUCCESS, problem.message);
    if (!mlsoap_potential_drives_md(engine->potential))
        stop("potential " + path +
             " cannot drive molecular dynamics: its centers are points in space, not atoms, or its features jump "
             "at a hard cutoff (mlsoap eval evaluates it)");
    check_identity();

    const char *warning = mlsoap_potential_warning(engine->potential);
    if (warning && comm->me == 0) error->warning(FLERR, "pair style mlsoap: potential " + path + ": " + warning);

    double deviation = 0.0;
    const mlsoap_status check = mlsoap_potential_check(engine->potential, &deviation, &problem);
    stop_together(check != MLSOAP_SUCCESS, std::string("golden frames: ") + problem.message);
    if (comm->me == 0)
        utils::logmesg(lmp, "mlsoap " + std::string(mlsoap_version()) + " (" + mlsoap_isa() + "): potential " + path +
                                ", cutoff " + number(mlsoap_potential_cutoff(engine->potential)) +
                                " Angstrom\n  identity " + mlsoap_potential_identity(engine->potential) +
                                "\n  golden frames recomputed, largest force deviation " + number(deviation, 2) +
                                " eV/Angstrom\n" + potential_summary(engine->potential));
}

/** A run that goes on from a restart file must not change its potential unnoticed. */
void PairMLSOAP::check_identity()
{
    if (!saved) return;
    const std::string found = mlsoap_potential_identity(engine->potential);
    if (found == saved->identity) return;
    const std::string text = "potential " + engine->path + " has the identity " + found +
                             ", but the restart file was written with " + saved->path + " of the identity " +
                             saved->identity;
    if (!options.accept_changed)
        stop(text + "; bring that file back, or go on with the other one by 'pair_style mlsoap changed accept'");
    if (comm->me == 0) error->warning(FLERR, "pair style mlsoap: " + text + " (accepted)");
}

/** Rank 0 reads, everyone gets the bytes. */
std::vector<char> PairMLSOAP::broadcast_file(const std::string &path)
{
    std::vector<char> bytes;
    std::string problem;
    bigint n_bytes = -1;
    if (comm->me == 0) {
        const std::string found = utils::get_potential_file_path(path);
        if (found.empty())
            problem = "no such file, neither here nor in the folders of LAMMPS_POTENTIALS";
        else
            bytes = read_bytes(found, problem);
        if (problem.empty()) n_bytes = static_cast<bigint>(bytes.size());
    }
    MPI_Bcast(&n_bytes, sizeof(n_bytes), MPI_CHAR, 0, world);
    if (n_bytes < 0) stop("cannot read potential " + path + ": " + problem);
    bytes.resize(static_cast<std::size_t>(n_bytes));
    constexpr bigint CHUNK = 1 << 30; // counts of MPI are int
    for (bigint done = 0; done < n_bytes; done += CHUNK)
        MPI_Bcast(bytes.data() + done, static_cast<int>(std::min(CHUNK, n_bytes - done)), MPI_CHAR, 0, world);
    return bytes;
}

/** Collective. A failure that all ranks share ends the run by error->all, one that a rank has alone by error->one. */
void PairMLSOAP::stop_together(bool failed, const std::string &message)
{
    int mine = failed ? 1 : 0;
    int everyone = 0;
    MPI_Allreduce(&mine, &everyone, 1, MPI_INT, MPI_MIN, world);
    if (everyone) stop(message);
    if (failed) stop_alone(message);
}

void PairMLSOAP::map_types(const std::vector<std::string> &names)
{
    const int n_types = static_cast<int>(names.size());
    std::vector<int> &species = engine->species_of_type;
    species.assign(names.size() + 1, 0);
    bool mapped = false;
    for (int type = 1; type <= n_types; type++) {
        const std::string &name = names[type - 1];
        if (name == "NULL" && force->pair != this) continue;
        if (name == "NULL")
            stop("pair_coeff: NULL leaves atom type " + std::to_string(type) +
                 " to another pair style: use pair_style hybrid or hybrid/overlay");
        species[type] = engine->atomic_number(name);
        if (species[type] < 0)
            stop("pair_coeff: element '" + name + "' of atom type " + std::to_string(type) + " is not in potential " +
                 engine->path + ", which knows: " + engine->element_list());
        mapped = true;
    }
    if (!mapped) stop("pair_coeff: every atom type is NULL; map at least one type");
    for (int i = 1; i <= n_types; i++)
        for (int j = i; j <= n_types; j++) setflag[i][j] = species[i] && species[j] ? 1 : 0;
}

void PairMLSOAP::print_mapping()
{
    if (comm->me != 0) return;
    std::string text = "  atom types:";
    for (int type = 1; type <= atom->ntypes; type++) {
        const int species = engine->species_of_type[type];
        text += " " + std::to_string(type) + "=" + (species ? symbol_of(species) : "NULL");
    }
    utils::logmesg(lmp, text + "\n");
}

void PairMLSOAP::init_style()
{
    if (!force->newton_pair)
        stop("it needs newton pair on (forces act on ghost atoms): use 'newton on' or leave "
             "the newton command out");
    if (!engine->potential && saved) use_potential(saved->path, saved->elements);
    if (!engine->potential) stop("pair_coeff * * FILE El1 El2 ... is missing");
    check_masses();
    watch_uncertainty();
    if (!request_full_list(neighbor, this, instance_me, 0))
        stop("this LAMMPS is not the one that the plugin was built for (neighbor list "
             "requests differ); build the plugin against it");
}

void PairMLSOAP::init_list(int, NeighList *neighbor_list)
{
    list = neighbor_list;
}

double PairMLSOAP::init_one(int i, int j)
{
    if (setflag[i][j] == 0 && setflag[j][i] == 0)
        stop("pair_coeff is missing for atom types " + std::to_string(i) + " and " + std::to_string(j));
    return mlsoap_potential_cutoff(engine->potential) * engine->units->length;
}

/** A type whose mass is that of another element of the file is an error, any other odd mass (deuterium) a warning. */
void PairMLSOAP::check_masses()
{
    if (!atom->mass) return; // masses per atom
    for (int type = 1; type <= atom->ntypes; type++) {
        if (!engine->species_of_type[type] || !atom->mass_setflag[type]) continue;
        bool fatal = false;
        const std::string problem = mass_problem(type, fatal);
        if (fatal) stop(problem);
        if (!problem.empty() && comm->me == 0) error->warning(FLERR, "pair style mlsoap: " + problem);
    }
}

/** What is wrong with the mass of a type, empty where nothing is. */
std::string PairMLSOAP::mass_problem(int type, bool &fatal) const
{
    const int species = engine->species_of_type[type];
    const double mass = atom->mass[type] / engine->units->mass;
    const auto is_mass_of = [mass](int z) { return std::fabs(mass / standard_mass(z) - 1.0) <= MASS_TOLERANCE; };
    if (is_mass_of(species)) return "";
    const std::string text = "atom type " + std::to_string(type) + " has mass " + number(mass) +
                             " u, but pair_coeff maps it to " + symbol_of(species) + " (" +
                             number(standard_mass(species)) + " u)";
    for (int i = 0; i < mlsoap_potential_n_elements(engine->potential); i++) {
        const int other = mlsoap_potential_element(engine->potential, i);
        if (!is_mass_of(other)) continue;
        fatal = true;
        return text + ": that is the mass of " + symbol_of(other) +
               "; check the order of the elements in pair_coeff and the mass command";
    }
    return text;
}

const char *PairMLSOAP::symbol_of_type(int type) const
{
    const int species = engine->species_of_type[type];
    return species ? symbol_of(species) : "X";
}

double PairMLSOAP::angstrom() const
{
    return engine->units->length;
}

const char *PairMLSOAP::identity() const
{
    return mlsoap_potential_identity(engine->potential);
}

double PairMLSOAP::memory_usage()
{
    double bytes = Pair::memory_usage() + engine->uncertainties.bytes();
    for (const auto &block : engine->blocks) bytes += block->bytes();
    return bytes;
}
