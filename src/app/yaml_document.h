/* SPDX-License-Identifier: BSD-3-Clause */
/** @file yaml_document.h
 *  One YAML 1.2 document (core schema) to and from jansson values, with the place of every key. */
#ifndef MLSOAP_YAML_DOCUMENT_H
#define MLSOAP_YAML_DOCUMENT_H

#include "core/status.h"

#include <jansson.h>
#include <stdbool.h>

/** Where a key or a list item stands: "descriptors.0.r_cut", counted from 1. line 0: not in a file. */
typedef struct yaml_place {
    char *path;
    long line, column;
} yaml_place;

typedef struct yaml_places {
    yaml_place *items;
    size_t n, capacity;
} yaml_places;

/** Read a text. Integers, reals, true/false and null are those of YAML 1.2 (yes, no, on and off are words).
 *  MLSOAP_ERROR_FORMAT with "name:line:column" for broken YAML, duplicate keys, more than one document, anchors,
 *  aliases, tags, keys that are not plain texts, numbers that are not finite or do not fit.
 *  @param[in]  name    of the source, for messages
 *  @param[out] value   new reference; JSON null for an empty text; NULL on failure
 *  @param[out] places  zero-initialized; filled also on failure; NULL allowed. Release with yaml_places_release */
mlsoap_status yaml_read(const char *text, size_t n, const char *name, json_t **value, yaml_places *places,
                        mlsoap_error *error);
/** The place of a path, NULL where it is unknown. */
const yaml_place *yaml_places_find(const yaml_places *places, const char *path);
/** Add (or replace) a place; false where there is no memory. */
bool yaml_places_set(yaml_places *places, const char *path, long line, long column);
/** Forget all places below a path ("a" forgets "a.b", not "a"). */
void yaml_places_forget(yaml_places *places, const char *path);
void yaml_places_release(yaml_places *places);

/** A value as YAML text in block style, short lists in one line; reading gives an equal value.
 *  memory_free it; NULL: no memory. */
char *yaml_text(const json_t *value);

#endif
