/* SPDX-License-Identifier: BSD-3-Clause */
/* Predictions by several ranks; see shared_prediction.h. */
#include "shared_prediction.h"

#include "core/memory.h"

#include <string.h>

/* Frames [*begin, *end) of a rank: about as many atoms as on the others. */
static void frames_of_rank(const parallel *ranks, int rank, const frame_set *set, size_t *begin, size_t *end)
{
    double total = 0, before = 0;
    for (size_t c = 0; c < set->n_frames; c++) total += (double)set->frames[c].structure.n_atoms;
    *begin = *end = 0;
    for (size_t c = 0; c < set->n_frames; c++) {
        int owner = parallel_owner(ranks, before, total);
        *begin += owner < rank;
        *end += owner <= rank;
        before += (double)set->frames[c].structure.n_atoms;
    }
}

/* Numbers of a frame in a message: energy, virial, forces, uncertainties. */
static size_t frame_numbers(const frame *f, bool uncertain)
{
    return 7 + f->structure.n_atoms * (uncertain ? 5 : 3);
}

static void pack(const frame *f, bool uncertain, double *to)
{
    size_t n = f->structure.n_atoms;
    to[0] = f->predicted_energy;
    memcpy(to + 1, f->predicted_virial, sizeof f->predicted_virial);
    memcpy(to + 7, f->predicted_forces, n * sizeof *f->predicted_forces);
    if (uncertain) memcpy(to + 7 + 3 * n, f->predicted_uncertainty, n * sizeof *f->predicted_uncertainty);
}

static mlsoap_status unpack(frame *f, bool uncertain, const double *from, mlsoap_error *error)
{
    size_t n = f->structure.n_atoms;
    if (!f->predicted_forces) f->predicted_forces = memory_new(n, sizeof *f->predicted_forces);
    if (uncertain && !f->predicted_uncertainty)
        f->predicted_uncertainty = memory_new(n, sizeof *f->predicted_uncertainty);
    if (!f->predicted_forces || (uncertain && !f->predicted_uncertainty))
        return status_no_memory(error, 5 * n * sizeof(double), "predictions");
    f->predicted_energy = from[0];
    memcpy(f->predicted_virial, from + 1, sizeof f->predicted_virial);
    memcpy(f->predicted_forces, from + 7, n * sizeof *f->predicted_forces);
    if (uncertain) memcpy(f->predicted_uncertainty, from + 7 + 3 * n, n * sizeof *f->predicted_uncertainty);
    f->has_prediction = true;
    return MLSOAP_SUCCESS;
}

/* The predictions of one rank to all. */
static mlsoap_status share(parallel *ranks, int rank, frame_set *set, bool uncertain, mlsoap_error *error)
{
    size_t begin, end, n = 0, at = 0;
    frames_of_rank(ranks, rank, set, &begin, &end);
    for (size_t c = begin; c < end; c++) n += frame_numbers(&set->frames[c], uncertain);
    double *message = MEMORY_NEW(double, n);
    if (!message) return status_no_memory(error, n * sizeof *message, "predictions");
    bool own = parallel_rank(ranks) == rank;
    for (size_t c = begin; c < end && own; at += frame_numbers(&set->frames[c++], uncertain))
        pack(&set->frames[c], uncertain, message + at);
    mlsoap_status status = parallel_broadcast(ranks, rank, message, n * sizeof *message, error);
    at = 0;
    for (size_t c = begin; c < end && !own && !status; at += frame_numbers(&set->frames[c++], uncertain))
        status = unpack(&set->frames[c], uncertain, message + at, error);
    memory_free(message);
    return status;
}

mlsoap_status shared_prediction(parallel *ranks, const mlsoap_potential *potential, frame_set *set, const char *what,
                                training_log *log, mlsoap_error *error)
{
    bool uncertain = mlsoap_potential_has_uncertainty(potential);
    frame_set own = *set;
    size_t begin, end;
    frames_of_rank(ranks, parallel_rank(ranks), set, &begin, &end);
    own.frames += begin;
    own.n_frames = end - begin;
    progress *bar = training_log_progress(log, what, own.n_frames);
    mlsoap_status status = predict_frames(potential, &own, bar, error);
    progress_end(bar);
    status = parallel_meet(ranks, status, error);
    for (int rank = 0; rank < parallel_size(ranks) && !status && parallel_size(ranks) > 1; rank++)
        status = share(ranks, rank, set, uncertain, error);
    return status;
}
