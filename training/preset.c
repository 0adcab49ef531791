/* SPDX-License-Identifier: BSD-3-Clause */
/* Presets; see preset.h. */
#include "preset.h"

#include "app/config_terms.h"
#include "defaults.h"

#include <string.h>

/* Validation errors and times of silicon are in training/README.md. fast: half the time of the default for the same
 * forces; its GP collapses to a quadratic form, whatever the number of points. accurate: forces a fifth better than the
 * default for five to ten times its fit; four networks gain 1 to 3 percent more and cost four times as much. */
static const struct {
    const char *name, *model, *descriptor; /* JSON */
} presets[] = {
    {"fast", "{\"type\": \"sparse_gp\", \"zeta\": 2}", "{\"n_max\": 6, \"l_max\": 4}"},
    {"accurate", "{\"type\": \"network\", \"hidden\": [64, 64]}", "{}"},
};
enum { N_PRESETS = sizeof presets / sizeof *presets };

/* N_PRESETS: unknown. */
static size_t preset_index(const char *name)
{
    size_t i = 0;
    while (i < N_PRESETS && strcmp(presets[i].name, name) != 0) i++;
    return i;
}

bool preset_is_known(const char *name)
{
    return preset_index(name) < N_PRESETS;
}

static mlsoap_status no_memory(mlsoap_error *error)
{
    return status_no_memory(error, 1024, "a preset");
}

static mlsoap_status add_model(json_t *root, const json_t *values, mlsoap_error *error)
{
    json_t *model_keys = config_term(root, 0);
    if (!json_object_get(root, "model"))
        return json_object_set_new(root, "model", json_deep_copy(values)) ? no_memory(error) : MLSOAP_SUCCESS;
    if (config_n_terms(root) > 1)
        return status_fail(error, MLSOAP_ERROR_VALUE,
                           "--preset: `model` has %zu terms and a preset is for one; write out their settings, or "
                           "leave the preset away",
                           config_n_terms(root));
    if (!json_is_object(model_keys)) return MLSOAP_SUCCESS; /* config_complete says what is wrong */
    const char *type = json_string_value(json_object_get(model_keys, "type"));
    if (type && strcmp(type, json_string_value(json_object_get(values, "type"))) != 0) return MLSOAP_SUCCESS;
    return json_object_update_missing(model_keys, (json_t *)(uintptr_t)values) ? no_memory(error) : MLSOAP_SUCCESS;
}

static mlsoap_status add_descriptor(json_t *root, json_t *values, mlsoap_error *error)
{
    json_t *list = json_object_get(root, "descriptors");
    if (json_array_size(list) == 0 && (!list || json_is_array(list)))
        return json_object_set_new(root, "descriptors", json_pack("[o]", json_deep_copy(values))) ? no_memory(error)
                                                                                                  : MLSOAP_SUCCESS;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *settings = json_array_get(list, i);
        if (json_is_object(settings) && default_is_wanted(settings) && json_object_update_missing(settings, values))
            return no_memory(error);
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status preset_apply(json_t *root, const char *name, mlsoap_error *error)
{
    size_t i = preset_index(name);
    if (i == N_PRESETS) return status_fail(error, MLSOAP_ERROR_ARGUMENT, "there is no preset %s", name);
    json_t *model_values = json_loads(presets[i].model, 0, NULL), *values = json_loads(presets[i].descriptor, 0, NULL);
    mlsoap_status status = model_values && values ? add_model(root, model_values, error) : no_memory(error);
    if (!status) status = add_descriptor(root, values, error);
    json_decref(model_values);
    json_decref(values);
    return status;
}
