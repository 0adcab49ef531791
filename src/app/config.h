/* SPDX-License-Identifier: BSD-3-Clause */
/** @file config.h
 *  The configuration of mlsoap (design: section 10): one YAML document, with keys of the command line laid over it. */
#ifndef MLSOAP_CONFIG_H
#define MLSOAP_CONFIG_H

#include "core/schema.h"

/** A configuration and the places of its keys. */
typedef struct config {
    json_t *root;         /**< a JSON object, owned */
    schema_source source; /**< knows line and column of every key (of the file or the command line) */
} config;

/** Rows of the root (data, elements, offsets, zbl, descriptors, model, loss, uncertainty, seed, memory,
 * checkpoint, output) and their children; the descriptors' rows belong to their kinds. Defaults that depend on the data
 * are the text "auto" or absent (elements, output, descriptors: an empty list). */
extern const schema_key config_schema[];
/** Rows of `model`, or of a term of its list, which depend on its `type`. */
const schema_key *config_model_schema(const json_t *term);

/** Read a YAML file: duplicate keys, tabs, non-finite numbers, several documents are errors with line and column.
 *  path NULL: an empty configuration. Only the form is checked here. */
mlsoap_status config_read(const char *path, config *c, mlsoap_error *error);
/** Lay "path.to.key=VALUE" (as in `--path.to.key=VALUE`, without the dashes), VALUE read as YAML, over it. List items
 *  by number: "descriptors.0.r_cut=5.5". */
mlsoap_status config_set(config *c, const char *assignment, mlsoap_error *error);
/** The elements of the data (ascending atomic numbers): the value of `elements` where the configuration has none, and
 * of `species` of every descriptor that has none. Call before config_complete, or again after it. */
mlsoap_status config_set_elements(config *c, const int *atomic_numbers, size_t n, mlsoap_error *error);
/** Keep only these keys of the root (NULL-terminated); keys that config_schema does not know stay, to be found. For
 *  commands that read some sections only. */
void config_keep(config *c, const char *const *keys);
/** Check all keys against config_schema and complete it with the defaults that do not depend on data. Descriptors get
 *  their names (soap, soap2, ...) and, where `elements` is known, their species; their other keys are checked by
 *  descriptor_new. Lists of files are lists, also where one name was given. Values that design.md reserves but this
 *  version lacks are MLSOAP_ERROR_UNSUPPORTED. */
mlsoap_status config_complete(config *c, mlsoap_error *error);
/** "8 GiB" of the key `memory` in bytes; units B, kB, MB, GB, TB, KiB, MiB, GiB, TiB. */
mlsoap_status config_memory(const config *c, size_t *bytes, mlsoap_error *error);
/** "10 min" of the key `checkpoint` in seconds; units s, min, h; INFINITY for `none`. */
mlsoap_status config_checkpoint(const config *c, double *seconds, mlsoap_error *error);
/** data.units of a completed configuration, for read_options (io/io.h). */
void config_units(const config *c, const char **length_unit, const char **energy_unit);
/** Factor of a target (energy, forces, virial) of the frames of a config_type: loss.config_type.NAME.TARGET, 1 where
 * there is none. loss: the section of a completed configuration; NULL allowed. */
double config_loss_factor(const json_t *loss, const char *config_type, const char *target);
/** The configuration as YAML text, keys in the order of config_schema; memory_free it. NULL: no memory. */
char *config_text(const config *c);
void config_release(config *c);

#endif
