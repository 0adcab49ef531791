/* SPDX-License-Identifier: BSD-3-Clause */
/* Uncertainties against errors; see reliability.h. */
#include "app/reliability.h"

#include "core/memory.h"
#include "core/sorting.h"

#include <math.h>

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

mlsoap_status reliability_find(const frame_set *set, reliability *r, mlsoap_error *error)
{
    *r = (reliability){.spearman = NAN};
    reliability_energies(set, r);
    for (size_t c = 0; c < set->n_frames; c++)
        r->n += reliability_has_forces(&set->frames[c]) ? set->frames[c].structure.n_atoms : 0;
    if (r->n == 0) return MLSOAP_SUCCESS;
    double *uncertainties = memory_new(r->n, 2 * sizeof *uncertainties);
    ranked_real *sorted = MEMORY_NEW(ranked_real, r->n);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!uncertainties || !sorted) {
        status = status_no_memory(error, r->n * (2 * sizeof(double) + sizeof *sorted), "the reliability");
    } else {
        double *errors = uncertainties + r->n;
        size_t at = 0;
        for (size_t c = 0; c < set->n_frames; c++)
            for (size_t i = 0; i < set->frames[c].structure.n_atoms && reliability_has_forces(&set->frames[c]);
                 i++, at++) {
                uncertainties[at] = set->frames[c].predicted_uncertainty[i][1];
                errors[at] = reliability_force_error(&set->frames[c], i);
            }
        status = rank_correlation(r->n, uncertainties, errors, &r->spearman, error);
        sort_column(r->n, uncertainties, sorted);
        r->total = make_bin(sorted, 0, r->n, errors);
        for (size_t b = 0; b < RELIABILITY_BINS && r->n >= RELIABILITY_BINS; b++)
            r->bins[b] = make_bin(sorted, b * r->n / RELIABILITY_BINS, (b + 1) * r->n / RELIABILITY_BINS, errors);
    }
    memory_free(uncertainties);
    memory_free(sorted);
    return status;
}

static void print_bin(const char *name, const reliability_bin *bin, FILE *file)
{
    fprintf(file, "%-18s%8zu%14.4f%14.4f%11.1f %%\n", name, bin->n, bin->predicted, bin->error, 100 * bin->within);
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
    fprintf(file, "rank correlation (Spearman) over %zu atoms: %.3f\n", r->n, r->spearman);
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

json_t *reliability_json(const reliability *r)
{
    if (r->n == 0) return json_null();
    json_t *bins = json_array();
    for (int b = 0; b < RELIABILITY_BINS && r->n >= RELIABILITY_BINS; b++)
        if (json_array_append_new(bins, bin_json(&r->bins[b]))) {
            json_decref(bins);
            return NULL;
        }
    return json_pack("{s:I, s:o, s:o, s:{s:I, s:o, s:o}, s:o}", "n", (json_int_t)r->n, "spearman", number(r->spearman),
                     "forces", bin_json(&r->total), "energy", "n", (json_int_t)r->n_energies, "uncertainty",
                     number(1e3 * r->energy_predicted), "error", number(1e3 * r->energy_error), "bins", bins);
}
