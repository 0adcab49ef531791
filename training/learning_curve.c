/* SPDX-License-Identifier: BSD-3-Clause */
/* Fits to fewer frames; see learning_curve.h. */
#include "learning_curve.h"

#include "core/memory.h"
#include "core/random_numbers.h"
#include "train_output.h"

#include <string.h>

/* rank[i]: place of a frame in a random order. */
static void random_ranks(size_t *rank, size_t *order, size_t n, uint64_t seed)
{
    uint64_t state = seed;
    for (size_t i = 0; i < n; i++) order[i] = i;
    random_shuffle(order, n, &state);
    for (size_t i = 0; i < n; i++) rank[order[i]] = i;
}

static bool has_all_elements(const dataset *data)
{
    for (int e = 0; e < data->n_elements; e++) {
        bool found = false;
        for (size_t c = 0; c < data->n_fit && !found; c++) {
            const structure *s = &data->fit[c].source->structure;
            for (size_t i = 0; i < s->n_atoms && !found; i++) found = s->species[i] == data->elements[e];
        }
        if (!found) return false;
    }
    return true;
}

/* The fit to a part of the data. */
static mlsoap_status fit_part(const fit_problem *origin, const dataset *part, mlsoap_potential **out,
                              mlsoap_error *error)
{
    fit_problem problem = *origin;
    fit_result result = {0};
    fit *f = NULL;
    problem.data = part;
    problem.n_uncertainty = 0; /* only the errors count */
    problem.log = NULL;
    problem.checkpoint = NULL;
    const fit_method *method = fit_method_of(origin->config);
    mlsoap_status status = method->create(&problem, &f, error);
    if (!status) status = method->prepare(f, error);
    if (!status) status = method->solve(f, FIT_VALIDATION, &result, error);
    if (!status) status = train_potential(&problem, &result, out, error);
    fit_result_release(&result);
    method->free(f);
    return status;
}

mlsoap_status learning_curve_fit(const fit_problem *problem, int n_halvings, learning_point *points, size_t *n_points,
                                 mlsoap_error *error)
{
    size_t n = problem->data->n_fit;
    dataset part = *problem->data;
    size_t *rank = MEMORY_NEW(size_t, n), *order = MEMORY_NEW(size_t, n);
    mlsoap_status status = MLSOAP_SUCCESS;
    *n_points = 0;
    part.fit = MEMORY_NEW(training_frame, n);
    part.train.frames = MEMORY_NEW(frame, n);
    if (!rank || !order || !part.fit || !part.train.frames)
        status = status_no_memory(error, n * sizeof(frame), "the learning curve");
    else
        random_ranks(rank, order, n, (uint64_t)schema_integer(problem->config->root, "seed"));
    for (int k = n_halvings; k > 0 && !status; k--) {
        size_t size = k < 60 ? n >> k : 0;
        part.n_fit = part.train.n_frames = 0;
        for (size_t i = 0; i < n; i++) {
            if (rank[i] >= size) continue;
            part.train.frames[part.train.n_frames++] =
                *problem->data->fit[i].source; /* sparse points are taken from these */
            part.fit[part.n_fit++] = problem->data->fit[i];
        }
        if (size < 2 || !has_all_elements(&part)) continue;
        points[*n_points] = (learning_point){size, NULL};
        status = fit_part(problem, &part, &points[*n_points].potential, error);
        if (status) status_prefix(error, status, "learning curve, %zu frames", size);
        ++*n_points;
    }
    memory_free(rank);
    memory_free(order);
    memory_free(part.fit);
    memory_free(part.train.frames);
    return status;
}
