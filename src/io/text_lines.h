/* SPDX-License-Identifier: BSD-3-Clause */
/** @file text_lines.h
 *  What the readers of text formats share: lines, words, numbers, and the place for messages. Nothing is copied: slices
 *  point into the file. Letters are compared without regard to case where the name of a function says so. */
#ifndef MLSOAP_TEXT_LINES_H
#define MLSOAP_TEXT_LINES_H

#include "core/status.h"

#include <stdbool.h>

/** A piece of the file. */
typedef struct text_slice {
    const char *text;
    size_t n;
} text_slice;

/** Where a reader is, for messages: lines are counted from 1, frames from 0. */
typedef struct text_place {
    const char *file;
    long line;
    size_t frame;
} text_place;

/** A file that is read line by line. */
typedef struct text_reader {
    const char *position, *end;
    text_place place; /**< of the line that was read last */
} text_reader;

text_reader text_reader_new(const char *bytes, size_t n_bytes, const char *file);

/** The next line without its end; false at the end of the file. */
bool text_next_line(text_reader *r, text_slice *line);

/** The next line that is not blank. */
bool text_next_filled_line(text_reader *r, text_slice *line);

/** Only spaces, tabs and carriage returns. */
bool slice_is_blank(text_slice slice);

bool slice_equal_no_case(text_slice slice, const char *text);
bool slice_begins_no_case(text_slice slice, const char *text);

/** The slice as a message can show it: printable, at most 40 characters. @return shown */
const char *slice_show(text_slice slice, char shown[48]);

/** The number that fills the word. MLSOAP_ERROR_VALUE names `what`, the word and the frame. */
mlsoap_status text_real(const text_place *place, text_slice word, const char *what, double *value, mlsoap_error *error);

/** The next n words of a line as numbers. Errors: as text_real; MLSOAP_ERROR_FORMAT (fewer words). */
mlsoap_status text_reals(const text_place *place, const char **position, const char *end, const char *what,
                         double *values, int n, mlsoap_error *error);

/** The next word of a line and the rest behind it; false at its end. Blanks are spaces, tabs and carriage returns. */
static inline bool slice_next_word(const char **position, const char *end, text_slice *word)
{
    const char *p = *position;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) p++;
    const char *start = p;
    while (p < end && *p != ' ' && *p != '\t' && *p != '\r') p++;
    *position = p;
    *word = (text_slice){start, (size_t)(p - start)};
    return p > start;
}

#endif
