/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading YAML by libfyaml; see yaml_document.h. The core schema's scalars are resolved here, so that "1e-3" and ".5"
 * are numbers and "off" is a word on every platform and in every locale. */
#include "app/yaml_document.h"

#include "core/memory.h"
#include "core/parse.h"

#include <ctype.h>
#include <libfyaml.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YAML_DEPTH_MAX = 32, YAML_PATH_SIZE = 512 };

/* What the functions below share while one document is converted. */
typedef struct yaml_reader {
    const char *name;
    yaml_places *places;
    mlsoap_error *error;
    char path[YAML_PATH_SIZE]; /* of the value at hand; a path that does not fit has no place */
} yaml_reader;

const yaml_place *yaml_places_find(const yaml_places *places, const char *path)
{
    for (size_t i = 0; i < places->n; i++)
        if (!strcmp(places->items[i].path, path)) return &places->items[i];
    return NULL;
}

bool yaml_places_set(yaml_places *places, const char *path, long line, long column)
{
    for (size_t i = 0; i < places->n; i++) {
        yaml_place *place = &places->items[i];
        if (strcmp(place->path, path)) continue;
        place->line = line;
        place->column = column;
        return true;
    }
    if (!MEMORY_RESERVE(&places->items, &places->capacity, places->n + 1)) return false;
    char *copy = memory_copy_text(path);
    if (!copy) return false;
    places->items[places->n++] = (yaml_place){copy, line, column};
    return true;
}

void yaml_places_forget(yaml_places *places, const char *path)
{
    size_t n = strlen(path), n_kept = 0;
    for (size_t i = 0; i < places->n; i++) {
        char *item = places->items[i].path;
        if (!strncmp(item, path, n) && item[n] == '.')
            memory_free(item);
        else
            places->items[n_kept++] = places->items[i];
    }
    places->n = n_kept;
}

void yaml_places_release(yaml_places *places)
{
    for (size_t i = 0; i < places->n; i++) memory_free(places->items[i].path);
    memory_free(places->items);
    *places = (yaml_places){0};
}

/* "name:line:column: text"; line and column 0 are left out. */
static mlsoap_status reader_fail(const yaml_reader *reader, long line, long column, const char *text)
{
    if (line < 1) return status_fail(reader->error, MLSOAP_ERROR_FORMAT, "%s: %s", reader->name, text);
    mlsoap_status status =
        status_fail(reader->error, MLSOAP_ERROR_FORMAT, "%s:%ld:%ld: %s", reader->name, line, column, text);
    if (reader->error) reader->error->line = line;
    return status;
}

static void node_place(struct fy_node *node, long *line, long *column)
{
    *line = *column = 0;
    for (int depth = 0; node && depth < YAML_DEPTH_MAX; depth++) {
        void *iterator = NULL;
        if (fy_node_is_scalar(node)) {
            struct fy_token *token = fy_node_get_scalar_token(node);
            const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
            if (!mark) return;
            *line = mark->line + 1;
            *column = mark->column + 1;
            return;
        }
        if (fy_node_is_mapping(node)) {
            struct fy_node_pair *pair = fy_node_mapping_iterate(node, &iterator);
            node = pair ? fy_node_pair_key(pair) : NULL;
        } else {
            node = fy_node_sequence_iterate(node, &iterator);
        }
    }
}

static mlsoap_status node_fail(const yaml_reader *reader, struct fy_node *node, const char *text)
{
    long line, column;
    node_place(node, &line, &column);
    return reader_fail(reader, line, column, text);
}

static bool is_one_of(const char *text, size_t n, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == n && !memcmp(*words, text, n)) return true;
    return false;
}

/* [-+]? digits, [-+]? (digits . digits | . digits) exponent: 1 for an integer, 2 for a real, 0 for a text. */
static int number_kind(const char *text, size_t n)
{
    size_t i = 0, n_digits = 0;
    int kind = 1;
    if (i < n && (text[i] == '-' || text[i] == '+')) i++;
    for (; i < n && isdigit((unsigned char)text[i]); i++) n_digits++;
    if (i < n && text[i] == '.') {
        kind = 2;
        for (i++; i < n && isdigit((unsigned char)text[i]); i++) n_digits++;
    }
    if (n_digits == 0) return 0;
    if (i < n && (text[i] == 'e' || text[i] == 'E')) {
        size_t n_exponent = 0;
        kind = 2;
        i++;
        if (i < n && (text[i] == '-' || text[i] == '+')) i++;
        for (; i < n && isdigit((unsigned char)text[i]); i++) n_exponent++;
        if (n_exponent == 0) return 0;
    }
    return i == n ? kind : 0;
}

static mlsoap_status plain_number(const yaml_reader *reader, struct fy_node *node, const char *text, size_t n, int kind,
                                  json_t **value)
{
    long integer;
    double real;
    if (kind == 1 && text[0] == '+') text++, n--;
    if (kind == 1 && parse_integer(text, n, LONG_MIN, LONG_MAX, &integer) == PARSE_OK)
        *value = json_integer(integer);
    else if (kind == 1)
        return node_fail(reader, node, "the integer does not fit into 64 bits");
    else if (parse_real(text, n, &real) == PARSE_OK)
        *value = json_real(real);
    else
        return node_fail(reader, node, "the number is not finite (it must be below 1.8e308)");
    return MLSOAP_SUCCESS;
}

/* A scalar without quotes, by the core schema of YAML 1.2. */
static mlsoap_status plain_value(const yaml_reader *reader, struct fy_node *node, const char *text, size_t n,
                                 json_t **value)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    static const char *const not_finite[] = {".inf",  ".Inf",  ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                                             "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL};
    int kind = number_kind(text, n);
    if (kind) return plain_number(reader, node, text, n, kind, value);
    if (is_one_of(text, n, not_finite))
        return node_fail(reader, node, "the number is not finite; write a finite number");
    if (is_one_of(text, n, nulls))
        *value = json_null();
    else if (is_one_of(text, n, trues))
        *value = json_true();
    else if (is_one_of(text, n, falses))
        *value = json_false();
    else
        *value = json_stringn(text, n);
    return MLSOAP_SUCCESS;
}

static mlsoap_status scalar_value(const yaml_reader *reader, struct fy_node *node, json_t **value)
{
    size_t n = 0, n_tag = 0;
    if (fy_node_is_alias(node) || fy_node_get_anchor(node))
        return node_fail(reader, node, "anchors (&) and aliases (*) are not supported; write the value out");
    if (fy_node_get_tag(node, &n_tag)) return node_fail(reader, node, "tags (!) are not supported; quote a text");
    const char *text = fy_node_get_scalar(node, &n);
    if (!text) text = "", n = 0;
    if (memchr(text, '\0', n)) return node_fail(reader, node, "a text with a zero byte");
    if (fy_node_get_style(node) == FYNS_PLAIN) {
        mlsoap_status status = plain_value(reader, node, text, n, value);
        if (status) return status;
    } else {
        *value = json_stringn(text, n);
    }
    return *value ? MLSOAP_SUCCESS : status_no_memory(reader->error, n, "a text of the configuration");
}

/* Append a key or an index to the path and remember where it stands; the old length is the way back. */
static mlsoap_status path_enter(yaml_reader *reader, size_t length, const char *key, struct fy_node *node)
{
    long line, column;
    size_t n = strlen(key);
    if (!reader->places || length + n + 2 > YAML_PATH_SIZE) return MLSOAP_SUCCESS;
    if (length) reader->path[length++] = '.';
    memcpy(reader->path + length, key, n + 1);
    node_place(node, &line, &column);
    if (line < 1) return MLSOAP_SUCCESS;
    return yaml_places_set(reader->places, reader->path, line, column)
               ? MLSOAP_SUCCESS
               : status_no_memory(reader->error, n, "the places of configuration keys");
}

static mlsoap_status node_value(yaml_reader *reader, struct fy_node *node, int depth, json_t **value);

static mlsoap_status pair_value(yaml_reader *reader, struct fy_node_pair *pair, int depth, json_t *object)
{
    struct fy_node *key = fy_node_pair_key(pair);
    size_t length = strlen(reader->path), n_tag = 0;
    if (!key || !fy_node_is_scalar(key) || fy_node_is_alias(key) || fy_node_get_anchor(key) ||
        fy_node_get_tag(key, &n_tag))
        return node_fail(reader, key, "a key must be a plain text");
    size_t n = 0;
    const char *text = fy_node_get_scalar(key, &n);
    if (!text || n == 0 || memchr(text, '\0', n)) return node_fail(reader, key, "a key is empty");
    char name[YAML_PATH_SIZE];
    if (n >= sizeof name) return node_fail(reader, key, "a key is longer than 511 characters");
    memcpy(name, text, n);
    name[n] = '\0';
    if (json_object_get(object, name)) {
        char message[YAML_PATH_SIZE + 64];
        snprintf(message, sizeof message, "the key `%s` stands twice in one mapping; keep one of them", name);
        return node_fail(reader, key, message);
    }
    json_t *value = NULL;
    mlsoap_status status = path_enter(reader, length, name, key);
    if (!status) status = node_value(reader, fy_node_pair_value(pair), depth + 1, &value);
    reader->path[length] = '\0';
    if (status) return status;
    return json_object_set_new(object, name, value) ? status_no_memory(reader->error, n, "the configuration")
                                                    : MLSOAP_SUCCESS;
}

static mlsoap_status mapping_value(yaml_reader *reader, struct fy_node *node, int depth, json_t **value)
{
    void *iterator = NULL;
    struct fy_node_pair *pair;
    mlsoap_status status = MLSOAP_SUCCESS;
    *value = json_object();
    if (!*value) return status_no_memory(reader->error, sizeof(void *), "the configuration");
    while (!status && (pair = fy_node_mapping_iterate(node, &iterator)))
        status = pair_value(reader, pair, depth, *value);
    return status;
}

static mlsoap_status sequence_value(yaml_reader *reader, struct fy_node *node, int depth, json_t **value)
{
    void *iterator = NULL;
    struct fy_node *child;
    mlsoap_status status = MLSOAP_SUCCESS;
    size_t length = strlen(reader->path);
    *value = json_array();
    if (!*value) return status_no_memory(reader->error, sizeof(void *), "the configuration");
    while (!status && (child = fy_node_sequence_iterate(node, &iterator))) {
        char index[32];
        json_t *item = NULL;
        snprintf(index, sizeof index, "%zu", json_array_size(*value));
        status = path_enter(reader, length, index, child);
        if (!status) status = node_value(reader, child, depth + 1, &item);
        reader->path[length] = '\0';
        if (!status && json_array_append_new(*value, item))
            status = status_no_memory(reader->error, sizeof(void *), "the configuration");
    }
    return status;
}

/* On failure *value is NULL. */
static mlsoap_status node_value(yaml_reader *reader, struct fy_node *node, int depth, json_t **value)
{
    size_t n_tag = 0;
    mlsoap_status status;
    *value = NULL;
    if (!node) {
        *value = json_null();
        return MLSOAP_SUCCESS;
    }
    if (depth > YAML_DEPTH_MAX) return node_fail(reader, node, "mappings and lists are nested too deeply");
    if (fy_node_is_scalar(node)) return scalar_value(reader, node, value);
    if (fy_node_get_anchor(node) || fy_node_get_tag(node, &n_tag))
        return node_fail(reader, node, "anchors (&) and tags (!) are not supported");
    status = fy_node_is_mapping(node) ? mapping_value(reader, node, depth, value)
                                      : sequence_value(reader, node, depth, value);
    if (status) {
        json_decref(*value);
        *value = NULL;
    }
    return status;
}

/* The first line that libfyaml prints, "<input>:line:column: error: text"; kept instead of being shown. (Its way to
 * collect errors leaks them.) */
typedef struct first_message {
    char text[512];
} first_message;

static void keep_first(struct fy_diag *diag, void *user, const char *text, size_t n)
{
    first_message *message = user;
    (void)diag;
    if (message->text[0]) return;
    snprintf(message->text, sizeof message->text, "%.*s", (int)n, text);
    message->text[strcspn(message->text, "\n")] = '\0';
}

static mlsoap_status parser_fail(const yaml_reader *reader, const first_message *message)
{
    static const char mark[] = ": error: ";
    const char *place = strstr(message->text, ">:"), *text = strstr(message->text, mark);
    long line = 0, column = 0;
    if (!place || !text) return reader_fail(reader, 0, 0, "not a YAML document");
    char *end;
    line = strtol(place + 2, &end, 10);
    if (*end == ':') column = strtol(end + 1, NULL, 10);
    return reader_fail(reader, line, column, text + strlen(mark));
}

static mlsoap_status document_value(yaml_reader *reader, struct fy_parser *parser, const first_message *message,
                                    json_t **value)
{
    struct fy_document *document = fy_parse_load_document(parser);
    if (!document && fy_parser_get_stream_error(parser)) return parser_fail(reader, message);
    mlsoap_status status = node_value(reader, document ? fy_document_root(document) : NULL, 0, value);
    if (!document) return status;
    fy_parse_document_destroy(parser, document);
    if (status) return status;
    document = fy_parse_load_document(parser);
    if (document) {
        status = node_fail(reader, fy_document_root(document), "a second document (---); one is allowed");
        fy_parse_document_destroy(parser, document);
    } else if (fy_parser_get_stream_error(parser)) {
        status = parser_fail(reader, message);
    }
    if (status) {
        json_decref(*value);
        *value = NULL;
    }
    return status;
}

/* libfyaml drops bytes that are not UTF-8 without a word. */
static mlsoap_status check_encoding(const yaml_reader *reader, const char *text, size_t n)
{
    json_t *whole = json_stringn(text, n);
    if (!whole || memchr(text, '\0', n)) {
        json_decref(whole);
        return reader_fail(reader, 0, 0, "the text is not UTF-8");
    }
    json_decref(whole);
    return MLSOAP_SUCCESS;
}

mlsoap_status yaml_read(const char *text, size_t n, const char *name, json_t **value, yaml_places *places,
                        mlsoap_error *error)
{
    yaml_reader reader = {.name = name, .places = places, .error = error};
    first_message message = {{0}};
    struct fy_diag_cfg output = {.output_fn = keep_first, .user = &message, .level = FYET_ERROR, .module_mask = ~0u};
    struct fy_parse_cfg settings = {.flags = FYPCF_QUIET | FYPCF_ALLOW_DUPLICATE_KEYS | FYPCF_JSON_NONE |
                                             FYPCF_DEFAULT_VERSION_1_2};
    struct fy_parser *parser = NULL;
    *value = NULL;
    mlsoap_status status = check_encoding(&reader, text, n);
    if (status) return status;
    struct fy_diag *diag = fy_diag_create(&output);
    if (!diag) return status_no_memory(error, n, "the YAML parser");
    settings.diag = diag;
    parser = fy_parser_create(&settings);
    if (!parser || fy_parser_set_string(parser, text, n))
        status = status_no_memory(error, n, "the YAML parser");
    else
        status = document_value(&reader, parser, &message, value);
    if (parser) fy_parser_destroy(parser);
    fy_diag_unref(diag);
    return status;
}
