/* SPDX-License-Identifier: BSD-3-Clause */
/* The syntax of CIF; see cif_block.h. */
#include "io/cif_block.h"

#include "core/memory.h"
#include "core/parse.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------ tokens */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Blanks and comments. True where the token that follows stands at the beginning of a line. */
static bool skip_space(text_reader *r, const char *file_begin)
{
    const char *p = r->position;
    while (p < r->end && (is_space(*p) || *p == '#')) {
        if (*p == '#')
            while (p < r->end && *p != '\n') p++;
        else if (*p++ == '\n')
            r->place.line++;
    }
    r->position = p;
    return p == file_begin || p[-1] == '\n';
}

/* ;text up to a line that begins with ; */
static mlsoap_status read_text_field(text_reader *r, cif_token *token, mlsoap_error *error)
{
    const char *start = r->position + 1, *p = start;
    for (;;) {
        const char *newline = p < r->end ? memchr(p, '\n', (size_t)(r->end - p)) : NULL;
        if (!newline || newline + 1 >= r->end)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->place.file, token->line,
                                  "frame %zu: the text that begins with ; in this line does not end with a ; at the "
                                  "beginning of a line",
                                  r->place.frame);
        r->place.line++;
        p = newline + 1;
        if (*p != ';') continue;
        token->text = (text_slice){start, (size_t)(newline - start)};
        r->position = p + 1;
        return MLSOAP_SUCCESS;
    }
}

/* A quote ends only where a blank follows: 'Bragg's law' is one text. */
static mlsoap_status read_quoted(text_reader *r, cif_token *token, mlsoap_error *error)
{
    const char quote = *r->position, *start = r->position + 1;
    for (const char *p = start; p < r->end && *p != '\n'; p++) {
        if (*p != quote || (p + 1 < r->end && !is_space(p[1]))) continue;
        token->text = (text_slice){start, (size_t)(p - start)};
        r->position = p + 1;
        return MLSOAP_SUCCESS;
    }
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                          "frame %zu: the quote %c does not end in this line", r->place.frame, quote);
}

static cif_token_kind kind_of(text_slice word)
{
    if (*word.text == '_') return CIF_TAG;
    if (slice_begins_no_case(word, "data_")) return CIF_DATA;
    if (slice_equal_no_case(word, "loop_")) return CIF_LOOP;
    if (slice_begins_no_case(word, "save_") || slice_equal_no_case(word, "global_") ||
        slice_equal_no_case(word, "stop_"))
        return CIF_RESERVED;
    return CIF_VALUE;
}

static mlsoap_status next_token(text_reader *r, const char *file_begin, cif_token *token, mlsoap_error *error)
{
    bool begins_line = skip_space(r, file_begin);
    *token = (cif_token){CIF_END, {r->position, 0}, r->place.line, false};
    if (r->position >= r->end) return MLSOAP_SUCCESS;
    char c = *r->position;
    if (c == '\'' || c == '"' || (c == ';' && begins_line)) {
        token->kind = CIF_VALUE;
        token->quoted = true;
        return c == ';' ? read_text_field(r, token, error) : read_quoted(r, token, error);
    }
    while (r->position < r->end && !is_space(*r->position)) r->position++;
    token->text.n = (size_t)(r->position - token->text.text);
    token->kind = kind_of(token->text);
    return MLSOAP_SUCCESS;
}

mlsoap_status cif_next_token(text_reader *r, cif_token *token, mlsoap_error *error)
{
    /* Only at the very beginning of a file nothing stands before a token: the first line is line 1 then. */
    const char *file_begin = r->place.line == 0 ? r->position : NULL;
    if (file_begin && r->end - r->position >= 3 && memcmp(r->position, "\xEF\xBB\xBF", 3) == 0)
        file_begin = r->position += 3; /* the mark of UTF-8 of some editors */
    if (r->place.line == 0) r->place.line = 1;
    return next_token(r, file_begin, token, error);
}

/* ------------------------------------------------------------------------------------------------ blocks */

static mlsoap_status fail_token(const text_reader *r, const cif_token *token, const char *what, mlsoap_error *error)
{
    char shown[48];
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->place.file, token->line, "frame %zu: %s; found '%s'",
                          r->place.frame, what,
                          token->kind == CIF_END ? "the end of the file" : slice_show(token->text, shown));
}

static mlsoap_status add_item(cif_block *b, const cif_token *tag, mlsoap_error *error)
{
    if (!MEMORY_RESERVE(&b->items, &b->capacity_items, b->n_items + 1))
        return status_no_memory(error, (b->n_items + 1) * sizeof *b->items, "the tags of a CIF");
    b->items[b->n_items++] = (cif_item){tag->text, tag->line, b->n_values, 1, 1};
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_value(cif_block *b, const cif_token *value, mlsoap_error *error)
{
    if (!MEMORY_RESERVE(&b->values, &b->capacity_values, b->n_values + 1))
        return status_no_memory(error, (b->n_values + 1) * sizeof *b->values, "the values of a CIF");
    b->values[b->n_values++] = *value;
    return MLSOAP_SUCCESS;
}

/* The token behind the tag of a single value. */
static mlsoap_status read_single(cif_block *b, text_reader *r, cif_token *token, mlsoap_error *error)
{
    mlsoap_status status = add_item(b, token, error);
    if (!status) status = cif_next_token(r, token, error);
    if (status) return status;
    if (token->kind != CIF_VALUE) return fail_token(r, token, "a tag must have a value", error);
    status = add_value(b, token, error);
    return status ? status : cif_next_token(r, token, error);
}

static mlsoap_status read_loop(cif_block *b, text_reader *r, cif_token *token, mlsoap_error *error)
{
    size_t first_item = b->n_items, first_value = b->n_values;
    long line = token->line;
    mlsoap_status status = cif_next_token(r, token, error);
    while (!status && token->kind == CIF_TAG) {
        status = add_item(b, token, error);
        if (!status) status = cif_next_token(r, token, error);
    }
    while (!status && token->kind == CIF_VALUE) {
        status = add_value(b, token, error);
        if (!status) status = cif_next_token(r, token, error);
    }
    if (status) return status;
    size_t n_tags = b->n_items - first_item, n_values = b->n_values - first_value;
    if (n_tags == 0) return fail_token(r, token, "loop_ must be followed by tags", error);
    if (n_values % n_tags != 0)
        return status_fail_at(
            error, MLSOAP_ERROR_FORMAT, r->place.file, line,
            "frame %zu: the loop that begins here has %zu columns and %zu values: its last row is not "
            "complete, or a text with blanks lacks its quotes",
            r->place.frame, n_tags, n_values);
    for (size_t i = 0; i < n_tags; i++) {
        cif_item *item = &b->items[first_item + i];
        item->first = first_value + i;
        item->stride = n_tags;
        item->n = n_values / n_tags;
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status cif_block_read(cif_block *b, text_reader *r, cif_token *token, mlsoap_error *error)
{
    b->line = token->line;
    b->n_items = b->n_values = 0;
    mlsoap_status status = cif_next_token(r, token, error);
    while (!status && token->kind != CIF_DATA && token->kind != CIF_END) {
        if (token->kind == CIF_TAG)
            status = read_single(b, r, token, error);
        else if (token->kind == CIF_LOOP)
            status = read_loop(b, r, token, error);
        else
            status =
                fail_token(r, token,
                           token->kind == CIF_VALUE ? "a value stands without a tag (a text with blanks needs quotes)"
                                                    : "a structure has no such sections",
                           error);
    }
    return status;
}

void cif_block_release(cif_block *b)
{
    memory_free(b->items);
    memory_free(b->values);
    memset(b, 0, sizeof *b);
}

static bool tag_is(text_slice tag, const char *name)
{
    if (strlen(name) != tag.n) return false;
    for (size_t i = 0; i < tag.n; i++) {
        char c = tag.text[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if ((c == '.' ? '_' : c) != name[i]) return false;
    }
    return true;
}

const cif_item *cif_block_find(const cif_block *b, const char *tag)
{
    for (size_t i = 0; i < b->n_items; i++)
        if (tag_is(b->items[i].tag, tag)) return &b->items[i];
    return NULL;
}

/* ------------------------------------------------------------------------------------------------ values */

bool cif_is_missing(const cif_token *value)
{
    return !value->quoted && value->text.n == 1 && (*value->text.text == '?' || *value->text.text == '.');
}

mlsoap_status cif_number(const text_place *place, const cif_item *item, const cif_token *value, double *number,
                         mlsoap_error *error)
{
    text_place here = {place->file, value->line, place->frame};
    text_slice word = value->text;
    char tag[48];
    if (word.n > 2 && word.text[word.n - 1] == ')') {
        size_t n = word.n - 1;
        while (n > 0 && word.text[n - 1] >= '0' && word.text[n - 1] <= '9') n--;
        if (n > 1 && n < word.n - 1 && word.text[n - 1] == '(') word.n = n - 1;
    }
    if (parse_real(word.text, word.n, number) == PARSE_OK) return MLSOAP_SUCCESS;
    return text_real(&here, value->text, slice_show(item->tag, tag), number, error);
}
