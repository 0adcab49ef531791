/* SPDX-License-Identifier: BSD-3-Clause */
/* Uncertainties against errors; see reliability.h. */
#include "app/reliability.h"

#include "core/memory.h"
#include "core/sorting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_ATOMS = 100 }; /* whose rank correlation is known to 0.1 */

static void sort_column(size_t n, const double *x, ranked_real *sorted)
{
    for (size_t i = 0; i < n; i++) sorted[i] = (ranked_real){x[i], i};
    sort_ranked(sorted, n);
}

/* Ranks around 0; equal values share their mean. */
static void find_ranks(size_t n, const double *x, ranked_real *sorted, double *rank)
{
    sort_column(n, x, sorted);
    for (size_t first = 0, last; first < n; first = last) {
        for (last = first + 1; last < n && sorted[last].value == sorted[first].value; last++)
            ;
        for (size_t k = first; k < last; k++) rank[sorted[k].index] = 0.5 * ((double)first + (double)last - (double)n);
    }
}

mlsoap_status rank_correlation(size_t n, const double *x, const double *y, double *correlation, mlsoap_error *error)
{
    ranked_real *sorted = MEMORY_NEW(ranked_real, n);
    double *ranks = memory_new(n, 2 * sizeof *ranks), xy = 0, xx = 0, yy = 0;
    *correlation = NAN;
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!sorted || !ranks) {
        status = status_no_memory(error, n * (sizeof *sorted + 2 * sizeof *ranks), "a rank correlation");
    } else {
        find_ranks(n, x, sorted, ranks);
        find_ranks(n, y, sorted, ranks + n);
        for (size_t i = 0; i < n; i++) {
            xy += ranks[i] * ranks[n + i];
            xx += ranks[i] * ranks[i];
            yy += ranks[n + i] * ranks[n + i];
        }
        if (xx > 0 && yy > 0) *correlation = xy / sqrt(xx * yy);
    }
    memory_free(sorted);
    memory_free(ranks);
    return status;
}

bool reliability_has_forces(const frame *f)
{
    return f->has_prediction && f->predicted_uncertainty && f->has_forces && f->predicted_forces;
}

double reliability_force_error(const frame *f, size_t i)
{
    double square = 0;
    for (int a = 0; a < 3; a++) square += pow(f->predicted_forces[i][a] - f->forces[i][a], 2);
    return sqrt(square);
}

void reliability_energies(const frame_set *set, reliability *r)
{
    for (size_t c = 0; c < set->n_frames; c++) {
        const frame *f = &set->frames[c];
        double n = (double)f->structure.n_atoms, mean = 0;
        if (!f->has_prediction || !f->predicted_uncertainty || !f->has_energy) continue;
        for (size_t i = 0; i < f->structure.n_atoms; i++) mean += f->predicted_uncertainty[i][0] / n;
        r->energy_predicted += mean * mean;
        r->energy_error += pow((f->predicted_energy - f->energy) / n, 2);
        r->n_energies++;
    }
    if (r->n_energies == 0) return;
    r->energy_predicted = sqrt(r->energy_predicted / (double)r->n_energies);
    r->energy_error = sqrt(r->energy_error / (double)r->n_energies);
}

static reliability_bin make_bin(const ranked_real *sorted, size_t first, size_t last, const double *errors)
{
    reliability_bin bin = {.n = last - first};
    for (size_t k = first; k < last; k++) {
        double u = sorted[k].value, e = errors[sorted[k].index];
        bin.predicted += u * u;
        bin.error += e * e;
        bin.within += e <= u;
    }
    if (bin.n == 0) return bin;
    bin.predicted = sqrt(bin.predicted / (double)bin.n);
    bin.error = sqrt(bin.error / (double)bin.n);
    bin.within /= (double)bin.n;
    return bin;
}

/* Room for all atoms. */
typedef struct columns {
    double *uncertainties, *errors;
    ranked_real *sorted;
} columns;

static size_t fill(const frame *const *frames, size_t n_frames, const columns *c)
{
    size_t n = 0;
    for (size_t k = 0; k < n_frames; k++)
        for (size_t i = 0; i < frames[k]->structure.n_atoms; i++, n++) {
            c->uncertainties[n] = frames[k]->predicted_uncertainty[i][1];
            c->errors[n] = reliability_force_error(frames[k], i);
        }
    sort_column(n, c->uncertainties, c->sorted);
    return n;
}

/* By config_type; within one in the order of the set. */
static int compare_frames(const void *a, const void *b)
{
    const frame *const *x = a, *const *y = b;
    int order = strcmp((*x)->config_type, (*y)->config_type);
    return order ? order : (*x > *y) - (*x < *y);
}

static mlsoap_status find_rows(const frame **frames, size_t n_frames, const columns *c, reliability *r,
                               mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    qsort(frames, n_frames, sizeof *frames, compare_frames);
    for (size_t i = 0, end; i < n_frames && !status; i = end) {
        for (end = i + 1; end < n_frames && !strcmp(frames[end]->config_type, frames[i]->config_type);) end++;
        size_t n = fill(frames + i, end - i, c);
        reliability_row *row = &r->rows[r->n_rows++];
        *row = (reliability_row){.name = frames[i]->config_type, .atoms = make_bin(c->sorted, 0, n, c->errors)};
        status = rank_correlation(n, c->uncertainties, c->errors, &row->spearman, error);
    }
    return status;
}

static mlsoap_status find_all(const frame **frames, size_t n_frames, const columns *c, reliability *r,
                              mlsoap_error *error)
{
    fill(frames, n_frames, c);
    r->total = make_bin(c->sorted, 0, r->n, c->errors);
    for (size_t b = 0; b < RELIABILITY_BINS && r->n >= RELIABILITY_BINS; b++)
        r->bins[b] = make_bin(c->sorted, b * r->n / RELIABILITY_BINS, (b + 1) * r->n / RELIABILITY_BINS, c->errors);
    mlsoap_status status = rank_correlation(r->n, c->uncertainties, c->errors, &r->spearman, error);
    return status ? status : find_rows(frames, n_frames, c, r, error);
}

mlsoap_status reliability_find(const frame_set *set, reliability *r, mlsoap_error *error)
{
    size_t n_frames = 0;
    *r = (reliability){.spearman = NAN};
    reliability_energies(set, r);
    const frame **frames = MEMORY_NEW(const frame *, set->n_frames);
    for (size_t c = 0; c < set->n_frames && frames; c++) {
        if (!reliability_has_forces(&set->frames[c])) continue;
        frames[n_frames++] = &set->frames[c];
        r->n += set->frames[c].structure.n_atoms;
    }
    r->rows = MEMORY_NEW(reliability_row, n_frames);
    const columns c = {MEMORY_NEW(double, r->n), MEMORY_NEW(double, r->n), MEMORY_NEW(ranked_real, r->n)};
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!frames || !r->rows || !c.uncertainties || !c.errors || !c.sorted)
        status = status_no_memory(error, r->n * (2 * sizeof(double) + sizeof *c.sorted), "the reliability");
    else if (r->n > 0)
        status = find_all(frames, n_frames, &c, r, error);
    memory_free(frames);
    memory_free(c.uncertainties);
    memory_free(c.errors);
    memory_free(c.sorted);
    return status;
}

void reliability_release(reliability *r)
{
    memory_free(r->rows);
    r->rows = NULL;
    r->n_rows = 0;
}

const char *reliability_remark(size_t n, double spearman)
{
    if (n < FEWEST_ATOMS || !(spearman < 0.3)) return NULL;
    return "below 0.3: the uncertainties do not tell which of atoms like these have the larger errors of forces";
}

static void print_bin(const char *name, const reliability_bin *bin, FILE *file)
{
    fprintf(file, "%-18s%8zu%14.4f%14.4f%11.1f %%\n", name, bin->n, bin->predicted, bin->error, 100 * bin->within);
}

static void print_rows(const reliability *r, FILE *file)
{
    if (r->n_rows < 2) return;
    fprintf(file, "by config_type%58s\n", "Spearman");
    for (size_t k = 0; k < r->n_rows; k++) {
        const reliability_bin *bin = &r->rows[k].atoms;
        fprintf(file, "  %-16.16s%8zu%14.4f%14.4f%11.1f %%%11.3f\n", r->rows[k].name, bin->n, bin->predicted,
                bin->error, 100 * bin->within, r->rows[k].spearman);
    }
}

void reliability_print(const reliability *r, FILE *file)
{
    if (r->n == 0) return;
    fprintf(file, "\nuncertainty of the forces, atoms by ascending uncertainty (RMS, eV/angstrom)\n");
    fprintf(file, "%-18s%8s%14s%14s%13s\n", "", "atoms", "uncertainty", "true error", "error below");
    for (int b = 0; b < RELIABILITY_BINS && r->n >= RELIABILITY_BINS; b++) {
        char name[32];
        snprintf(name, sizeof name, "%d to %d %%", 100 * b / RELIABILITY_BINS, 100 * (b + 1) / RELIABILITY_BINS);
        print_bin(name, &r->bins[b], file);
    }
    print_bin("total", &r->total, file);
    print_rows(r, file);
    const char *remark = reliability_remark(r->n, r->spearman);
    fprintf(file, "rank correlation (Spearman) over %zu atoms: %.3f%s%s\n", r->n, r->spearman, remark ? ", " : "",
            remark ? remark : "");
    if (r->n_energies)
        fprintf(file, "uncertainty of E/N %.3f meV/atom (RMS over %zu frames), true error %.3f meV/atom\n",
                1e3 * r->energy_predicted, r->n_energies, 1e3 * r->energy_error);
}

static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *bin_json(const reliability_bin *bin)
{
    return json_pack("{s:I, s:o, s:o, s:o}", "n", (json_int_t)bin->n, "uncertainty", number(bin->predicted), "error",
                     number(bin->error), "within", number(bin->within));
}

static json_t *rows_json(const reliability *r)
{
    json_t *rows = json_object();
    for (size_t k = 0; k < r->n_rows; k++) {
        json_t *row = bin_json(&r->rows[k].atoms);
        json_object_set_new(row, "spearman", number(r->rows[k].spearman));
        if (json_object_set_new(rows, r->rows[k].name, row)) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

json_t *reliability_json(const reliability *r)
{
    if (r->n == 0) return json_null();
    json_t *bins = json_array();
    for (int b = 0; b < RELIABILITY_BINS && r->n >= RELIABILITY_BINS; b++)
        if (json_array_append_new(bins, bin_json(&r->bins[b]))) {
            json_decref(bins);
            return NULL;
        }
    return json_pack("{s:I, s:o, s:o, s:{s:I, s:o, s:o}, s:o, s:o}", "n", (json_int_t)r->n, "spearman",
                     number(r->spearman), "forces", bin_json(&r->total), "energy", "n", (json_int_t)r->n_energies,
                     "uncertainty", number(1e3 * r->energy_predicted), "error", number(1e3 * r->energy_error), "bins",
                     bins, "by_config_type", rows_json(r));
}
