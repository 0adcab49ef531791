/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cif_block.h
 *  The syntax of CIF: data blocks of tags with one value or, in loops, a column of values. */
#ifndef MLSOAP_CIF_BLOCK_H
#define MLSOAP_CIF_BLOCK_H

#include "io/text_lines.h"

typedef enum cif_token_kind {
    CIF_END, /**< of the file */
    CIF_DATA,
    CIF_LOOP,
    CIF_TAG,
    CIF_VALUE,
    CIF_RESERVED /**< save_, global_, stop_: not of this kind of file */
} cif_token_kind;

/** A value, or another piece, without its quotes. */
typedef struct cif_token {
    cif_token_kind kind;
    text_slice text;
    long line;
    bool quoted;
} cif_token;

/** A tag with its values: values[first + i * stride], i < n. */
typedef struct cif_item {
    text_slice tag;
    long line;
    size_t first, stride, n;
} cif_item;

/** One data block; zero-initialize, memory is reused by the next. */
typedef struct cif_block {
    long line;
    cif_item *items;
    size_t n_items, capacity_items;
    cif_token *values;
    size_t n_values, capacity_values;
} cif_block;

/** The next token. Errors: MLSOAP_ERROR_FORMAT (a quote or a text field that does not end). `r` stands behind the
 *  token; r->place.line is that of its end. */
mlsoap_status cif_next_token(text_reader *r, cif_token *token, mlsoap_error *error);

/** Read a block. `token` is its CIF_DATA; afterwards the next CIF_DATA or CIF_END.
 *  Errors: MLSOAP_ERROR_FORMAT (a tag without value, a value without tag, a loop whose last row is not complete ...),
 *  MLSOAP_ERROR_MEMORY. */
mlsoap_status cif_block_read(cif_block *block, text_reader *r, cif_token *token, mlsoap_error *error);
void cif_block_release(cif_block *block);

/** The item of a tag (lower case, with _ instead of a point); NULL where there is none. */
const cif_item *cif_block_find(const cif_block *block, const char *tag);

static inline const cif_token *cif_item_value(const cif_block *block, const cif_item *item, size_t i)
{
    return &block->values[item->first + i * item->stride];
}

/** `?` (unknown) or `.` (does not apply). */
bool cif_is_missing(const cif_token *value);

/** A number without its standard uncertainty: 5.431(2). Errors: MLSOAP_ERROR_VALUE names the tag. */
mlsoap_status cif_number(const text_place *place, const cif_item *item, const cif_token *value, double *number,
                         mlsoap_error *error);

#endif
