/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file pair_engine.h
 *  The part of pair style mlsoap that knows the library: the potential, and one block of central atoms per thread. */
#ifndef MLSOAP_PAIR_ENGINE_H
#define MLSOAP_PAIR_ENGINE_H

#include "mlsoap.h"
#include "pair_mlsoap.h"
#include "unit_factors.h"

namespace LAMMPS_NS
{

/** Central atoms that go through the library together, with their neighbors inside the cutoff as arrays, and what comes
 *  back. Belongs to one thread; the arrays only grow, so that a step allocates nothing once they fit. */
struct PairMLSOAP::Block {
    explicit Block(const mlsoap_potential *potential);
    ~Block();
    Block(const Block &) = delete;
    Block &operator=(const Block &) = delete;

    /** Make room for so many centers and neighbors. Throws std::bad_alloc. */
    void reserve(int n_centers, std::size_t n_neighbors);
    double bytes() const;

    mlsoap_workspace *workspace = nullptr;
    mlsoap_error error = {};
    int n_centers = 0;
    std::vector<int> centers;        /**< [n_centers] local index of the atom */
    std::vector<int> center_species; /**< [n_centers] atomic number */
    std::vector<int> first;          /**< [n_centers + 1] */
    std::vector<int> neighbors;      /**< [first[n_centers]] local or ghost index */
    std::vector<int> species;        /**< atomic numbers of the neighbors */
    std::vector<double> dx, dy, dz;  /**< r_j - r_i, Angstrom */
    std::vector<double> energies;    /**< [n_centers], eV; or their uncertainties */
    std::vector<double> forces;      /**< [n_centers], eV/Angstrom: uncertainties of the forces */
    std::vector<double> dE_dr;       /**< [first[n_centers]][3], eV/Angstrom */
};

struct PairMLSOAP::Engine {
    Engine() = default;
    ~Engine();
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;

    /** One block for each thread. Throws std::bad_alloc. */
    void reserve_threads(int n_threads);

    /** Energies and derivatives of a gathered block; on failure block.error tells. */
    void evaluate(Block &block) const;

    /** Uncertainties of a gathered block, in place of energies and derivatives. */
    void evaluate_uncertainty(Block &block) const;

    /** Atomic number of a chemical symbol that the potential knows, else -1. */
    int atomic_number(const std::string &symbol) const;

    /** "Si C": the elements of the potential. */
    std::string element_list() const;

    /** Of the atoms of this rank, in the units of the run. */
    struct Uncertainties {
        void reserve(int n_atoms); /**< and set to 0 */
        double bytes() const;
        std::vector<double> energy, force;
    };

    mlsoap_potential *potential = nullptr;
    const UnitFactors *units = nullptr;
    std::string path;
    std::vector<int> species_of_type; /**< [n_types + 1] atomic number, 0 for NULL */
    std::vector<std::unique_ptr<Block>> blocks;
    std::vector<int> centers;      /**< the atoms of the list, sorted by type */
    std::vector<int> next_of_type; /**< scratch of the sorting */
    Uncertainties uncertainties;
};

/** Chemical symbol of an atomic number; the symbols and masses are those of the library. */
const char *symbol_of(int atomic_number);
double standard_mass(int atomic_number);

} // namespace LAMMPS_NS

#endif
