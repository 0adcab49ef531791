/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file command.h
 *  Stand-in for a header that Debian's liblammps-dev of 29Sep2021 does not ship: the base class of input script
 *  commands. */
#ifndef MLSOAP_COMPAT_COMMAND_H
#define MLSOAP_COMPAT_COMMAND_H

#include "pointers.h"

namespace LAMMPS_NS
{

class Command : protected Pointers
{
  public:
    explicit Command(class LAMMPS *host) : Pointers(host) {}
    virtual void command(int narg, char **arg) = 0;
};

} // namespace LAMMPS_NS

#endif
