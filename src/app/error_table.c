/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors of predictions; see error_table.h. */
#include "app/error_table.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *unit;
} quantities[N_FRAME_TARGETS] = {{"energy", "meV/atom"}, {"forces", "eV/angstrom"}, {"virial", "meV/atom"}};

void error_measure_add(error_measure *m, double difference)
{
    double e = fabs(difference);
    m->n++;
    m->mae += e;
    m->rmse += e * e;
    if (!isnan(m->max) && !(e <= m->max)) m->max = e; /* a NaN enters and stays */
}

void error_measure_finish(error_measure *m)
{
    if (m->n == 0) return;
    m->mae /= (double)m->n;
    m->rmse = sqrt(m->rmse / (double)m->n);
}

static void sum_frame(error_measure sums[N_FRAME_TARGETS], const frame *f)
{
    size_t n_atoms = f->structure.n_atoms;
    double per_atom = 1000.0 / (double)n_atoms;
    if (f->has_energy) error_measure_add(&sums[TARGET_ENERGY], per_atom * (f->predicted_energy - f->energy));
    if (f->has_forces && f->predicted_forces)
        for (size_t i = 0; i < n_atoms; i++)
            for (int a = 0; a < 3; a++)
                error_measure_add(&sums[TARGET_FORCES], f->predicted_forces[i][a] - f->forces[i][a]);
    if (f->has_virial)
        for (int a = 0; a < 6; a++)
            error_measure_add(&sums[TARGET_VIRIAL], per_atom * (f->predicted_virial[a] - f->virial[a]));
}

static mlsoap_status make_row(const frame *const *frames, size_t n, const char *name, error_row *row,
                              mlsoap_error *error)
{
    *row = (error_row){.name = memory_copy_text(name), .n_frames = n};
    if (!row->name) return status_no_memory(error, strlen(name) + 1, "the table of errors");
    for (size_t i = 0; i < n; i++) {
        row->n_atoms += frames[i]->structure.n_atoms;
        sum_frame(row->measures, frames[i]);
    }
    for (int t = 0; t < N_FRAME_TARGETS; t++) error_measure_finish(&row->measures[t]);
    return MLSOAP_SUCCESS;
}

/* By config_type; within one in the order of the set, so that sums do not depend on the sorting. */
static int compare_frames(const void *a, const void *b)
{
    const frame *const *x = a, *const *y = b;
    int order = strcmp((*x)->config_type, (*y)->config_type);
    return order ? order : (*x > *y) - (*x < *y);
}

static mlsoap_status make_rows(const frame **frames, size_t n, error_table *table, mlsoap_error *error)
{
    size_t capacity = 0, end;
    mlsoap_status status = make_row(frames, n, "total", &table->total, error);
    qsort(frames, n, sizeof *frames, compare_frames);
    for (size_t i = 0; i < n && !status; i = end) {
        for (end = i + 1; end < n && !strcmp(frames[end]->config_type, frames[i]->config_type);) end++;
        if (!MEMORY_RESERVE(&table->rows, &capacity, table->n_rows + 1))
            return status_no_memory(error, sizeof *table->rows, "the table of errors");
        status = make_row(frames + i, end - i, frames[i]->config_type, &table->rows[table->n_rows++], error);
    }
    return status;
}

mlsoap_status error_table_new(const frame_set *set, error_table *table, mlsoap_error *error)
{
    size_t n = 0;
    *table = (error_table){0};
    const frame **frames = MEMORY_NEW(const frame *, set->n_frames);
    if (!frames) return status_no_memory(error, set->n_frames * sizeof *frames, "the table of errors");
    for (size_t i = 0; i < set->n_frames; i++)
        if (set->frames[i].has_prediction) frames[n++] = &set->frames[i];
    mlsoap_status status = make_rows(frames, n, table, error);
    memory_free(frames);
    if (status) error_table_release(table);
    return status;
}

void error_table_release(error_table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) memory_free(table->rows[i].name);
    memory_free(table->rows);
    memory_free(table->total.name);
    *table = (error_table){0};
}

static void print_row(const error_row *row, frame_target target, FILE *file)
{
    const error_measure *m = &row->measures[target];
    if (m->n == 0) return;
    if (target == TARGET_FORCES)
        fprintf(file, "  %-28.28s %10zu %11.4f %11.4f %11.4f\n", row->name, m->n, m->mae, m->rmse, m->max);
    else
        fprintf(file, "  %-28.28s %10zu %11.3f %11.3f %11.3f\n", row->name, m->n, m->mae, m->rmse, m->max);
}

void error_table_print(const error_table *table, FILE *file)
{
    char title[64];
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        snprintf(title, sizeof title, "%s (%s)", quantities[t].name, quantities[t].unit);
        if (table->total.measures[t].n == 0) {
            fprintf(file, "%-30s no target in the data\n", title);
            continue;
        }
        fprintf(file, "%-30s %10s %11s %11s %11s\n", title, "N", "MAE", "RMSE", "max");
        for (size_t i = 0; i < table->n_rows; i++) print_row(&table->rows[i], (frame_target)t, file);
        print_row(&table->total, (frame_target)t, file);
    }
}

/* JSON knows no NaN: null, as where there is no target (n tells the two apart). */
static json_t *number_json(const error_measure *m, double value)
{
    return m->n > 0 && isfinite(value) ? json_real(value) : json_null();
}

static json_t *row_json(const error_row *row)
{
    json_t *object = json_object();
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const error_measure *m = &row->measures[t];
        json_t *item = json_pack("{s:I,s:o,s:o,s:o}", "n", (json_int_t)m->n, "mae", number_json(m, m->mae), "rmse",
                                 number_json(m, m->rmse), "max", number_json(m, m->max));
        if (json_object_set_new(object, quantities[t].name, item)) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

json_t *error_table_json(const error_table *table)
{
    json_t *by_type = json_object();
    for (size_t i = 0; i < table->n_rows; i++)
        if (json_object_set_new(by_type, table->rows[i].name, row_json(&table->rows[i]))) {
            json_decref(by_type);
            return NULL;
        }
    return json_pack("{s:o,s:o}", "total", row_json(&table->total), "by_config_type", by_type);
}
