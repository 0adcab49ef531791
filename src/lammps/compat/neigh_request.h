/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file neigh_request.h
 *  Stand-in for a header that Debian's liblammps-dev of 29Sep2021 does not ship: the leading members of a neighbor list
 *  request, in the order of that release. Used through pointers to objects that LAMMPS made; the caller checks the
 *  defaults (pair = 1, half = 1, full = 0) before it writes. */
#ifndef MLSOAP_COMPAT_NEIGH_REQUEST_H
#define MLSOAP_COMPAT_NEIGH_REQUEST_H

#include "pointers.h"

namespace LAMMPS_NS
{

class NeighRequest : protected Pointers
{
  public:
    int index;
    void *requestor;
    int requestor_instance;
    int id;
    int pair, fix, compute, command, neigh;
    int half, full;

    NeighRequest() = delete;
};

} // namespace LAMMPS_NS

#endif
