/* SPDX-License-Identifier: BSD-3-Clause */
/** @file extxyz_comment.h
 *  The comment line of an extxyz frame, cut into key=value pairs, and the columns it declares. Nothing is copied:
 * entries point into the line. Keys are compared without regard to case. */
#ifndef MLSOAP_EXTXYZ_COMMENT_H
#define MLSOAP_EXTXYZ_COMMENT_H

#include "io/text_lines.h"

typedef struct comment_entry {
    text_slice key, value; /**< without quotes or braces */
    bool has_value;        /**< false for a word without = */
} comment_entry;

/** One column, or several side by side, of the atom lines: `Properties=name:type:n_columns:...`. */
typedef struct extxyz_column {
    text_slice name;
    char type; /**< S, R, I or L */
    int n_columns;
} extxyz_column;

/** A comment line; zero-initialize before the first use, memory is reused from line to line. */
typedef struct extxyz_comment {
    comment_entry *entries;
    size_t n_entries, capacity_entries;
    size_t n_values; /**< entries with a value */
    extxyz_column *columns;
    size_t n_columns, capacity_columns;
} extxyz_comment;

/** Cut the n characters of a line. Values may stand in "", '', {} or [], with \ before a quote; blanks around = are
 *  allowed where there is one before it. Without Properties the columns are species:S:1:pos:R:3.
 *  Errors: MLSOAP_ERROR_FORMAT (a quote that does not end, a malformed Properties, a key twice), MLSOAP_ERROR_MEMORY.
 */
mlsoap_status comment_parse(extxyz_comment *c, const char *line, size_t n, const text_place *place,
                            mlsoap_error *error);
void comment_release(extxyz_comment *c);

/** The entry of a key, NULL where there is none (or only a word without value). */
const comment_entry *comment_find(const extxyz_comment *c, const char *key);

/** The numbers of a value: separated by blanks or commas, in any brackets, after _JSON too.
 *  @param[out] numbers [max]  @param[out] n  how many there are, at most max
 *  Errors: MLSOAP_ERROR_VALUE (not a number, not finite), MLSOAP_ERROR_FORMAT (more than max): they name the token. */
mlsoap_status entry_numbers(const comment_entry *entry, double *numbers, int max, int *n, const text_place *place,
                            mlsoap_error *error);

/** Three truth values: "T T T", "1 0 1", "TTF", "true"; _JSON too. */
mlsoap_status entry_truths(const comment_entry *entry, int truths[3], const text_place *place, mlsoap_error *error);

/** A copy of the value as text, \ undone; NULL where there is no memory. Free with memory_free. */
char *entry_text(const comment_entry *entry);

#endif
