/* SPDX-License-Identifier: BSD-3-Clause */
/* The description of a potential: its keys, its canonical text, its identity (potentials/FORMAT.md). */
#include "core/hash.h"
#include "core/memory.h"
#include "potential/potential_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const energy_units[] = {"eV", NULL};
static const char *const length_units[] = {"angstrom", NULL};
static const char *const shift_names[] = {"isolated", NULL};
static const char *const outside_identity[] = {"provenance", "errors", "golden"};

static const schema_key units_schema[] = {
    {"energy", SCHEMA_TEXT, NULL, NULL, 1, 0, energy_units, NULL, "unit of energies"},
    {"length", SCHEMA_TEXT, NULL, NULL, 1, 0, length_units, NULL, "unit of lengths"},
    {0},
};

static const schema_key description_schema[] = {
    {"units", SCHEMA_OBJECT, NULL, NULL, 1, 0, NULL, units_schema, "units of all numbers"},
    {"elements", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "symbols by ascending atomic number"},
    {"offsets", SCHEMA_OBJECT, NULL, "eV", 1, 0, NULL, NULL, "energy of an isolated atom of each element"},
    {"descriptors", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "completed settings of the descriptors"},
    {"pairs", SCHEMA_LIST, "[]", NULL, 1, 0, NULL, NULL, "reserved: parameters per pair of species"},
    {"terms", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "descriptors and model of each term"},
    {"pair_terms", SCHEMA_LIST, "[]", NULL, 1, 0, NULL, NULL, "energies of pairs of atoms: the repulsive core"},
    {"loss", SCHEMA_OBJECT, "", NULL, 1, 0, NULL, NULL, "what the fit minimized"},
    {"uncertainty", SCHEMA_OBJECT, "", NULL, 1, 0, NULL, NULL, "calibration of the uncertainty of each element"},
    {"provenance", SCHEMA_OBJECT, "", NULL, 1, 0, NULL, NULL, "free: what made the potential"},
    {"errors", SCHEMA_OBJECT, "", NULL, 1, 0, NULL, NULL, "free: error tables of train, validation and test"},
    {"golden", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "frames with the numbers that the file must give"},
    {0},
};

static const schema_key term_schema[] = {
    {"descriptors", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "names of the descriptors, side by side"},
    {"model", SCHEMA_OBJECT, NULL, NULL, 1, 0, NULL, NULL, "type and settings of the model"},
    {"species", SCHEMA_OBJECT, NULL, NULL, 1, 0, NULL, NULL, "one entry per central element"},
    {0},
};

static const schema_key species_schema[] = {
    {"tensors", SCHEMA_TEXT, NULL, NULL, 1, 0, NULL, NULL, "prefix of the tensors of the model"},
    {"shift", SCHEMA_REAL | SCHEMA_TEXT, "\"isolated\"", "eV", -1e30, 1e30, shift_names, NULL,
     "subtracted from the energy of the model; isolated: its value for an isolated atom"},
    {"n_sparse", SCHEMA_INTEGER, "", NULL, 1, 1e15, NULL, NULL, "sparse_gp: number of sparse points"},
    {0},
};

static const schema_key uncertainty_schema[] = {
    {"energy", SCHEMA_REAL, NULL, NULL, 0, 1e30, NULL, NULL, "factor of the standard deviation s of the models"},
    {"forces", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "[s, error of a force] in eV and eV/angstrom, ascending"},
    {0},
};

static const schema_key tolerance_schema[] = {
    {"energy", SCHEMA_REAL, NULL, "eV", 1e-300, 1e-2, NULL, NULL, "largest deviation of the energy"},
    {"forces", SCHEMA_REAL, NULL, "eV/angstrom", 1e-300, 1e-2, NULL, NULL, "of a force component"},
    {"virial", SCHEMA_REAL, NULL, "eV", 1e-300, 1e-2, NULL, NULL, "of a virial component"},
    {0},
};

static const schema_key golden_schema[] = {
    {"tensors", SCHEMA_TEXT, NULL, NULL, 1, 0, NULL, NULL, "prefix of the tensors of the frame"},
    {"species", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "symbols of the atoms"},
    {"pbc", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "periodic directions, three times true or false"},
    {"tolerance", SCHEMA_OBJECT, NULL, NULL, 1, 0, NULL, tolerance_schema, "deviations that rounding explains"},
    {0},
};

mlsoap_status description_complete(json_t *description, const schema_source *source, mlsoap_error *error)
{
    mlsoap_status status = schema_complete(description, description_schema, "", source, error);
    if (!status && json_array_size(json_object_get(description, "pairs")) > 0)
        status = schema_fail(source, "", "pairs", error,
                             "must be empty in format version 1; this file needs a newer mlsoap");
    return status;
}

mlsoap_status description_complete_term(json_t *term, const char *path, const schema_source *source,
                                        mlsoap_error *error)
{
    return schema_complete(term, term_schema, path, source, error);
}

mlsoap_status description_complete_species(json_t *species, const char *path, const schema_source *source,
                                           mlsoap_error *error)
{
    return schema_complete(species, species_schema, path, source, error);
}

mlsoap_status description_complete_golden(json_t *frame, const char *path, const schema_source *source,
                                          mlsoap_error *error)
{
    return schema_complete(frame, golden_schema, path, source, error);
}

mlsoap_status description_complete_uncertainty(json_t *entry, const char *path, const schema_source *source,
                                               mlsoap_error *error)
{
    return schema_complete(entry, uncertainty_schema, path, source, error);
}

char *description_dump(const json_t *description)
{
    char *text = json_dumps(description, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
    char *copy = memory_copy_text(text);
    free(text);
    return copy;
}

/* Tensors that do not tell potentials apart. */
static int is_outside(const char *name)
{
    size_t length = strlen(name), suffix = strlen(DERIVED_SUFFIX);
    return strncmp(name, GOLDEN_PREFIX, strlen(GOLDEN_PREFIX)) == 0 ||
           (length > suffix && strcmp(name + length - suffix, DERIVED_SUFFIX) == 0);
}

mlsoap_status description_identity(const json_t *description, const tensor_set *tensors, char identity[65],
                                   mlsoap_error *error)
{
    /* jansson copies objects through non-const pointers, but does not change them */
    json_t *hashed = json_copy((json_t *)(uintptr_t)description);
    for (size_t i = 0; hashed && i < sizeof outside_identity / sizeof *outside_identity; i++)
        json_object_del(hashed, outside_identity[i]);
    char *text = hashed ? description_dump(hashed) : NULL;
    hash_state *state = text ? hash_new() : NULL;
    json_decref(hashed);
    if (!state) {
        memory_free(text);
        return status_no_memory(error, 0, "the identity of the potential");
    }
    hash_add(state, text, strlen(text));
    for (size_t i = 0; i < tensors->n; i++)
        if (!is_outside(tensors->items[i].name))
            hash_add(state, tensors->items[i].data, tensor_size(&tensors->items[i]) * sizeof(double));
    hash_finish(state, identity);
    memory_free(text);
    return MLSOAP_SUCCESS;
}
