/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pair_engine.h"

extern "C" {
#include "core/elements.h"
}

#include <new>

using namespace LAMMPS_NS;

const char *LAMMPS_NS::symbol_of(int atomic_number)
{
    return element_symbol(atomic_number);
}

double LAMMPS_NS::standard_mass(int atomic_number)
{
    return element_mass(atomic_number);
}

PairMLSOAP::Block::Block(const mlsoap_potential *potential) : first(1, 0)
{
    if (mlsoap_workspace_new(potential, &workspace, &error) != MLSOAP_SUCCESS) throw std::bad_alloc();
}

PairMLSOAP::Block::~Block()
{
    mlsoap_workspace_free(workspace);
}

void PairMLSOAP::Block::reserve(int n_centers_max, std::size_t n_neighbors)
{
    const auto n = static_cast<std::size_t>(n_centers_max);
    if (centers.size() < n) {
        centers.resize(n);
        center_species.resize(n);
        first.resize(n + 1);
        energies.resize(n);
        forces.resize(n);
    }
    if (neighbors.size() < n_neighbors) {
        const std::size_t size = n_neighbors + n_neighbors / 4;
        neighbors.resize(size);
        species.resize(size);
        dx.resize(size);
        dy.resize(size);
        dz.resize(size);
        dE_dr.resize(3 * size);
    }
}

double PairMLSOAP::Block::bytes() const
{
    const double per_center = 3 * sizeof(int) + 2 * sizeof(double);
    const double per_neighbor = 2 * sizeof(int) + 6 * sizeof(double);
    return per_center * static_cast<double>(centers.size()) + per_neighbor * static_cast<double>(neighbors.size());
}

PairMLSOAP::Engine::~Engine()
{
    blocks.clear(); // the workspaces refer to the potential
    mlsoap_potential_free(potential);
}

void PairMLSOAP::Engine::reserve_threads(int n_threads)
{
    while (blocks.size() < static_cast<std::size_t>(n_threads)) blocks.push_back(std::make_unique<Block>(potential));
}

namespace
{
template <typename Block> mlsoap_environments environments_of(const Block &block)
{
    mlsoap_environments environments = {};
    environments.size = sizeof(environments);
    environments.n_centers = block.n_centers;
    environments.center_species = block.center_species.data();
    environments.first = block.first.data();
    environments.species = block.species.data();
    environments.dx = block.dx.data();
    environments.dy = block.dy.data();
    environments.dz = block.dz.data();
    return environments;
}
} // namespace

void PairMLSOAP::Engine::evaluate(Block &block) const
{
    block.error.code = MLSOAP_SUCCESS;
    if (block.n_centers == 0) return;
    const mlsoap_environments environments = environments_of(block);
    block.error.code = mlsoap_evaluate_environments(potential, block.workspace, &environments, block.energies.data(),
                                                    block.dE_dr.data(), &block.error);
}

void PairMLSOAP::Engine::evaluate_uncertainty(Block &block) const
{
    block.error.code = MLSOAP_SUCCESS;
    if (block.n_centers == 0) return;
    const mlsoap_environments environments = environments_of(block);
    block.error.code = mlsoap_uncertainty_environments(potential, block.workspace, &environments, block.energies.data(),
                                                       block.forces.data(), &block.error);
}

void PairMLSOAP::Engine::Uncertainties::reserve(int n_atoms)
{
    energy.assign(static_cast<std::size_t>(n_atoms), 0.0);
    force.assign(static_cast<std::size_t>(n_atoms), 0.0);
}

double PairMLSOAP::Engine::Uncertainties::bytes() const
{
    return 2 * sizeof(double) * static_cast<double>(energy.size());
}

int PairMLSOAP::Engine::atomic_number(const std::string &symbol) const
{
    for (int i = 0; i < mlsoap_potential_n_elements(potential); i++) {
        const int number = mlsoap_potential_element(potential, i);
        if (symbol == symbol_of(number)) return number;
    }
    return -1;
}

std::string PairMLSOAP::Engine::element_list() const
{
    std::string text;
    for (int i = 0; i < mlsoap_potential_n_elements(potential); i++)
        text += std::string(i ? " " : "") + symbol_of(mlsoap_potential_element(potential, i));
    return text;
}
