/* SPDX-License-Identifier: BSD-3-Clause */
/** @file parse.h
 *  Numbers and text, independent of the locale. A number must fill its token completely and be finite. */
#ifndef MLSOAP_PARSE_H
#define MLSOAP_PARSE_H

#include <stdbool.h>
#include <stddef.h>

/** Why a token is not a number, for messages. */
typedef enum parse_result { PARSE_OK = 0, PARSE_NOT_A_NUMBER, PARSE_NOT_FINITE, PARSE_OUT_OF_RANGE } parse_result;

/** One real number: the n characters of text and nothing else ("1e400", "nan" and "inf" are PARSE_NOT_FINITE; Fortran's
 *  "1.0D+02" is accepted). */
parse_result parse_real(const char *text, size_t n, double *value);

/** One decimal integer within min ... max. */
parse_result parse_integer(const char *text, size_t n, long min, long max, long *value);

/** "a number", "finite" ... : what the result says of a token, for "found X, which is not ...". */
const char *parse_result_text(parse_result result);

/** Print so that reading gives the same bits (17 digits at most, the shortest of 15, 16, 17 that does so).
 *  @param[out] text [32]  @return text */
char *format_real(double value, char text[32]);

/** Of `names` (NULL-terminated) the one nearest to `name` by edit distance, for "did you mean"; NULL where none is near
 *  (distance above a third of the length, at least 2). */
const char *parse_nearest(const char *name, const char *const *names);

/** Equal without regard to the case of ASCII letters. */
bool text_equal_no_case(const char *a, const char *b);

#endif
