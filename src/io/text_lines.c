/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines, words and numbers of text files; see text_lines.h. */
#include "io/text_lines.h"

#include "core/parse.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

text_reader text_reader_new(const char *bytes, size_t n_bytes, const char *file)
{
    return (text_reader){bytes, bytes + n_bytes, {.file = file}};
}

bool text_next_line(text_reader *r, text_slice *line)
{
    if (r->position >= r->end) return false;
    const char *start = r->position;
    const char *newline = memchr(start, '\n', (size_t)(r->end - start));
    *line = (text_slice){start, (size_t)((newline ? newline : r->end) - start)};
    r->position = newline ? newline + 1 : r->end;
    r->place.line++;
    return true;
}

bool text_next_filled_line(text_reader *r, text_slice *line)
{
    do {
        if (!text_next_line(r, line)) return false;
    } while (slice_is_blank(*line));
    return true;
}

bool slice_is_blank(text_slice slice)
{
    text_slice word;
    const char *p = slice.text;
    return !slice_next_word(&p, slice.text + slice.n, &word);
}

bool slice_begins_no_case(text_slice slice, const char *text)
{
    size_t n = strlen(text);
    if (slice.n < n) return false;
    for (size_t i = 0; i < n; i++)
        if (lower(slice.text[i]) != lower(text[i])) return false;
    return true;
}

bool slice_equal_no_case(text_slice slice, const char *text)
{
    return slice.n == strlen(text) && slice_begins_no_case(slice, text);
}

const char *slice_show(text_slice slice, char shown[48])
{
    size_t n = slice.n < 40 ? slice.n : 40;
    for (size_t i = 0; i < n; i++) shown[i] = slice.text[i] >= ' ' && slice.text[i] <= '~' ? slice.text[i] : '?';
    memcpy(shown + n, slice.n > n ? "..." : "", slice.n > n ? 4 : 1);
    return shown;
}

mlsoap_status text_real(const text_place *place, text_slice word, const char *what, double *value, mlsoap_error *error)
{
    char shown[48];
    parse_result result = parse_real(word.text, word.n, value);
    if (result == PARSE_OK) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_VALUE, place->file, place->line,
                          "frame %zu: %s is '%s', which is not %s; a finite number is needed", place->frame, what,
                          slice_show(word, shown), parse_result_text(result));
}

mlsoap_status text_reals(const text_place *place, const char **position, const char *end, const char *what,
                         double *values, int n, mlsoap_error *error)
{
    for (int i = 0; i < n; i++) {
        text_slice word;
        if (!slice_next_word(position, end, &word))
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                                  "frame %zu: %s needs %d numbers; the line ends after %d (is it cut off?)",
                                  place->frame, what, n, i);
        mlsoap_status status = text_real(place, word, what, &values[i], error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}
