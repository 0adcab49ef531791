/* SPDX-License-Identifier: BSD-3-Clause */
/* Configuration keys; see schema.h. */
#include "core/schema.h"

#include "core/memory.h"
#include "core/parse.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 256, TEXT_SIZE = 384, NAMES_MAX = 64 };

/* "path.key", or the one of the two that is not empty. */
static const char *join(const char *path, const char *key, char joined[PATH_SIZE])
{
    if (!path) path = "";
    if (!key) key = "";
    snprintf(joined, PATH_SIZE, "%s%s%s", path, *path && *key ? "." : "", key);
    return joined;
}

/* "file:line:column: " of a place, or what of it is known. */
static void describe_place(const schema_source *source, const char *place, const char *parent, mlsoap_error *where)
{
    long column = 0;
    where->line = 0;
    where->message[0] = where->file[0] = '\0';
    if (!source) return;
    const char *name = source->name_of ? source->name_of(source->context, place) : NULL;
    if (!name) name = source->name ? source->name : "";
    snprintf(where->file, sizeof where->file, "%s", name);
    bool known = source->locate && source->locate(source->context, place, &where->line, &column);
    if (!known && source->locate && parent) source->locate(source->context, parent, &where->line, &column);
    if (where->line > 0)
        snprintf(where->message, sizeof where->message, "%s:%ld:%ld: ", *name ? name : "configuration", where->line,
                 column);
    else if (*name)
        snprintf(where->message, sizeof where->message, "%s: ", name);
}

mlsoap_status schema_fail(const schema_source *source, const char *path, const char *key, mlsoap_error *error,
                          const char *format, ...)
{
    char place[PATH_SIZE], text[TEXT_SIZE];
    mlsoap_error where;
    va_list arguments;
    if (!error) return MLSOAP_ERROR_VALUE;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    describe_place(source, join(path, key, place), path, &where);
    status_fail(error, MLSOAP_ERROR_VALUE, "%s%s%s%s", where.message, place, *place ? ": " : "", text);
    error->line = where.line;
    memcpy(error->file, where.file, sizeof error->file);
    return MLSOAP_ERROR_VALUE;
}

static const schema_key *find_row(const schema_key *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0) return table;
    return NULL;
}

static mlsoap_status fail_unknown_key(const schema_key *table, const char *name, const char *path,
                                      const schema_source *source, mlsoap_error *error)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    char list[TEXT_SIZE / 2] = "";
    size_t used = 0;
    for (int i = 0; i < NAMES_MAX && table[i].name; i++) {
        names[i] = table[i].name;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", table[i].name);
    }
    if (used >= sizeof list) memcpy(list + sizeof list - 4, "...", 4);
    const char *nearest = parse_nearest(name, names);
    if (nearest) return schema_fail(source, path, name, error, "unknown key; did you mean '%s'?", nearest);
    return schema_fail(source, path, name, error, "unknown key; valid here: %s", list);
}

static mlsoap_status check_keys(json_t *object, const schema_key *table, const char *path, const schema_source *source,
                                mlsoap_error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (!find_row(table, name)) return fail_unknown_key(table, name, path, source, error);
    }
    return MLSOAP_SUCCESS;
}

static unsigned type_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_TRUE:
    case JSON_FALSE:
        return SCHEMA_BOOLEAN;
    case JSON_INTEGER:
        return SCHEMA_INTEGER;
    case JSON_REAL:
        return SCHEMA_REAL;
    case JSON_STRING:
        return SCHEMA_TEXT;
    case JSON_OBJECT:
        return SCHEMA_OBJECT;
    case JSON_ARRAY:
        return SCHEMA_LIST;
    case JSON_NULL:
        return SCHEMA_NULL;
    }
    return 0;
}

/* "a number, a list or none" */
static const char *types_text(unsigned types, char text[TEXT_SIZE])
{
    static const struct {
        schema_type type;
        const char *name;
    } names[] = {{SCHEMA_BOOLEAN, "true or false"},
                 {SCHEMA_INTEGER, "an integer"},
                 {SCHEMA_REAL, "a number"},
                 {SCHEMA_TEXT, "a text"},
                 {SCHEMA_OBJECT, "a mapping"},
                 {SCHEMA_LIST, "a list"},
                 {SCHEMA_NULL, "none"}};
    text[0] = '\0';
    size_t used = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (types & names[i].type)
            used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%s%s", used ? ", or " : "", names[i].name);
    return text;
}

/* The value as the user would write it, shortened. */
static void value_text(const json_t *value, char text[64])
{
    char *dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    snprintf(text, 64, "%s", dump ? dump : "?");
    if (dump && strlen(dump) >= 64) memcpy(text + 60, "...", 4);
    free(dump);
}

static bool is_none_text(const json_t *value)
{
    const char *text = json_string_value(value);
    return text && (strcmp(text, "none") == 0 || strcmp(text, "off") == 0);
}

static mlsoap_status check_range(double number, const schema_key *row, const char *path, const schema_source *source,
                                 mlsoap_error *error)
{
    if (!isfinite(number)) return schema_fail(source, path, row->name, error, "%g is not a finite number", number);
    if (row->min > row->max || (number >= row->min && number <= row->max)) return MLSOAP_SUCCESS;
    const char *unit = row->unit ? row->unit : "";
    const char *space = row->unit ? " " : "";
    if (row->max >= HUGE_VAL)
        return schema_fail(source, path, row->name, error, "%.10g%s%s is out of range; it must be at least %.10g",
                           number, space, unit, row->min);
    if (row->min <= -HUGE_VAL)
        return schema_fail(source, path, row->name, error, "%.10g%s%s is out of range; it must be at most %.10g",
                           number, space, unit, row->max);
    return schema_fail(source, path, row->name, error, "%.10g%s%s is out of range; it must be %.10g ... %.10g", number,
                       space, unit, row->min, row->max);
}

static mlsoap_status check_choice(const char *text, const schema_key *row, const char *path,
                                  const schema_source *source, mlsoap_error *error)
{
    char list[TEXT_SIZE / 2] = "";
    size_t used = 0;
    if (!row->choices) return MLSOAP_SUCCESS;
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) == 0) return MLSOAP_SUCCESS;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", row->choices[i]);
    }
    const char *nearest = parse_nearest(text, row->choices);
    if (nearest)
        return schema_fail(source, path, row->name, error, "'%.40s' is not valid; did you mean '%s'? (one of: %s)",
                           text, nearest, list);
    return schema_fail(source, path, row->name, error, "'%.40s' is not valid; it must be one of: %s", text, list);
}

static mlsoap_status replace(json_t *object, const char *key, json_t *value, mlsoap_error *error)
{
    if (json_object_set_new(object, key, value) == 0) return MLSOAP_SUCCESS;
    return status_no_memory(error, sizeof value, "a configuration value");
}

static mlsoap_status check_value(json_t *object, json_t *value, const schema_key *row, const char *path,
                                 const schema_source *source, mlsoap_error *error)
{
    unsigned type = type_of(value);
    if ((row->types & SCHEMA_NULL) && (type == SCHEMA_NULL || is_none_text(value)))
        return replace(object, row->name, json_string("none"), error);
    if (type == SCHEMA_INTEGER && !(row->types & SCHEMA_INTEGER) && (row->types & SCHEMA_REAL)) {
        double number = (double)json_integer_value(value);
        mlsoap_status status = check_range(number, row, path, source, error);
        return status ? status : replace(object, row->name, json_real(number), error);
    }
    if (!(row->types & type)) {
        char found[64], wanted[TEXT_SIZE];
        value_text(value, found);
        return schema_fail(source, path, row->name, error, "found %s; it must be %s%s%s", found,
                           types_text(row->types, wanted), row->unit ? ", unit " : "", row->unit ? row->unit : "");
    }
    if (type == SCHEMA_INTEGER || type == SCHEMA_REAL)
        return check_range(json_number_value(value), row, path, source, error);
    if (type == SCHEMA_TEXT) return check_choice(json_string_value(value), row, path, source, error);
    if (type == SCHEMA_OBJECT && row->children) {
        char joined[PATH_SIZE];
        return schema_complete(value, row->children, join(path, row->name, joined), source, error);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status set_default(json_t *object, const schema_key *row, const char *path, const schema_source *source,
                                 mlsoap_error *error)
{
    if (!row->default_json) {
        char wanted[TEXT_SIZE];
        return schema_fail(source, path, row->name, error, "missing; it is required: %s%s%s%s%s",
                           types_text(row->types, wanted), row->unit ? ", unit " : "", row->unit ? row->unit : "",
                           row->meaning ? ": " : "", row->meaning ? row->meaning : "");
    }
    json_t *value = json_loads(row->default_json, JSON_DECODE_ANY, NULL);
    if (!value)
        return status_fail(error, MLSOAP_ERROR_INTERNAL, "the default of '%s', %s, is not JSON: please report it",
                           row->name, row->default_json);
    mlsoap_status status = replace(object, row->name, value, error);
    return status ? status : check_value(object, value, row, path, source, error);
}

mlsoap_status schema_complete(json_t *object, const schema_key *table, const char *path, const schema_source *source,
                              mlsoap_error *error)
{
    if (!json_is_object(object))
        return schema_fail(source, path, NULL, error, "it must be a mapping of keys to values");
    mlsoap_status status = check_keys(object, table, path, source, error);
    for (const schema_key *row = table; !status && row->name; row++) {
        json_t *value = json_object_get(object, row->name);
        if (value)
            status = check_value(object, value, row, path, source, error);
        else if (!row->default_json || *row->default_json)
            status = set_default(object, row, path, source, error);
    }
    return status;
}

double schema_real(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

long schema_integer(const json_t *object, const char *key)
{
    return (long)json_integer_value(json_object_get(object, key));
}

int schema_boolean(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

const char *schema_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

int schema_is_text(const json_t *value, const char *text)
{
    return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

int schema_is_none(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) || schema_is_text(value, "none");
}
