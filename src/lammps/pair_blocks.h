/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file pair_blocks.h
 *  The loop over blocks of central atoms, shared by forces and uncertainties. Blocks are evaluated by any thread but
 *  taken in their order, so that sums do not depend on the number of threads. */
#ifndef MLSOAP_PAIR_BLOCKS_H
#define MLSOAP_PAIR_BLOCKS_H

#include "pair_engine.h"
#include "pair_mlsoap.h"

#include "comm.h"
#include "neigh_list.h"

#include <algorithm>
#include <cstring>
#include <exception>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace LAMMPS_NS
{

inline int this_thread()
{
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

/** All blocks of this rank through `evaluate(Block &)`, by any thread, and then `take(const Block &)`, in order;
 * returns what went wrong first, or nothing. No exception leaves. */
template <typename Evaluate, typename Take> std::string PairMLSOAP::for_each_block(Evaluate evaluate, Take take)
{
    constexpr int CENTERS_PER_BLOCK = 16;
    const int n_blocks = (list->inum + CENTERS_PER_BLOCK - 1) / CENTERS_PER_BLOCK;
    const int n_threads = std::max(1, std::min(comm->nthreads, n_blocks));
    mlsoap_error failure = {};
    try {
        sort_centers();
        engine->reserve_threads(n_threads);
    } catch (const std::exception &) {
        return "no memory for the workspaces of " + std::to_string(n_threads) + " threads";
    }
#pragma omp parallel for ordered schedule(dynamic, 1) num_threads(n_threads)
    for (int i_block = 0; i_block < n_blocks; i_block++) {
        Block &block = *engine->blocks[this_thread()];
        const int begin = i_block * CENTERS_PER_BLOCK;
        try {
            if (gather(block, begin, std::min(begin + CENTERS_PER_BLOCK, list->inum))) evaluate(block);
        } catch (const std::exception &) { // only memory can be short here
            block.error.code = MLSOAP_ERROR_MEMORY;
            std::strcpy(block.error.message, "no memory for the neighbors of a block of atoms");
        }
#pragma omp ordered
        {
            if (failure.code == MLSOAP_SUCCESS) {
                failure.code = block.error.code;
                if (failure.code == MLSOAP_SUCCESS)
                    take(block);
                else
                    std::memcpy(failure.message, block.error.message, sizeof(failure.message));
            }
        }
    }
    return failure.message;
}

} // namespace LAMMPS_NS

#endif
