/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames ready for evaluation; see network_loss.h. */
#include "app/doctor/offsets.h"
#include "core/memory.h"
#include "solvers/network/network_loss.h"

#include <string.h>

static void neighbors_release(network_frame *f)
{
    memory_free(f->center_species);
    memory_free(f->center_atom);
    memory_free(f->first);
    memory_free(f->species);
    memory_free(f->atom);
    memory_free(f->dx);
    memory_free(f->dy);
    memory_free(f->dz);
    memory_free(f->points);
}

void network_frames_release(network_frames *frames)
{
    for (size_t c = 0; c < frames->n; c++) neighbors_release(&frames->items[c]);
    memory_free(frames->items);
    memset(frames, 0, sizeof *frames);
}

static mlsoap_status allocate(network_frame *f, size_t n_pairs, bool points, double *bytes, mlsoap_error *error)
{
    size_t n = f->n_centers;
    f->center_species = MEMORY_NEW(int, n);
    f->center_atom = MEMORY_NEW(int, n);
    f->first = MEMORY_NEW(int, n + 1);
    f->species = MEMORY_NEW(int, n_pairs);
    f->atom = MEMORY_NEW(int, n_pairs);
    f->dx = MEMORY_NEW(double, n_pairs);
    f->dy = MEMORY_NEW(double, n_pairs);
    f->dz = MEMORY_NEW(double, n_pairs);
    f->points = points ? memory_new(n, sizeof *f->points) : NULL;
    *bytes += 32.0 * (double)n_pairs + 12.0 * (double)n;
    if (f->center_species && f->center_atom && f->first && f->species && f->atom && f->dx && f->dy && f->dz &&
        (!points || f->points))
        return MLSOAP_SUCCESS;
    return status_no_memory(error, n_pairs * 32, "the neighbors of a frame");
}

static void copy_center(network_frame *f, const feature_worker *w, size_t from, size_t to)
{
    const neighbor_list *list = &w->list;
    size_t start = (size_t)list->first[from], n = (size_t)list->first[from + 1] - start, at = (size_t)f->first[to];
    f->center_species[to] = list->center_species[from];
    f->center_atom[to] = list->center_atom[from];
    f->first[to + 1] = (int)(at + n);
    if (f->points) memcpy(f->points[to], w->points[from], sizeof f->points[to]);
    memcpy(f->species + at, list->species + start, n * sizeof *f->species);
    memcpy(f->atom + at, list->atom + start, n * sizeof *f->atom);
    memcpy(f->dx + at, list->dx + start, n * sizeof *f->dx);
    memcpy(f->dy + at, list->dy + start, n * sizeof *f->dy);
    memcpy(f->dz + at, list->dz + start, n * sizeof *f->dz);
}

/* The centers of the list that the term serves, sorted by kind. */
static mlsoap_status fill_frame(network_frame *f, feature_worker *w, double *bytes, mlsoap_error *error)
{
    const feature_set *set = w->set;
    const neighbor_list *list = &w->list;
    bool served[NETWORK_KINDS] = {false}, fixed = !set->centers_are_atoms && !set->centers_are_midpoints;
    size_t n_pairs = 0, to = 0;
    for (int z = 0; z < NETWORK_KINDS; z++) served[z] = feature_set_serves(set, z);
    for (size_t i = 0; i < list->n_centers; i++)
        if (served[list->center_species[i]]) {
            f->n_centers++;
            n_pairs += (size_t)(list->first[i + 1] - list->first[i]);
        }
    mlsoap_status status = allocate(f, n_pairs, fixed, bytes, error);
    for (int z = 0; z < NETWORK_KINDS && !status; z++)
        for (size_t i = 0; i < list->n_centers && served[z]; i++)
            if (list->center_species[i] == z) copy_center(f, w, i, to++);
    return status;
}

static void set_coefficients(network_frame *f, const loss_statistics *s)
{
    double n2 = (double)f->n_atoms * (double)f->n_atoms;
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        double w = f->source->weight[t];
        f->coefficient[t] = w > 0 && s->weight[t] > 0 ? w / (s->weight[t] * s->variance[t]) : 0;
        if (t != TARGET_FORCES) f->coefficient[t] /= n2;
    }
}

mlsoap_status network_frames_new(const feature_set *features, const training_frame *frames, size_t n_frames,
                                 const frame_set *set, const int *elements, int n_elements, const double *offsets,
                                 const loss_statistics *statistics, network_frames *out, mlsoap_error *error)
{
    feature_worker w;
    memset(out, 0, sizeof *out);
    mlsoap_status status = feature_worker_new(&w, features, error);
    if (status) return status;
    out->items = MEMORY_NEW(network_frame, n_frames);
    if (!out->items) status = status_no_memory(error, n_frames * sizeof *out->items, "the frames of a fit");
    for (size_t c = 0; c < n_frames && !status; c++) {
        const frame *source = frames[c].source;
        network_frame *f = &out->items[out->n++];
        *f = (network_frame){.source = &frames[c], .set = set, .n_atoms = source->structure.n_atoms};
        f->energy = source->energy - offsets_energy(&source->structure, elements, n_elements, offsets);
        set_coefficients(f, statistics);
        status = feature_worker_begin(&w, &source->structure, error);
        if (!status) status = fill_frame(f, &w, &out->bytes, error);
        if (status)
            status_prefix(error, status, "%s: frame %zu (line %ld)", set->files[source->i_file].path, source->index,
                          source->line);
    }
    feature_worker_release(&w);
    if (status) network_frames_release(out);
    return status;
}
