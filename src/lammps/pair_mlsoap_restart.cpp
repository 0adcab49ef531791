/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Restart files: where the potential lies, its identity, the elements of the types, the keywords. The potential itself
 * stays in its file, and init_style reads it again. Under hybrid styles LAMMPS restores the settings only, so that
 * pair_coeff has to be repeated; the identity is checked there, too. */
#include "pair_mlsoap.h"

#include "lammps_versions.h"
#include "pair_engine.h"

#include "atom.h"
#include "comm.h"

#include <algorithm>

using namespace LAMMPS_NS;

namespace
{
constexpr int LARGEST = 1 << 20; // bytes of a text, number of texts: more is a broken file

bool read_exactly(FILE *file, void *to, std::size_t n_bytes)
{
    return std::fread(to, 1, n_bytes, file) == n_bytes;
}

/** A text of one rank to all of them; a length below 0 says that there is none. */
bool broadcast_text(std::string &text, bool good, MPI_Comm world)
{
    int n = good ? static_cast<int>(text.size()) : -1;
    MPI_Bcast(&n, 1, MPI_INT, 0, world);
    if (n < 0) return false;
    text.resize(static_cast<std::size_t>(n));
    MPI_Bcast(&text[0], n, MPI_CHAR, 0, world);
    return true;
}
} // namespace

void PairMLSOAP::write_restart(FILE *file)
{
    write_restart_settings(file);
}

/** On rank 0 alone, as LAMMPS calls it. */
void PairMLSOAP::write_restart_settings(FILE *file)
{
    std::vector<std::string> potential;
    if (engine->potential) {
        potential = {engine->path, identity()};
        for (int type = 1; type <= atom->ntypes; type++)
            potential.push_back(engine->species_of_type[type] ? symbol_of_type(type) : "NULL");
    } else if (saved) {
        potential = {saved->path, saved->identity};
        potential.insert(potential.end(), saved->elements.begin(), saved->elements.end());
    }
    write_words(file, potential);
    write_words(file, option_words);
}

void PairMLSOAP::read_restart(FILE *file)
{
    read_restart_settings(file);
    if (!saved) return; // LAMMPS will ask for pair_coeff
    if (static_cast<int>(saved->elements.size()) != atom->ntypes)
        stop("the restart file holds " + std::to_string(saved->elements.size()) + " elements for " +
             std::to_string(atom->ntypes) + " atom types");
    if (!allocated) allocate();
    for (int i = 1; i <= atom->ntypes; i++)
        for (int j = i; j <= atom->ntypes; j++) setflag[i][j] = 1;
}

void PairMLSOAP::read_restart_settings(FILE *file)
{
    const std::vector<std::string> potential = read_words(file);
    parse_keywords(read_words(file));
    if (potential.size() < 2) return;
    saved = std::make_unique<Saved>();
    saved->path = potential[0];
    saved->identity = potential[1];
    saved->elements.assign(potential.begin() + 2, potential.end());
}

/** Number of texts, then length and bytes of each. */
void PairMLSOAP::write_words(FILE *file, const std::vector<std::string> &words)
{
    const int n = static_cast<int>(words.size());
    std::fwrite(&n, sizeof(n), 1, file); // LAMMPS itself looks whether the file was written
    for (const std::string &word : words) {
        const int length = static_cast<int>(word.size());
        std::fwrite(&length, sizeof(length), 1, file);
        std::fwrite(word.data(), 1, word.size(), file);
    }
}

/** Rank 0 reads, everyone gets them. */
std::vector<std::string> PairMLSOAP::read_words(FILE *file)
{
    const char *const broken = "the restart file is cut short, or holds something else where this pair style was";
    int n = -1;
    if (comm->me == 0 && !read_exactly(file, &n, sizeof(n))) n = -1;
    MPI_Bcast(&n, 1, MPI_INT, 0, world);
    if (n < 0 || n > LARGEST) stop(broken);
    std::vector<std::string> words(static_cast<std::size_t>(n));
    for (std::string &word : words) {
        bool good = true;
        if (comm->me == 0) {
            int length = 0;
            good = read_exactly(file, &length, sizeof(length)) && length >= 0 && length <= LARGEST;
            word.resize(good ? static_cast<std::size_t>(length) : 0);
            good = good && read_exactly(file, &word[0], word.size());
        }
        if (!broadcast_text(word, good, world)) stop(broken);
    }
    return words;
}
