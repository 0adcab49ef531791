/* SPDX-License-Identifier: BSD-3-Clause */
/* References beside predictions: arrays for the plots of the report, and X.parity.csv. */
#include "parity.h"

#include "core/file.h"
#include "core/memory.h"
#include "core/parse.h"
#include "core/sorting.h"
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const component_names[N_FRAME_TARGETS][6] = {
    {""}, {"x", "y", "z"}, {"xx", "yy", "zz", "xy", "xz", "yz"}};

static size_t count_numbers(const frame *f, frame_target target)
{
    if (!f->has_prediction) return 0;
    switch (target) {
    case TARGET_ENERGY:
        return f->has_energy ? 1 : 0;
    case TARGET_FORCES:
        return f->has_forces ? 3 * f->structure.n_atoms : 0;
    default:
        return f->has_virial ? 6 : 0;
    }
}

/* Number k of a target of a frame, reference and prediction, in the units of the plots. */
static void number_of(const frame *f, frame_target target, size_t k, double *reference, double *prediction)
{
    double n = (double)f->structure.n_atoms;
    switch (target) {
    case TARGET_ENERGY:
        *reference = f->energy / n;
        *prediction = f->predicted_energy / n;
        break;
    case TARGET_FORCES:
        *reference = f->forces[k / 3][k % 3];
        *prediction = f->predicted_forces[k / 3][k % 3];
        break;
    default:
        *reference = f->virial[k] / n;
        *prediction = f->predicted_virial[k] / n;
        break;
    }
}

static double spread_of(const double *values, size_t n)
{
    double mean = 0, sum = 0;
    if (n == 0) return 0;
    for (size_t i = 0; i < n; i++) mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++) sum += (values[i] - mean) * (values[i] - mean);
    return sqrt(sum / (double)n);
}

mlsoap_status parity_collect(const frame_set *set, frame_target target, parity_data *data, mlsoap_error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n_frames; i++) n += count_numbers(&set->frames[i], target);
    *data = (parity_data){.reference = MEMORY_NEW(double, n),
                          .prediction = MEMORY_NEW(double, n),
                          .errors = MEMORY_NEW(double, n),
                          .n = n};
    if (!data->reference || !data->prediction || !data->errors) {
        parity_release(data);
        return status_no_memory(error, 3 * n * sizeof(double), "the parity data of the report");
    }
    size_t next = 0;
    for (size_t i = 0; i < set->n_frames; i++) {
        size_t n_here = count_numbers(&set->frames[i], target);
        for (size_t k = 0; k < n_here; k++, next++) {
            number_of(&set->frames[i], target, k, &data->reference[next], &data->prediction[next]);
            data->errors[next] = fabs(data->prediction[next] - data->reference[next]);
        }
    }
    sort_reals(data->errors, n);
    data->spread = spread_of(data->reference, n);
    return MLSOAP_SUCCESS;
}

void parity_release(parity_data *data)
{
    memory_free(data->reference);
    memory_free(data->prediction);
    memory_free(data->errors);
    *data = (parity_data){0};
}

static double length_of(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

mlsoap_status parity_directions_find(const frame_set *set, parity_directions *d, mlsoap_error *error)
{
    static const double degrees = 57.29577951308232;
    size_t n_atoms = 0;
    double squares = 0;
    *d = (parity_directions){0};
    for (size_t i = 0; i < set->n_frames; i++) {
        size_t n_here = count_numbers(&set->frames[i], TARGET_FORCES) / 3;
        for (size_t k = 0; k < n_here; k++) squares += pow(length_of(set->frames[i].forces[k]), 2);
        n_atoms += n_here;
    }
    d->angles = MEMORY_NEW(double, n_atoms);
    if (!d->angles) return status_no_memory(error, n_atoms * sizeof(double), "the directions of the forces");
    d->least = n_atoms > 0 ? 0.1 * sqrt(squares / (double)n_atoms) : 0;
    for (size_t i = 0; i < set->n_frames; i++) {
        const frame *f = &set->frames[i];
        size_t n_here = count_numbers(f, TARGET_FORCES) / 3;
        for (size_t k = 0; k < n_here; k++) {
            const double *a = f->forces[k], *b = f->predicted_forces[k];
            double lengths = length_of(a) * length_of(b);
            if (!(length_of(a) >= d->least && d->least > 0)) continue;
            double cosine = lengths > 0 ? (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / lengths : lengths;
            d->mean_cosine += cosine;
            d->angles[d->n++] = degrees * acos(cosine > 1 ? 1 : cosine < -1 ? -1 : cosine); /* a NaN stays */
        }
    }
    if (d->n > 0) d->mean_cosine /= (double)d->n;
    sort_reals(d->angles, d->n);
    return MLSOAP_SUCCESS;
}

void parity_directions_release(parity_directions *d)
{
    memory_free(d->angles);
    *d = (parity_directions){0};
}

void parity_forces_by_species(const frame_set *set, parity_species by_number[119])
{
    memset(by_number, 0, 119 * sizeof by_number[0]);
    for (size_t i = 0; i < set->n_frames; i++) {
        const frame *f = &set->frames[i];
        size_t n_here = count_numbers(f, TARGET_FORCES);
        for (size_t k = 0; k < n_here; k++) {
            parity_species *s = &by_number[f->structure.species[k / 3]];
            double e = fabs(f->predicted_forces[k / 3][k % 3] - f->forces[k / 3][k % 3]);
            s->n++;
            s->mae += e;
            s->rmse += e * e;
            if (isnan(e) || e > s->max) s->max = e; /* a NaN stays */
        }
    }
    for (int z = 0; z < 119; z++) {
        if (by_number[z].n == 0) continue;
        by_number[z].mae /= (double)by_number[z].n;
        by_number[z].rmse = sqrt(by_number[z].rmse / (double)by_number[z].n);
    }
}

/* ------------------------------------------------------------------------------------------------- X.parity.csv */

/* A field by RFC 4180: in quotes, with quotes doubled, where it holds a comma, a quote or a line end. NULL: no memory.
 */
static char *csv_field(const char *text)
{
    size_t n = strlen(text), used = 0;
    if (!strpbrk(text, ",\"\r\n")) return memory_copy_text(text);
    char *field = MEMORY_NEW(char, 2 * n + 3);
    if (!field) return NULL;
    field[used++] = '"';
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"') field[used++] = '"';
        field[used++] = text[i];
    }
    field[used] = '"';
    return field;
}

static mlsoap_status write_numbers(file_writer *writer, const char *set_name, const char *file, const frame *f,
                                   const char *config_type, mlsoap_error *error)
{
    static const char *const quantities[N_FRAME_TARGETS] = {"energy", "force", "virial"};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int target = 0; target < N_FRAME_TARGETS; target++) {
        size_t n_here = count_numbers(f, (frame_target)target);
        for (size_t k = 0; k < n_here && !status; k++) {
            double reference, prediction;
            char atom[24] = "", first[32], second[32];
            number_of(f, (frame_target)target, k, &reference, &prediction);
            if (target == TARGET_FORCES) snprintf(atom, sizeof atom, "%zu", k / 3);
            const char *component = component_names[target][target == TARGET_FORCES ? k % 3 : k];
            status = file_writer_print(writer, error, "%s,%s,%zu,%s,%s,%s,%s,%s,%s\n", set_name, file, f->index,
                                       config_type, quantities[target], atom, component, format_real(reference, first),
                                       format_real(prediction, second));
        }
    }
    return status;
}

static mlsoap_status write_set(file_writer *writer, const char *set_name, const frame_set *set, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < set->n_frames && !status; i++) {
        const frame *f = &set->frames[i];
        bool known = f->i_file >= 0 && (size_t)f->i_file < set->n_files;
        char *file = csv_field(known ? set->files[f->i_file].path : ""), *config_type = csv_field(f->config_type);
        status = file && config_type ? write_numbers(writer, set_name, file, f, config_type, error)
                                     : status_no_memory(error, strlen(f->config_type), "a line of the parity file");
        memory_free(file);
        memory_free(config_type);
    }
    return status;
}

mlsoap_status parity_csv_write(const char *path, const report_set sets[N_REPORT_PARTS], mlsoap_error *error)
{
    file_writer *writer = NULL;
    mlsoap_status status = file_writer_open(path, &writer, error);
    if (status) return status;
    status =
        file_writer_print(writer, error, "set,file,frame,config_type,quantity,atom,component,reference,prediction\n");
    for (int part = 0; part < N_REPORT_PARTS && !status; part++) {
        if (sets[part].frames) status = write_set(writer, report_part_names[part], sets[part].frames, error);
    }
    if (!status) return file_writer_commit(writer, error);
    file_writer_discard(writer);
    return status;
}
