/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing values as YAML; see yaml_document.h. Numbers keep their type and bits: a real always has a point or an
 * exponent. */
#include "app/yaml_document.h"

#include "core/memory.h"
#include "core/parse.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YAML_LINE_MAX = 100 };

/* A growing text; `failed` sticks. */
typedef struct text_buffer {
    char *text;
    size_t n, capacity;
    bool failed;
} text_buffer;

static void put(text_buffer *b, const char *text)
{
    size_t n = strlen(text);
    if (b->failed || !MEMORY_RESERVE(&b->text, &b->capacity, b->n + n + 1)) {
        b->failed = true;
        return;
    }
    memcpy(b->text + b->n, text, n + 1);
    b->n += n;
}

static void put_spaces(text_buffer *b, int n)
{
    while (n-- > 0) put(b, " ");
}

/* True where the text without quotes is read back as the same text: by the reader itself. */
static bool is_plain(const char *text)
{
    if (!text[0] || strpbrk(text, ",[]{}#&*!|>'\"%@`\n\r\t\\") || strstr(text, ": ") || text[0] == ' ' ||
        text[0] == '-' || text[0] == '?' || text[0] == ':' || text[strlen(text) - 1] == ' ' ||
        text[strlen(text) - 1] == ':')
        return false;
    json_t *value = NULL;
    if (yaml_read(text, strlen(text), "", &value, NULL, NULL)) return false;
    bool same = json_is_string(value) && !strcmp(json_string_value(value), text);
    json_decref(value);
    return same;
}

static void put_text(text_buffer *b, const char *text)
{
    if (is_plain(text)) {
        put(b, text);
        return;
    }
    json_t *value = json_string(text);
    char *quoted = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    if (quoted)
        put(b, quoted);
    else
        b->failed = true;
    free(quoted);
    json_decref(value);
}

static void put_scalar(text_buffer *b, const json_t *value)
{
    char text[48];
    if (json_is_string(value)) {
        put_text(b, json_string_value(value));
    } else if (json_is_integer(value)) {
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        put(b, text);
    } else if (json_is_real(value)) {
        put(b, format_real(json_real_value(value), text));
        if (!strpbrk(text, ".eE")) put(b, ".0");
    } else {
        put(b, json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false");
    }
}

static void put_flow(text_buffer *b, const json_t *value)
{
    if (json_is_array(value)) {
        put(b, "[");
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (i) put(b, ", ");
            put_flow(b, json_array_get(value, i));
        }
        put(b, "]");
    } else if (json_is_object(value)) {
        const char *key, *separator = "{";
        json_t *item;
        json_t *object = json_incref((json_t *)(uintptr_t)value); /* jansson's iterator takes no const */
        json_object_foreach(object, key, item)
        {
            put(b, separator);
            put_text(b, key);
            put(b, ": ");
            put_flow(b, item);
            separator = ", ";
        }
        put(b, json_object_size(value) ? "}" : "{}");
        json_decref(object);
    } else {
        put_scalar(b, value);
    }
}

/* Scalars, and lists without mappings that fit into a line. */
static bool fits_line(const json_t *value, int indent)
{
    if (json_is_object(value)) return json_object_size(value) == 0;
    if (!json_is_array(value)) return true;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (json_is_object(json_array_get(value, i))) return false;
    text_buffer trial = {0};
    put_flow(&trial, value);
    bool fits = !trial.failed && trial.n + (size_t)indent < YAML_LINE_MAX;
    memory_free(trial.text);
    return fits;
}

static void put_block(text_buffer *b, const json_t *value, int indent, bool first_in_line);

static void put_pair(text_buffer *b, const char *key, const json_t *value, int indent, bool first_in_line)
{
    if (!first_in_line) put_spaces(b, indent);
    put_text(b, key);
    put(b, ":");
    if (fits_line(value, indent + (int)strlen(key) + 2)) {
        put(b, " ");
        put_flow(b, value);
        put(b, "\n");
    } else {
        put(b, "\n");
        put_block(b, value, indent + 2, false);
    }
}

static void put_mapping(text_buffer *b, const json_t *value, int indent, bool first_in_line)
{
    const char *key;
    json_t *item, *object = json_incref((json_t *)(uintptr_t)value);
    json_object_foreach(object, key, item)
    {
        put_pair(b, key, item, indent, first_in_line);
        first_in_line = false;
    }
    json_decref(object);
}

static void put_block(text_buffer *b, const json_t *value, int indent, bool first_in_line)
{
    if (json_is_object(value) && json_object_size(value) > 0) {
        put_mapping(b, value, indent, first_in_line);
        return;
    }
    if (fits_line(value, indent)) {
        if (!first_in_line) put_spaces(b, indent);
        put_flow(b, value);
        put(b, "\n");
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!first_in_line || i) put_spaces(b, indent);
        put(b, "- ");
        put_block(b, json_array_get(value, i), indent + 2, true);
    }
}

char *yaml_text(const json_t *value)
{
    text_buffer b = {0};
    put(&b, "");
    put_block(&b, value, 0, false);
    if (!b.failed) return b.text;
    memory_free(b.text);
    return NULL;
}
