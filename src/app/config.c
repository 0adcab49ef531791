/* SPDX-License-Identifier: BSD-3-Clause */
/* A configuration: a YAML file with keys of the command line laid over it; see config.h. */
#include "app/config.h"

#include "app/yaml_document.h"
#include "core/file.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_PATH_SIZE = 512, CONFIG_LIST_MAX = 10000 };

/* Places of the keys; line 0 stands for the command line. */
typedef struct config_context {
    char *name;
    yaml_places places;
} config_context;

/* The place of a path, or of the nearest mapping or list around it. */
static const yaml_place *nearest_place(const config_context *context, const char *path)
{
    char around[CONFIG_PATH_SIZE];
    snprintf(around, sizeof around, "%s", path);
    for (;;) {
        const yaml_place *place = yaml_places_find(&context->places, around);
        char *dot = strrchr(around, '.');
        if (place || !dot) return place;
        *dot = '\0';
    }
}

static int config_locate(void *context, const char *path, long *line, long *column)
{
    const yaml_place *place = nearest_place(context, path);
    if (!place) return 0;
    *line = place->line;
    *column = place->column;
    return 1;
}

static const char *config_name_of(void *context, const char *path)
{
    const yaml_place *place = nearest_place(context, path);
    return place && place->line == 0 ? "command line" : NULL;
}

static mlsoap_status read_document(config *c, const char *path, config_context *context, mlsoap_error *error)
{
    char *text = NULL;
    size_t n = 0;
    mlsoap_status status = file_read(path, 0, &text, &n, error);
    if (!status) status = yaml_read(text, n, path, &c->root, &context->places, error);
    memory_free(text);
    if (status) return status;
    if (json_is_null(c->root)) { /* an empty file */
        json_decref(c->root);
        c->root = json_object();
        if (!c->root) return status_no_memory(error, sizeof *c->root, "the configuration");
    }
    if (json_is_object(c->root)) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, path, 1,
                          "a configuration is a mapping of keys to values, such as `seed: 1`");
}

mlsoap_status config_read(const char *path, config *c, mlsoap_error *error)
{
    *c = (config){0};
    config_context *context = MEMORY_NEW(config_context, 1);
    if (!context) return status_no_memory(error, sizeof *context, "the configuration");
    context->name = memory_copy_text(path ? path : "command line");
    c->source = (schema_source){context->name, config_locate, context, config_name_of};
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!context->name)
        status = status_no_memory(error, CONFIG_PATH_SIZE, "the configuration");
    else if (path)
        status = read_document(c, path, context, error);
    else if (!(c->root = json_object()))
        status = status_no_memory(error, sizeof *c->root, "the configuration");
    if (status) config_release(c);
    return status;
}

void config_release(config *c)
{
    config_context *context = c->source.context;
    json_decref(c->root);
    if (context) {
        yaml_places_release(&context->places);
        memory_free(context->name);
        memory_free(context);
    }
    *c = (config){0};
}

/* A segment ends at a dot or at the end of the text. */
static bool is_index(const char *segment, size_t *index)
{
    size_t n = strspn(segment, "0123456789");
    if (n == 0 || n > 9 || (segment[n] && segment[n] != '.')) return false;
    *index = strtoul(segment, NULL, 10);
    return true;
}

/* What a path enters where nothing (or a word such as `none`) stands: a list before a number, else a mapping. */
static json_t *new_container(const char *rest_of_path)
{
    size_t index;
    return is_index(rest_of_path, &index) ? json_array() : json_object();
}

/* The item `segment` of a container; NULL where there is none or it is none to be entered. */
static json_t *container_item(json_t *container, const char *segment)
{
    size_t index;
    json_t *item = json_is_object(container)   ? json_object_get(container, segment)
                   : is_index(segment, &index) ? json_array_get(container, index)
                                               : NULL;
    return json_is_object(item) || json_is_array(item) ? item : NULL;
}

static mlsoap_status container_set(json_t *container, const char *segment, json_t *value, const char *path,
                                   mlsoap_error *error)
{
    size_t index = 0, n = json_array_size(container);
    if (!value) return status_no_memory(error, sizeof(void *), "the configuration");
    int failed = 0;
    if (json_is_object(container)) {
        failed = json_object_set_new(container, segment, value);
    } else if (!is_index(segment, &index) || index > n) {
        json_decref(value);
        return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                           "command line: --%s: `%s` must be the number of an item of a list of %zu (0 to %zu)", path,
                           segment, n, n);
    } else {
        failed = index == n ? json_array_append_new(container, value) : json_array_set_new(container, index, value);
    }
    return failed ? status_no_memory(error, sizeof(void *), "the configuration") : MLSOAP_SUCCESS;
}

/* Walk along the path, making containers where there are none, and put the value (taken over) at its end. */
static mlsoap_status assign(json_t *root, const char *path, json_t *value, mlsoap_error *error)
{
    char segments[CONFIG_PATH_SIZE];
    snprintf(segments, sizeof segments, "%s", path);
    json_t *container = root;
    char *segment = segments;
    for (char *dot; (dot = strchr(segment, '.')); segment = dot + 1) {
        *dot = '\0';
        json_t *item = container_item(container, segment);
        if (!item) {
            item = new_container(dot + 1);
            mlsoap_status status = container_set(container, segment, item, path, error);
            if (status) {
                json_decref(value);
                return status;
            }
        }
        container = item;
    }
    return container_set(container, segment, value, path, error);
}

/* The part before '=' without leading dashes; empty segments are no path. */
static bool split_assignment(const char *assignment, char path[CONFIG_PATH_SIZE], const char **value)
{
    while (*assignment == '-') assignment++;
    const char *equals = strchr(assignment, '=');
    size_t n = equals ? (size_t)(equals - assignment) : 0;
    if (n == 0 || n >= CONFIG_PATH_SIZE) return false;
    memcpy(path, assignment, n);
    path[n] = '\0';
    *value = equals + 1;
    return path[0] != '.' && path[n - 1] != '.' && !strstr(path, "..");
}

/* The key comes from the command line, and so does every mapping around it that the file does not have. */
static bool note_assignment(yaml_places *places, const char *path)
{
    char around[CONFIG_PATH_SIZE];
    snprintf(around, sizeof around, "%s", path);
    yaml_places_forget(places, path);
    if (!yaml_places_set(places, path, 0, 0)) return false;
    for (char *dot; (dot = strrchr(around, '.'));) {
        *dot = '\0';
        if (!yaml_places_find(places, around) && !yaml_places_set(places, around, 0, 0)) return false;
    }
    return true;
}

mlsoap_status config_set(config *c, const char *assignment, mlsoap_error *error)
{
    char path[CONFIG_PATH_SIZE], name[CONFIG_PATH_SIZE + 32];
    const char *text;
    json_t *value;
    config_context *context = c->source.context;
    if (!split_assignment(assignment, path, &text))
        return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                           "command line: `%s` is not of the form --path.to.key=VALUE, such as --model.zeta=2",
                           assignment);
    snprintf(name, sizeof name, "command line: --%s", path);
    mlsoap_status status = yaml_read(text, strlen(text), name, &value, NULL, error);
    if (!status) status = assign(c->root, path, value, error);
    if (status) return status;
    return note_assignment(&context->places, path) ? MLSOAP_SUCCESS
                                                   : status_no_memory(error, sizeof path, "the places of keys");
}

static const schema_key *schema_row(const schema_key *table, const char *name)
{
    for (; table && table->name; table++)
        if (!strcmp(table->name, name)) return table;
    return NULL;
}

void config_keep(config *c, const char *const *keys)
{
    for (const schema_key *row = config_schema; row->name; row++) {
        bool kept = false;
        for (const char *const *key = keys; *key; key++)
            if (!strcmp(*key, row->name)) kept = true;
        if (!kept) json_object_del(c->root, row->name);
    }
}

static json_t *in_order(json_t *object, const schema_key *table);

/* The same of a model, or of each in a list. */
static json_t *model_in_order(json_t *model)
{
    if (!json_is_array(model)) return in_order(model, config_model_schema(model));
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(model) && list; i++)
        if (json_array_append_new(list, model_in_order(json_array_get(model, i)))) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

/* A copy whose keys stand in the order of the table, further keys after them; `model` has a table of its own. */
static json_t *in_order(json_t *object, const schema_key *table)
{
    json_t *copy = json_object(), *value;
    const char *key;
    if (!copy) return NULL;
    for (const schema_key *row = table; row && row->name; row++) {
        value = json_object_get(object, row->name);
        if (!value) continue;
        bool is_model = table == config_schema && strcmp(row->name, "model") == 0;
        json_t *item = is_model                                 ? model_in_order(value)
                       : row->children && json_is_object(value) ? in_order(value, row->children)
                                                                : json_incref(value);
        if (json_object_set_new(copy, row->name, item)) goto failed;
    }
    json_object_foreach(object, key, value)
    {
        if (!schema_row(table, key) && json_object_set(copy, key, value)) goto failed;
    }
    return copy;
failed:
    json_decref(copy);
    return NULL;
}

double config_loss_factor(const json_t *loss, const char *config_type, const char *target)
{
    const json_t *row = json_object_get(json_object_get(loss, "config_type"), config_type);
    const json_t *value = json_object_get(row, target);
    return json_is_number(value) ? json_number_value(value) : 1;
}

char *config_text(const config *c)
{
    json_t *ordered = in_order(c->root, config_schema);
    char *text = ordered ? yaml_text(ordered) : NULL;
    json_decref(ordered);
    return text;
}
