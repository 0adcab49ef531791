/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file lammps_versions.h
 *  Differences between LAMMPS releases, found by the compiler from the headers at hand (overloads that exist or not)
 *  wherever that is possible, so that one source builds against all of them. */
#ifndef MLSOAP_LAMMPS_VERSIONS_H
#define MLSOAP_LAMMPS_VERSIONS_H

#include "pair.h"

#include "neighbor.h"
#if __has_include("neigh_request.h")
#include "neigh_request.h"
#endif

/** Pair::extract_peratom is virtual in releases since 2023. */
#if MLSOAP_LAMMPS_VERSION >= 20230000
#define MLSOAP_OVERRIDE_SINCE_2023 override
#else
#define MLSOAP_OVERRIDE_SINCE_2023
#endif

namespace LAMMPS_NS
{

constexpr int REQUEST_FULL = 1; // NeighConst::REQ_FULL, a name that 29Sep2021 lacks

/** Ask for a full neighbor list (releases since 2022: one call). False where that is not possible. */
template <typename N>
auto request_full_list(N *neighbor, Pair *pair, int, int) -> decltype(neighbor->add_request(pair, REQUEST_FULL), bool())
{
    return neighbor->add_request(pair, REQUEST_FULL) != nullptr;
}

/** The same in 29Sep2021 and before: a half list is requested, then changed. Writes nothing unless the request has the
 *  expected defaults, as its class may be declared by our stand-in (compat/neigh_request.h). */
template <typename N> bool request_full_list(N *neighbor, Pair *pair, int instance, long)
{
    const int index = neighbor->request(pair, instance); // may move the array of requests
    auto *request = neighbor->requests[index];
    if (request->index != index || request->requestor != pair || request->pair != 1 || request->half != 1 ||
        request->full != 0)
        return false;
    request->half = 0;
    request->full = 1;
    return true;
}

} // namespace LAMMPS_NS

#endif
