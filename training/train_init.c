/* SPDX-License-Identifier: BSD-3-Clause */
/* A commented configuration; see train_init.h. */
#include "train_init.h"

#include "app/yaml_document.h"
#include "core/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENT_COLUMN = 36 };

typedef struct text_buffer {
    char *text;
    size_t n, capacity;
    bool failed;
} text_buffer;

static void append(text_buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(text_buffer *b, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (n < 0 || !MEMORY_RESERVE(&b->text, &b->capacity, b->n + (size_t)n + 1)) {
        b->failed = true;
        return;
    }
    memcpy(b->text + b->n, line, strlen(line) + 1);
    b->n += strlen(line);
}

/* JSON is YAML: values are written in flow style. */
static void append_key(text_buffer *b, const schema_key *key, const json_t *given, int indent, bool comment)
{
    char *value = given ? json_dumps(given, JSON_ENCODE_ANY) : NULL;
    const char *shown = value ? value : key->default_json && key->default_json[0] ? key->default_json : "";
    int used = 2 + indent + (int)strlen(key->name) + (int)strlen(shown),
        width = used < COMMENT_COLUMN ? COMMENT_COLUMN - used : 0;
    append(b, "%s%*s%s: %s%*s # %s%s%s%s\n", comment ? "# " : "", indent, "", key->name, shown,
           comment ? width : width + 2, "", key->meaning, key->unit ? " (" : "", key->unit ? key->unit : "",
           key->unit ? ")" : "");
    free(value);
}

/* Descriptors as a block of lines. */
static void append_descriptors(text_buffer *b, const json_t *list)
{
    json_t *object = json_pack("{s:O}", "descriptors", list);
    char *text = object ? yaml_text(object) : NULL;
    for (char *line = text ? strtok(text, "\n") : NULL; line; line = strtok(NULL, "\n")) append(b, "%s\n", line);
    b->failed |= !text;
    memory_free(text);
    json_decref(object);
}

/* Children of an object: a parent line is active where any child is given. */
static void append_table(text_buffer *b, const schema_key *table, const json_t *given, int indent)
{
    for (const schema_key *key = table; key->name; key++) {
        const json_t *value = json_object_get(given, key->name);
        bool is_model = table == config_schema && strcmp(key->name, "model") == 0;
        if (table == config_schema && strcmp(key->name, "descriptors") == 0 && json_array_size(value) > 0) {
            append_descriptors(b, value);
            continue;
        }
        const schema_key *children = is_model ? config_model_schema(value) : key->children;
        if (!children || (value && !json_is_object(value))) {
            append_key(b, key, value, indent, !value);
            continue;
        }
        append(b, "%s%*s%s: # %s\n", value ? "" : "# ", indent, "", key->name, key->meaning);
        append_table(b, children, value, indent + 2);
    }
}

char *train_init_text(const config *c)
{
    text_buffer b = {0};
    const json_t *descriptors = json_object_get(c->root, "descriptors");
    append(&b, "# Configuration of mlsoap train. Lines that begin with # show defaults: uncomment (parents too) to "
               "change.\n");
    if (json_array_size(descriptors) == 0)
        append(&b, "# Without `descriptors` one is chosen from the data and written to X.config.yaml. Its keys are:\n"
                   "#   descriptors:\n"
                   "#     - type: soap\n"
                   "#       r_cut: 5.5               # cutoff (angstrom)\n"
                   "#       n_max: 8                 # radial functions\n"
                   "#       l_max: 6                 # largest degree of the spherical harmonics\n"
                   "#       sigma: 0.5               # width of the atomic density (angstrom)\n"
                   "#       cutoff: {function: shifted_cosine, width: 1.0}\n"
                   "#       radial_scaling: {r0: 2.7, m: 4}   # density weight 1/(1 + (r/r0)^m)\n"
                   "#       compression: none        # none | mu1nu1 | {type: mix, channels: 2}\n\n");
    append_table(&b, config_schema, c->root, 0);
    if (!b.failed) return b.text;
    memory_free(b.text);
    return NULL;
}
