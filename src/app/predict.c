/* SPDX-License-Identifier: BSD-3-Clause */
/* Predictions for many frames; see predict.h. */
#include "app/predict.h"

#include "core/memory.h"

/* What the threads share. The failure that is reported is the one of the first frame that fails, whatever thread met
 * which first. */
typedef struct prediction {
    const mlsoap_potential *potential;
    frame_set *set;
    progress *bar;
    size_t i_failed; /* SIZE_MAX: none */
    mlsoap_status status;
    mlsoap_error error;
} prediction;

/* Uncertainties of the atoms: two arrays of the library side by side. */
static mlsoap_status predict_uncertainty(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                         const mlsoap_structure_view *view, frame *f, mlsoap_error *error)
{
    size_t n = view->n_atoms;
    double *columns = memory_new(n, 2 * sizeof *columns);
    if (!f->predicted_uncertainty) f->predicted_uncertainty = memory_new(n, sizeof *f->predicted_uncertainty);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!columns || !f->predicted_uncertainty)
        status = status_no_memory(error, 4 * n * sizeof(double), "uncertainties");
    else
        status = mlsoap_uncertainty_structure(potential, workspace, view, columns, columns + n, error);
    for (size_t i = 0; i < n && !status; i++) {
        f->predicted_uncertainty[i][0] = columns[i];
        f->predicted_uncertainty[i][1] = columns[n + i];
    }
    memory_free(columns);
    return status;
}

static mlsoap_status predict_frame(const mlsoap_potential *potential, mlsoap_workspace *workspace, frame *f,
                                   mlsoap_error *error)
{
    const structure *s = &f->structure;
    mlsoap_structure_view view = {.size = sizeof view,
                                  .n_atoms = s->n_atoms,
                                  .species = s->species,
                                  .positions = (const double *)s->positions,
                                  .cell = &s->cell[0][0],
                                  .pbc = s->pbc};
    if (!f->predicted_forces) {
        void *forces = memory_new(s->n_atoms, sizeof *f->predicted_forces);
        if (!forces) return status_no_memory(error, s->n_atoms * sizeof *f->predicted_forces, "predicted forces");
        f->predicted_forces = forces;
    }
    f->has_prediction = false;
    mlsoap_status status = mlsoap_evaluate_structure(potential, workspace, &view, &f->predicted_energy, NULL,
                                                     (double *)f->predicted_forces, f->predicted_virial, error);
    if (!status && mlsoap_potential_has_uncertainty(potential))
        status = predict_uncertainty(potential, workspace, &view, f, error);
    f->has_prediction = !status;
    return status;
}

static void record_failure(prediction *p, size_t i_frame, mlsoap_status status, const mlsoap_error *error)
{
#pragma omp critical(predict_failure)
    {
        if (i_frame <= p->i_failed) {
            p->i_failed = i_frame;
            p->status = status;
            p->error = *error;
        }
    }
}

static size_t first_failure(prediction *p)
{
    size_t i;
#pragma omp atomic read
    i = p->i_failed;
    return i;
}

/* The share of one thread. */
static void predict_share(prediction *p)
{
    mlsoap_error error = {0};
    mlsoap_workspace *workspace = NULL;
    mlsoap_status made = mlsoap_workspace_new(p->potential, &workspace, &error);
    if (made) record_failure(p, 0, made, &error);
#pragma omp for schedule(dynamic)
    for (size_t i = 0; i < p->set->n_frames; i++) {
        if (made || i > first_failure(p)) continue;
        mlsoap_status status = predict_frame(p->potential, workspace, &p->set->frames[i], &error);
        if (status) record_failure(p, i, status, &error);
        progress_add(p->bar, 1);
    }
    mlsoap_workspace_free(workspace);
}

mlsoap_status predict_frames(const mlsoap_potential *potential, frame_set *set, progress *bar, mlsoap_error *error)
{
    prediction p = {.potential = potential, .set = set, .bar = bar, .i_failed = SIZE_MAX};
#pragma omp parallel
    predict_share(&p);
    if (!p.status) return MLSOAP_SUCCESS;
    if (error) *error = p.error;
    const frame *f = &set->frames[p.i_failed];
    const char *file = (size_t)f->i_file < set->n_files ? set->files[f->i_file].path : "data";
    return status_prefix(error, p.status, "%s: frame %zu (line %ld)", file, f->index, f->line);
}
