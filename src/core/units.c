/* SPDX-License-Identifier: BSD-3-Clause */
/* Units by name; see units.h. */
#include "core/units.h"

#include <stddef.h>
#include <string.h>

static const unit lengths[] = {{"angstrom", 1.0}, {"bohr", BOHR_IN_ANGSTROM}, {NULL, 0.0}};
static const unit energies[] = {{"eV", 1.0}, {"hartree", HARTREE_IN_EV}, {NULL, 0.0}};

static const unit *find(const unit *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0) return table;
    return NULL;
}

const unit *unit_of_length(const char *name)
{
    return find(lengths, name);
}

const unit *unit_of_energy(const char *name)
{
    return find(energies, name);
}
