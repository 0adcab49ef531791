/* SPDX-License-Identifier: BSD-3-Clause */
/** @file structure_schema.h
 *  Keys that all descriptors of whole structures have. */
#ifndef MLSOAP_STRUCTURE_SCHEMA_H
#define MLSOAP_STRUCTURE_SCHEMA_H

#include "descriptors/structure/structure_descriptor.h"

extern const char *const permutation_names[];
extern const schema_key permutation_schema[];

enum { STRUCTURE_ATOMS_MAX = 4096 };

#define STRUCTURE_DESCRIPTOR_KEYS(type_name)                                                                           \
    {"name", SCHEMA_TEXT, "\"" type_name "\"", NULL, 1, 0, NULL, NULL, "name of its columns"},                         \
        {"type", SCHEMA_TEXT, "\"" type_name "\"", NULL, 1, 0, NULL, NULL, "kind of descriptor"},                      \
        {"species", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "elements that may be there (default: all)"},             \
        {"permutation",                                                                                                \
         SCHEMA_TEXT | SCHEMA_OBJECT | SCHEMA_NULL,                                                                    \
         "\"sorted_l2\"",                                                                                              \
         NULL,                                                                                                         \
         1,                                                                                                            \
         0,                                                                                                            \
         permutation_names,                                                                                            \
         permutation_schema,                                                                                           \
         "order of the atoms: none, sorted_l2, eigenspectrum, or {type: random, sigma: 0.1}"},                         \
    {                                                                                                                  \
        "n_atoms_max", SCHEMA_INTEGER, NULL, NULL, 1, STRUCTURE_ATOMS_MAX, NULL, NULL,                                 \
            "most atoms of a structure; smaller ones are padded with zeros"                                            \
    }
#define STRUCTURE_DESCRIPTOR_END                                                                                       \
    {                                                                                                                  \
        NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL                                                                    \
    }

#endif
