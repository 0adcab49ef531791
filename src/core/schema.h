/* SPDX-License-Identifier: BSD-3-Clause */
/** @file schema.h
 *  Tables of configuration keys: one row per key with type, default, unit, range and meaning. The YAML config, the
 *  command line, the description inside a potential file and the documentation all use the same rows. Values live as
 *  jansson objects. */
#ifndef MLSOAP_SCHEMA_H
#define MLSOAP_SCHEMA_H

#include "core/status.h"

#include <jansson.h>

typedef enum schema_type {
    SCHEMA_BOOLEAN = 1,
    SCHEMA_INTEGER = 2,
    SCHEMA_REAL = 4,
    SCHEMA_TEXT = 8,
    SCHEMA_OBJECT = 16, /**< of the rows in `children`, or free (children NULL: keys are data, such as elements) */
    SCHEMA_LIST = 32,   /**< of items that the module itself checks */
    SCHEMA_NULL = 64
} schema_type;

typedef struct schema_key {
    const char *name;                  /**< NULL ends a table */
    unsigned types;                    /**< allowed schema_type bits */
    const char *default_json;          /**< JSON text of the default; NULL = required; "" = stays absent */
    const char *unit;                  /**< "angstrom", "eV" ...; NULL = none */
    double min, max;                   /**< of numbers, inclusive; min > max = no limit */
    const char *const *choices;        /**< of texts, NULL-terminated; NULL = any */
    const struct schema_key *children; /**< of objects */
    const char *meaning;               /**< one line for the documentation */
} schema_key;

/** Where a value stands in its source, for messages. `locate` (NULL allowed) maps a path such as
 *  "descriptors.0.r_cut" to line and column; false where it does not know it. A path that ends in a key looks for the
 *  key itself; line 0 where it stands in no file. `name_of` (NULL allowed) names the source of one value where that is
 * not `name` (a key of the command line laid over a file), NULL otherwise. */
typedef struct schema_source {
    const char *name; /**< file name, or "command line" */
    int (*locate)(void *context, const char *path, long *line, long *column);
    void *context;
    const char *(*name_of)(void *context, const char *path);
} schema_source;

/** Check an object against a table and complete it with every default. Unknown keys are errors with the nearest valid
 *  key; wrong types, values out of range and missing required keys too, all with their place. `none` and `off` are
 *  valid texts for a key whose types include SCHEMA_NULL (the value becomes the text "none").
 *  @param[in,out] object  a JSON object   @param[in] path  its place in the document ("" for the root)
 *  @param[in] source  NULL allowed */
mlsoap_status schema_complete(json_t *object, const schema_key *table, const char *path, const schema_source *source,
                              mlsoap_error *error);

/** An error of the caller about the value at path.key: "file:line:column: path.key: text". */
mlsoap_status schema_fail(const schema_source *source, const char *path, const char *key, mlsoap_error *error,
                          const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Values of a completed object; the key must exist (internal error otherwise: 0, NULL). */
double schema_real(const json_t *object, const char *key);
long schema_integer(const json_t *object, const char *key);
int schema_boolean(const json_t *object, const char *key);
const char *schema_text(const json_t *object, const char *key);
/** True where `value`, NULL allowed, is this text. */
int schema_is_text(const json_t *value, const char *text);
/** True where the value is the text "none" (or JSON null). */
int schema_is_none(const json_t *object, const char *key);

#endif
