/* SPDX-License-Identifier: BSD-3-Clause */
/* Comment lines of extxyz; see extxyz_comment.h. */
#include "io/extxyz_comment.h"

#include "core/memory.h"
#include "core/parse.h"

#include <string.h>

enum { ENTRIES_MAX = 1000, COLUMNS_MAX = 1000 };

static const char DEFAULT_PROPERTIES[] = "species:S:1:pos:R:3";

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p)) p++;
    return p;
}

/* The end of a bracketed or quoted text that begins at p; NULL where it does not end. */
static const char *find_close(const char *p, const char *end)
{
    char open = *p, close = open == '{' ? '}' : open == '[' ? ']' : open;
    int depth = 0;
    for (; p < end; p++) {
        if (*p == '\\' && open == close && p + 1 < end) {
            p++;
        } else if (*p == open && (open != close || depth == 0)) {
            depth++;
        } else if (*p == close && --depth == 0) {
            return p;
        }
    }
    return NULL;
}

/* A key or a value that begins at *p: in quotes (values also in braces), or up to a blank (keys: or up to =). */
static mlsoap_status take_text(const char **p, const char *end, bool is_key, text_slice *slice, const text_place *place,
                               mlsoap_error *error)
{
    const char *start = *p;
    if (start < end && *start && strchr(is_key ? "\"'" : "\"'{[", *start)) {
        const char *close = find_close(start, end);
        if (!close) {
            char shown[48];
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                                  "frame %zu: %c has no end in the comment line: %s", place->frame, *start,
                                  slice_show((text_slice){start, (size_t)(end - start)}, shown));
        }
        *slice = (text_slice){start + 1, (size_t)(close - start - 1)};
        *p = close + 1;
        return MLSOAP_SUCCESS;
    }
    while (*p < end && !is_blank(**p) && !(is_key && **p == '=')) (*p)++;
    *slice = (text_slice){start, (size_t)(*p - start)};
    return MLSOAP_SUCCESS;
}

static mlsoap_status take_entry(const char **p, const char *end, comment_entry *entry, const text_place *place,
                                mlsoap_error *error)
{
    mlsoap_status status = take_text(p, end, true, &entry->key, place, error);
    if (status) return status;
    const char *after = skip_blanks(*p, end);
    entry->value = (text_slice){after, 0};
    entry->has_value = after < end && *after == '=';
    if (!entry->has_value) return MLSOAP_SUCCESS;
    bool spaced = after > *p;
    *p = after + 1;
    if (spaced) *p = skip_blanks(*p, end);
    return take_text(p, end, false, &entry->value, place, error);
}

static mlsoap_status fail_twice(text_slice key, const text_place *place, mlsoap_error *error)
{
    char shown[48];
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                          "frame %zu: the key '%s' stands twice in the comment line", place->frame,
                          slice_show(key, shown));
}

/* The same spelling twice; spellings that differ in case may both be there. */
static mlsoap_status check_duplicate(const extxyz_comment *c, const comment_entry *entry, const text_place *place,
                                     mlsoap_error *error)
{
    for (size_t i = 0; i < c->n_entries; i++) {
        const comment_entry *other = &c->entries[i];
        if (other->has_value && other->key.n == entry->key.n &&
            memcmp(other->key.text, entry->key.text, entry->key.n) == 0)
            return fail_twice(entry->key, place, error);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status parse_entries(extxyz_comment *c, const char *line, size_t n, const text_place *place,
                                   mlsoap_error *error)
{
    const char *p = line, *end = line + n;
    c->n_entries = c->n_values = 0;
    while ((p = skip_blanks(p, end)) < end) {
        comment_entry entry = {0};
        mlsoap_status status = take_entry(&p, end, &entry, place, error);
        if (!status && entry.has_value) status = check_duplicate(c, &entry, place, error);
        if (status) return status;
        if (c->n_entries == ENTRIES_MAX)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                                  "frame %zu: the comment line has more than %d entries", place->frame, ENTRIES_MAX);
        if (!MEMORY_RESERVE(&c->entries, &c->capacity_entries, c->n_entries + 1))
            return status_no_memory(error, (c->n_entries + 1) * sizeof entry, "a comment line");
        c->entries[c->n_entries++] = entry;
        if (entry.has_value) c->n_values++;
    }
    return MLSOAP_SUCCESS;
}

/* The text up to the next colon; false at the end. */
static bool next_field(const char **p, const char *end, text_slice *field)
{
    if (*p > end) return false;
    const char *start = *p;
    while (*p < end && **p != ':') (*p)++;
    *field = (text_slice){start, (size_t)(*p - start)};
    (*p)++;
    return true;
}

static mlsoap_status parse_properties(extxyz_comment *c, text_slice value, const text_place *place, mlsoap_error *error)
{
    const char *p = value.text, *end = value.text + value.n;
    char shown[48];
    c->n_columns = 0;
    text_slice name, type, count;
    long n_columns;
    while (next_field(&p, end, &name)) {
        if (!next_field(&p, end, &type) || !next_field(&p, end, &count) || name.n == 0 || type.n != 1 || !*type.text ||
            !strchr("SRIL", *type.text) || c->n_columns == COLUMNS_MAX ||
            parse_integer(count.text, count.n, 1, COLUMNS_MAX, &n_columns) != PARSE_OK)
            return status_fail_at(
                error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                "frame %zu: Properties=%s: after %zu columns there must be name:type:number with the type "
                "S, R, I or L and the number 1 ... %d",
                place->frame, slice_show(value, shown), c->n_columns, COLUMNS_MAX);
        if (!MEMORY_RESERVE(&c->columns, &c->capacity_columns, c->n_columns + 1))
            return status_no_memory(error, (c->n_columns + 1) * sizeof *c->columns, "the columns of a frame");
        for (size_t i = 0; i < c->n_columns; i++)
            if (c->columns[i].name.n == name.n && memcmp(c->columns[i].name.text, name.text, name.n) == 0)
                return status_fail_at(error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                                      "frame %zu: the column '%s' stands twice in Properties", place->frame,
                                      slice_show(name, shown));
        c->columns[c->n_columns++] = (extxyz_column){name, *type.text, (int)n_columns};
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status comment_parse(extxyz_comment *c, const char *line, size_t n, const text_place *place, mlsoap_error *error)
{
    mlsoap_status status = parse_entries(c, line, n, place, error);
    if (status) return status;
    const comment_entry *properties = comment_find(c, "Properties");
    text_slice value = {DEFAULT_PROPERTIES, sizeof DEFAULT_PROPERTIES - 1};
    return parse_properties(c, properties ? properties->value : value, place, error);
}

void comment_release(extxyz_comment *c)
{
    memory_free(c->entries);
    memory_free(c->columns);
    memset(c, 0, sizeof *c);
}

const comment_entry *comment_find(const extxyz_comment *c, const char *key)
{
    for (size_t i = 0; i < c->n_entries; i++)
        if (c->entries[i].has_value && slice_equal_no_case(c->entries[i].key, key)) return &c->entries[i];
    return NULL;
}

/* The next word of a list value: blanks, commas and brackets separate. */
static bool next_item(text_slice *rest, text_slice *item)
{
    static const char separators[] = " \t\r,[](){}\"'";
    while (rest->n > 0 && (!*rest->text || strchr(separators, *rest->text))) {
        rest->text++;
        rest->n--;
    }
    *item = (text_slice){rest->text, 0};
    while (rest->n > 0 && *rest->text && !strchr(separators, *rest->text)) {
        rest->text++;
        rest->n--;
        item->n++;
    }
    return item->n > 0;
}

static text_slice without_json_mark(text_slice value)
{
    static const char mark[] = "_JSON";
    size_t n = sizeof mark - 1;
    if (value.n >= n && memcmp(value.text, mark, n) == 0) return (text_slice){value.text + n, value.n - n};
    return value;
}

mlsoap_status entry_numbers(const comment_entry *entry, double *numbers, int max, int *n, const text_place *place,
                            mlsoap_error *error)
{
    text_slice rest = without_json_mark(entry->value), item;
    char key[48], shown[48];
    *n = 0;
    while (next_item(&rest, &item)) {
        if (*n == max)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                                  "frame %zu: '%s' has more than %d numbers", place->frame, slice_show(entry->key, key),
                                  max);
        parse_result result = parse_real(item.text, item.n, &numbers[*n]);
        if (result != PARSE_OK)
            return status_fail_at(error, MLSOAP_ERROR_VALUE, place->file, place->line,
                                  "frame %zu: '%s' holds '%s', which is not %s; a finite number is needed",
                                  place->frame, slice_show(entry->key, key), slice_show(item, shown),
                                  parse_result_text(result));
        (*n)++;
    }
    return MLSOAP_SUCCESS;
}

/* 1, 0, or -1 for neither. */
static int truth(text_slice word)
{
    static const char *const yes[] = {"T", "true", "1", ".true."}, *const no[] = {"F", "false", "0", ".false."};
    for (int i = 0; i < 4; i++) {
        if (slice_equal_no_case(word, yes[i])) return 1;
        if (slice_equal_no_case(word, no[i])) return 0;
    }
    return -1;
}

mlsoap_status entry_truths(const comment_entry *entry, int truths[3], const text_place *place, mlsoap_error *error)
{
    text_slice rest = without_json_mark(entry->value), item;
    int n = 0, value = 0;
    while (n < 3 && value >= 0 && next_item(&rest, &item)) {
        if (n == 0 && item.n == 3) { /* TTF */
            for (; n < 3 && value >= 0; n++) truths[n] = value = truth((text_slice){item.text + n, 1});
            break;
        }
        truths[n++] = value = truth(item);
    }
    if (n == 1) truths[1] = truths[2] = truths[0];
    char key[48], shown[48];
    if (value < 0 || n == 0 || n == 2 || next_item(&rest, &item))
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                              "frame %zu: %s is '%s'; it must be three of T and F", place->frame,
                              slice_show(entry->key, key), slice_show(entry->value, shown));
    return MLSOAP_SUCCESS;
}

char *entry_text(const comment_entry *entry)
{
    char *text = MEMORY_NEW(char, entry->value.n + 1), *to = text;
    if (!text) return NULL;
    for (size_t i = 0; i < entry->value.n; i++) {
        if (entry->value.text[i] == '\\' && i + 1 < entry->value.n) i++;
        *to++ = entry->value.text[i];
    }
    *to = '\0';
    return text;
}
