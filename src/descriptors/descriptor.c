/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of descriptors and what they share; see descriptor.h. */
#include "descriptors/descriptor.h"

#include "descriptors/structure/structure_descriptor.h"

#include <stdio.h>
#include <string.h>

extern const descriptor_class soap_class, acsf_class; /* each in its folder */

static const descriptor_class *const classes[] = {&soap_class, &acsf_class, NULL};

/* "soap, acsf" */
static const char *list_classes(char text[128])
{
    size_t used = 0;
    for (int i = 0; classes[i] && used < 128; i++)
        used += (size_t)snprintf(text + used, 128 - used, "%s%s", i > 0 ? ", " : "", classes[i]->type);
    return text;
}

/* The class that the settings name (default soap, which is then written into them). */
static mlsoap_status find_class(json_t *settings, const char *path, const schema_source *source,
                                const descriptor_class **found, mlsoap_error *error)
{
    if (!json_is_object(settings)) return schema_fail(source, path, "", error, "a descriptor is a mapping of keys");
    json_t *type = json_object_get(settings, "type");
    if (!type && json_object_set_new(settings, "type", json_string("soap")))
        return status_no_memory(error, 64, "the settings of a descriptor");
    const char *name = json_string_value(json_object_get(settings, "type"));
    for (int i = 0; name && classes[i]; i++)
        if (strcmp(classes[i]->type, name) == 0) {
            *found = classes[i];
            return MLSOAP_SUCCESS;
        }
    if (structure_descriptor_is(name))
        return schema_fail(
            source, path, "type", error,
            "%s describes whole structures, which is for `mlsoap describe`; the energy of a potential is "
            "a sum over atoms: use soap or acsf",
            name);
    char known[128];
    return schema_fail(source, path, "type", error, "unknown descriptor '%.40s'; this version has: %s",
                       name ? name : "(not a text)", list_classes(known));
}

mlsoap_status descriptor_new(json_t *settings, const char *path, const schema_source *source, descriptor **out,
                             mlsoap_error *error)
{
    const descriptor_class *found = NULL;
    *out = NULL;
    mlsoap_status status = find_class(settings, path, source, &found, error);
    return status ? status : found->create(settings, path, source, out, error);
}

mlsoap_status descriptor_fit(json_t *settings, const char *path, const schema_source *source,
                             const struct structure *const *structures, size_t n_structures, mlsoap_error *error)
{
    const descriptor_class *found = NULL;
    mlsoap_status status = find_class(settings, path, source, &found, error);
    return status || !found->fit ? status : found->fit(settings, path, source, structures, n_structures, error);
}

void descriptor_free(descriptor *d)
{
    if (d) d->class_->free(d);
}

int descriptor_warning(const descriptor *d, char *text, size_t size)
{
    const char *name = schema_text(d->settings, "name");
    if (d->edge == DESCRIPTOR_SMALL_JUMP)
        snprintf(text, size,
                 "descriptor %.40s (mode dscribe) has no cutoff function: energy and forces jump where an atom crosses "
                 "%.3f angstrom, and molecular dynamics does not conserve energy; train with mode smooth for dynamics",
                 name, d->r_cut);
    if (d->edge == DESCRIPTOR_FULL_JUMP)
        snprintf(text, size,
                 "descriptor %.40s has a hard cutoff (cutoff type 0): its features jump where an atom crosses it, so "
                 "that the potential cannot drive molecular dynamics; train with cutoff type 1 or higher for dynamics",
                 name);
    return d->edge != DESCRIPTOR_SMOOTH;
}

/* `centers` is the text midpoint or a list of points [[x,y,z], ...]; soap_settings.c has checked its form. */
mlsoap_status descriptor_centers(const descriptor *d, size_t n_atoms, const double (*positions)[3], size_t capacity,
                                 double (*points)[3], size_t *n_points, mlsoap_error *error)
{
    const json_t *centers = json_object_get(d->settings, "centers");
    if (d->centers_are_atoms)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "the centers of this descriptor are atoms, not points");
    *n_points = json_is_array(centers) ? json_array_size(centers) : 1;
    if (capacity == 0) return MLSOAP_SUCCESS;
    if (capacity < *n_points) return status_fail(error, MLSOAP_ERROR_CAPACITY, "%zu centers do not fit", *n_points);
    if (json_is_array(centers)) {
        for (size_t i = 0; i < *n_points; i++)
            for (size_t a = 0; a < 3; a++)
                points[i][a] = json_number_value(json_array_get(json_array_get(centers, i), a));
        return MLSOAP_SUCCESS;
    }
    if (n_atoms == 0) return status_fail(error, MLSOAP_ERROR_VALUE, "no atoms: their midpoint does not exist");
    memset(points[0], 0, sizeof points[0]);
    for (size_t i = 0; i < n_atoms; i++)
        for (int a = 0; a < 3; a++) points[0][a] += positions[i][a] / (double)n_atoms;
    return MLSOAP_SUCCESS;
}
