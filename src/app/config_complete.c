/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of a configuration beyond types and ranges, and the defaults that follow from other keys; see config.h. */
#include "app/config.h"

#include "app/config_terms.h"
#include "core/elements.h"
#include "core/memory.h"
#include "core/parse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A text becomes a list of one text; every item must be a text. Absent keys and other types are left alone. */
static mlsoap_status make_text_list(config *c, json_t *object, const char *path, const char *key, mlsoap_error *error)
{
    json_t *value = json_object_get(object, key);
    if (json_is_string(value) && !schema_is_text(value, "none") && !schema_is_text(value, "off")) {
        json_t *list = json_pack("[O]", value);
        if (!list || json_object_set_new(object, key, list))
            return status_no_memory(error, sizeof(void *), "the configuration");
        return MLSOAP_SUCCESS;
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return schema_fail(&c->source, path, key, error, "item %zu is not a text; write names as [a, \"b\"]", i);
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_elements(config *c, mlsoap_error *error)
{
    const json_t *list = json_object_get(c->root, "elements");
    if (!list) return MLSOAP_SUCCESS;
    if (json_array_size(list) == 0)
        return schema_fail(&c->source, "", "elements", error, "the list is empty; name the elements, such as [Si, C]");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *symbol = json_string_value(json_array_get(list, i));
        if (!symbol || element_from_symbol(symbol, strlen(symbol)) < 1)
            return schema_fail(&c->source, "", "elements", error, "`%s` is not the symbol of an element, such as Si",
                               symbol ? symbol : "(not a text)");
        for (size_t j = 0; j < i; j++)
            if (schema_is_text(json_array_get(list, j), symbol))
                return schema_fail(&c->source, "", "elements", error, "%s stands twice in the list", symbol);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_offsets(config *c, mlsoap_error *error)
{
    json_t *offsets = json_object_get(c->root, "offsets"), *value;
    const char *symbol;
    if (!json_is_object(offsets)) return MLSOAP_SUCCESS;
    json_object_foreach(offsets, symbol, value)
    {
        if (element_from_symbol(symbol, strlen(symbol)) < 1)
            return schema_fail(&c->source, "offsets", symbol, error, "this is not the symbol of an element");
        if (!json_is_number(value))
            return schema_fail(&c->source, "offsets", symbol, error, "the energy of an atom must be a number, in eV");
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_zbl(config *c, mlsoap_error *error)
{
    const json_t *zbl = json_object_get(c->root, "zbl");
    if (!json_is_object(zbl) || schema_real(zbl, "r_outer") > schema_real(zbl, "r_inner")) return MLSOAP_SUCCESS;
    return schema_fail(&c->source, "zbl", "r_outer", error, "is %g; it must be larger than r_inner, which is %g",
                       schema_real(zbl, "r_outer"), schema_real(zbl, "r_inner"));
}

static const schema_key config_type_schema[] = {
    {"energy", SCHEMA_REAL, "1", NULL, 0, 1e30, NULL, NULL, "further factor of the energies of this config_type"},
    {"forces", SCHEMA_REAL, "1", NULL, 0, 1e30, NULL, NULL, "further factor of its forces"},
    {"virial", SCHEMA_REAL, "1", NULL, 0, 1e30, NULL, NULL, "further factor of its virials"},
    {NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL}};

static mlsoap_status check_config_types(config *c, mlsoap_error *error)
{
    json_t *table = json_object_get(json_object_get(c->root, "loss"), "config_type"), *value;
    const char *name;
    json_object_foreach(table, name, value)
    {
        char path[256];
        snprintf(path, sizeof path, "loss.config_type.%s", name);
        mlsoap_status status = schema_complete(value, config_type_schema, path, &c->source, error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

/* soap, soap2, ...: the first name of the descriptor's type that no descriptor has. */
static void default_name(const json_t *list, const char *type, char *name, size_t size)
{
    snprintf(name, size, "%s", type);
    for (size_t n = 2;; n++) {
        bool taken = false;
        for (size_t i = 0; i < json_array_size(list); i++)
            if (schema_is_text(json_object_get(json_array_get(list, i), "name"), name)) taken = true;
        if (!taken) return;
        snprintf(name, size, "%s%zu", type, n);
    }
}

static mlsoap_status name_descriptor(config *c, json_t *list, size_t i, mlsoap_error *error)
{
    char path[64], name[96];
    json_t *item = json_array_get(list, i), *given = json_object_get(item, "name");
    const json_t *type = json_object_get(item, "type");
    snprintf(path, sizeof path, "descriptors.%zu", i);
    if (!json_is_object(item))
        return schema_fail(&c->source, path, NULL, error,
                           "a descriptor is a mapping, such as {r_cut: 5.5, n_max: 8, l_max: 6, sigma: 0.5}");
    if (!given) {
        default_name(list, json_is_string(type) ? json_string_value(type) : "soap", name, sizeof name);
        return json_object_set_new(item, "name", json_string(name))
                   ? status_no_memory(error, sizeof name, "the configuration")
                   : MLSOAP_SUCCESS;
    }
    for (size_t j = 0; j < i && json_is_string(given); j++)
        if (schema_is_text(json_object_get(json_array_get(list, j), "name"), json_string_value(given)))
            return schema_fail(&c->source, path, "name", error, "descriptors.%zu has the name `%s` too", j,
                               json_string_value(given));
    return MLSOAP_SUCCESS;
}

/* `species` of descriptors that name none are the elements. */
static mlsoap_status spread_elements(config *c, mlsoap_error *error)
{
    const json_t *elements = json_object_get(c->root, "elements"), *list = json_object_get(c->root, "descriptors");
    for (size_t i = 0; elements && i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        if (!json_is_object(item) || json_object_get(item, "species")) continue;
        if (json_object_set_new(item, "species", json_deep_copy(elements)))
            return status_no_memory(error, sizeof(void *), "the configuration");
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status config_set_elements(config *c, const int *atomic_numbers, size_t n, mlsoap_error *error)
{
    if (!json_object_get(c->root, "elements")) {
        json_t *list = json_array();
        for (size_t i = 0; list && i < n; i++) {
            const char *symbol = element_symbol(atomic_numbers[i]);
            if (json_array_append_new(list, json_string(symbol ? symbol : "X"))) break;
        }
        if (json_array_size(list) != n || json_object_set_new(c->root, "elements", list))
            return status_no_memory(error, n * sizeof(void *), "the elements");
    }
    return spread_elements(c, error);
}

/* A number and the name of a unit with its size. */
typedef struct amount_unit {
    const char *name;
    double size;
} amount_unit;

/* "8 GiB" or "10 min"; false where it is no amount from `least` to `most`. */
static bool read_amount(const char *text, const amount_unit *units, double least, double most, double *amount)
{
    double number = 0, unit = 0;
    size_t n = text ? strspn(text, "0123456789.") : 0;
    const char *name = text ? text + n + strspn(text + n, " ") : "";
    for (size_t i = 0; units[i].name; i++)
        if (!strcmp(units[i].name, name)) unit = units[i].size;
    if (unit == 0 || parse_real(text, n, &number) != PARSE_OK) return false;
    *amount = number * unit;
    return *amount >= least && *amount <= most;
}

mlsoap_status config_memory(const config *c, size_t *bytes, mlsoap_error *error)
{
    static const amount_unit units[] = {{"B", 1},
                                        {"kB", 1e3},
                                        {"MB", 1e6},
                                        {"GB", 1e9},
                                        {"TB", 1e12},
                                        {"KiB", 1024.0},
                                        {"MiB", 1048576.0},
                                        {"GiB", 1073741824.0},
                                        {"TiB", 1099511627776.0},
                                        {0}};
    const char *text = schema_text(c->root, "memory");
    double amount;
    if (!read_amount(text, units, 1, 1e18, &amount))
        return schema_fail(&c->source, "", "memory", error,
                           "`%s` is not an amount of memory; write such as `8 GiB` or `500 MB`", text ? text : "");
    *bytes = (size_t)amount;
    return MLSOAP_SUCCESS;
}

mlsoap_status config_checkpoint(const config *c, double *seconds, mlsoap_error *error)
{
    static const amount_unit units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {0}};
    const char *text = schema_text(c->root, "checkpoint");
    *seconds = INFINITY;
    if (schema_is_none(c->root, "checkpoint") || read_amount(text, units, 0.01, 1e9, seconds)) return MLSOAP_SUCCESS;
    return schema_fail(&c->source, "", "checkpoint", error,
                       "`%s` is not a time of 0.01 s or more; write such as `10 min`, `30 s`, `1 h` or `none`",
                       text ? text : "");
}

void config_units(const config *c, const char **length_unit, const char **energy_unit)
{
    const json_t *units = json_object_get(json_object_get(c->root, "data"), "units");
    *length_unit = schema_text(units, "length");
    *energy_unit = schema_text(units, "energy");
}

static mlsoap_status check_lists(config *c, mlsoap_error *error)
{
    json_t *data = json_object_get(c->root, "data");
    json_t *descriptors = json_object_get(c->root, "descriptors");
    size_t bytes;
    double seconds;
    mlsoap_status status = make_text_list(c, data, "data", "train", error);
    if (!status) status = make_text_list(c, data, "data", "test", error);
    if (!status) status = make_text_list(c, data, "data", "ignore", error);
    if (!status) status = make_text_list(c, data, "data", "validation", error);
    for (size_t i = 0; !status && i < json_array_size(descriptors); i++)
        status = name_descriptor(c, descriptors, i, error);
    if (!status) status = config_memory(c, &bytes, error);
    return status ? status : config_checkpoint(c, &seconds, error);
}

mlsoap_status config_complete(config *c, mlsoap_error *error)
{
    mlsoap_status status = schema_complete(c->root, config_schema, "", &c->source, error);
    if (!status) status = config_complete_terms(c, error);
    if (!status) status = check_lists(c, error);
    if (!status) status = check_elements(c, error);
    if (!status) status = check_offsets(c, error);
    if (!status) status = check_zbl(c, error);
    if (!status) status = check_config_types(c, error);
    if (!status) status = spread_elements(c, error);
    return status ? status : config_check_on(c, error);
}
