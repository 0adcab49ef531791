/* SPDX-License-Identifier: BSD-3-Clause */
/* Guesses without a model; see baselines.h. */
#include "baselines.h"

#include "app/doctor/offsets.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

static const char *const names[N_BASELINES] = {"guess: mean", "guess: composition"};

static void find_virial(const frame *const *frames, size_t n_frames, double virial[6])
{
    size_t n = 0;
    for (size_t i = 0; i < n_frames; i++) n += frames[i]->has_virial;
    for (size_t i = 0; i < n_frames; i++)
        for (int k = 0; k < 6 && frames[i]->has_virial; k++)
            virial[k] += frames[i]->virial[k] / (double)frames[i]->structure.n_atoms / (double)n;
}

mlsoap_status baselines_find(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                             baselines *b, mlsoap_error *error)
{
    static const offsets_method methods[N_BASELINES] = {OFFSETS_MEAN, OFFSETS_LEAST_SQUARES};
    *b = (baselines){.elements = elements, .n_elements = n_elements};
    find_virial(frames, n_frames, b->virial);
    for (int k = 0; k < N_BASELINES; k++) {
        offsets_result unused;
        b->offsets[k] = MEMORY_NEW(double, (size_t)n_elements);
        if (!b->offsets[k]) return status_no_memory(error, sizeof(double), "the baselines of the errors");
        mlsoap_status status =
            offsets_find(frames, n_frames, elements, n_elements, methods[k], 0, b->offsets[k], &unused, NULL);
        if (status == MLSOAP_ERROR_MEMORY) return status_no_memory(error, 1024, "the baselines of the errors");
        for (int e = 0; e < n_elements && status; e++) b->offsets[k][e] = NAN;
    }
    return MLSOAP_SUCCESS;
}

void baselines_release(baselines *b)
{
    for (int k = 0; k < N_BASELINES; k++) memory_free(b->offsets[k]);
    *b = (baselines){0};
}

/* Into copies of the frames, whose predictions are those of the baseline. */
static mlsoap_status guess(const baselines *b, int which, frame_set *copies, double (*zeros)[3], error_row *row,
                           mlsoap_error *error)
{
    error_table table = {0};
    for (size_t i = 0; i < copies->n_frames; i++) {
        frame *f = &copies->frames[i];
        f->has_prediction = true;
        f->predicted_forces = zeros;
        f->predicted_energy = offsets_energy(&f->structure, b->elements, b->n_elements, b->offsets[which]);
        for (int k = 0; k < 6; k++) f->predicted_virial[k] = b->virial[k] * (double)f->structure.n_atoms;
    }
    mlsoap_status status = error_table_new(copies, &table, error);
    char *name = status ? NULL : memory_copy_text(names[which]);
    if (!status && !name) status = status_no_memory(error, 32, "the baselines of the errors");
    if (!status) {
        *row = table.total;
        row->name = name;
        memory_free(table.total.name);
        table.total.name = NULL;
    }
    error_table_release(&table);
    return status;
}

mlsoap_status baselines_errors(const baselines *b, const frame_set *set, error_row rows[N_BASELINES],
                               mlsoap_error *error)
{
    size_t largest = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    memset(rows, 0, N_BASELINES * sizeof *rows);
    for (size_t i = 0; i < set->n_frames; i++)
        if (set->frames[i].structure.n_atoms > largest) largest = set->frames[i].structure.n_atoms;
    frame_set copies = {.frames = MEMORY_NEW(frame, set->n_frames), .n_frames = set->n_frames};
    double(*zeros)[3] = memory_new(largest, sizeof *zeros);
    if (!copies.frames || !zeros) status = status_no_memory(error, 1024, "the baselines of the errors");
    for (int k = 0; k < N_BASELINES && !status; k++) {
        memcpy(copies.frames, set->frames, set->n_frames * sizeof *set->frames);
        status = guess(b, k, &copies, zeros, &rows[k], error);
    }
    memory_free(copies.frames);
    memory_free(zeros);
    return status;
}

void baselines_rows_release(error_row rows[N_BASELINES])
{
    for (int k = 0; k < N_BASELINES; k++) {
        memory_free(rows[k].name);
        rows[k].name = NULL;
    }
}
