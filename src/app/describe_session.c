/* SPDX-License-Identifier: BSD-3-Clause */
/* Configuration, data and descriptors of a run; see describe_session.h. */
#include "app/describe_session.h"

#include "core/elements.h"
#include "core/memory.h"
#include "potential/potential.h"

#include <stdio.h>
#include <string.h>

bool describe_ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && !strcmp(text + n - m, end);
}

/* Elements and descriptors of a potential, as a configuration. */
static mlsoap_status config_of_potential(const char *path, config *c, mlsoap_error *error)
{
    mlsoap_potential *p = NULL;
    mlsoap_status status = mlsoap_potential_read_file(path, &p, error);
    if (!status) status = config_read(NULL, c, error);
    if (!status) {
        json_t *elements = json_deep_copy(json_object_get(p->description, "elements"));
        json_t *list = json_deep_copy(json_object_get(p->description, "descriptors"));
        if (json_object_set_new(c->root, "elements", elements) || json_object_set_new(c->root, "descriptors", list))
            status = status_no_memory(error, sizeof(void *), path);
        c->source.name = path;
    }
    mlsoap_potential_free(p);
    return status;
}

static mlsoap_status read_config(config *c, const describe_request *request, mlsoap_error *error)
{
    static const char *const read_keys[] = {"elements", "descriptors", "data", NULL};
    mlsoap_status status = describe_ends_in(request->settings, ".mlsoap")
                               ? config_of_potential(request->settings, c, error)
                               : config_read(request->settings, c, error);
    for (size_t i = 0; i < request->n_keys && !status; i++) status = config_set(c, request->keys[i], error);
    if (status) return status;
    config_keep(c, read_keys);
    return config_complete(c, error);
}

static mlsoap_status read_frames(describe_session *session, const describe_request *request, mlsoap_error *error)
{
    reading r;
    mlsoap_status status = reading_of_config(&session->c, &r, error);
    r.options.structures_only = request->structures_only;
    if (!status) status = frames_read(request->data, &r.options, &session->set, error);
    reading_release(&r);
    return status;
}

/* Elements of the data for a configuration that names none. */
static mlsoap_status set_elements(config *c, const frame_set *set, mlsoap_error *error)
{
    int seen[ELEMENT_MAX + 1] = {0}, numbers[ELEMENT_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < set->n_frames; i++)
        for (size_t j = 0; j < set->frames[i].structure.n_atoms; j++) seen[set->frames[i].structure.species[j]] = 1;
    for (int z = 1; z <= ELEMENT_MAX; z++)
        if (seen[z]) numbers[n++] = z;
    return config_set_elements(c, numbers, n, error);
}

static bool is_absent(const json_t *settings, const char *key)
{
    return !json_object_get(settings, key) || schema_is_none(settings, key);
}

/* Centers of the command line, averages that the caller needs, and what descriptors take from the data. */
static mlsoap_status complete_descriptor(describe_session *session, const describe_request *request, size_t i,
                                         const structure *const *structures, mlsoap_error *error)
{
    json_t *settings = json_array_get(json_object_get(session->c.root, "descriptors"), i);
    json_t *points = session->centers.points;
    char path[64];
    if (points && json_object_set(settings, "centers", points))
        return status_no_memory(error, sizeof(void *), "centers");
    if (structure_descriptor_is(json_string_value(json_object_get(settings, "type")))) return MLSOAP_SUCCESS;
    if (request->one_row_per_structure && is_absent(settings, "average") && is_absent(settings, "pooling") &&
        json_object_set_new(settings, "average", json_string("outer")))
        return status_no_memory(error, sizeof(void *), "average");
    snprintf(path, sizeof path, "descriptors.%zu", i);
    return descriptor_fit(settings, path, &session->c.source, structures, session->set.n_frames, error);
}

static mlsoap_status make_describer(describe_session *session, const describe_request *request, mlsoap_error *error)
{
    json_t *list = json_object_get(session->c.root, "descriptors");
    const structure **structures = MEMORY_NEW(const structure *, session->set.n_frames);
    mlsoap_status status = structures ? MLSOAP_SUCCESS : status_no_memory(error, sizeof *structures, "the structures");
    for (size_t i = 0; i < session->set.n_frames && !status; i++) structures[i] = &session->set.frames[i].structure;
    if (!status && request->centers) status = describe_centers_read(request->centers, &session->centers, error);
    for (size_t i = 0; i < json_array_size(list) && !status; i++)
        status = complete_descriptor(session, request, i, structures, error);
    memory_free(structures);
    if (!status) status = describer_new(list, &session->c.source, &session->d, error);
    if (status || session->centers.n_atoms == 0) return status;
    return describer_choose_atoms(&session->d, session->centers.atoms, session->centers.n_atoms, error);
}

mlsoap_status describe_session_open(describe_session *session, const describe_request *request, mlsoap_error *error)
{
    mlsoap_status status = read_config(&session->c, request, error);
    if (!status) status = read_frames(session, request, error);
    if (!status) status = set_elements(&session->c, &session->set, error);
    return status ? status : make_describer(session, request, error);
}

void describe_session_close(describe_session *session)
{
    describer_release(&session->d);
    describe_centers_release(&session->centers);
    frame_set_release(&session->set);
    config_release(&session->c);
}
