/* SPDX-License-Identifier: BSD-3-Clause */
/* Check of the virials; see virial_check.h. */
#include "virial_check.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FRAMES = 20 };
static const double CLEAR = 0.7;         /* correlation from which a slope says something */
static const double SLOPE_TOLERANCE = 6; /* slopes between 1/6 and 6 are taken as 1: the smallest unit mistake is 13.6,
                                          * and a model of one volume is no great judge of virials */

typedef struct product_sums {
    double xy, xx, yy;
} product_sums;

static void add_product(product_sums *s, double x, double y)
{
    s->xy += x * y;
    s->xx += x * x;
    s->yy += y * y;
}

static double correlation(const product_sums *s)
{
    return s->xx > 0 && s->yy > 0 ? s->xy / sqrt(s->xx * s->yy) : 0;
}

void virial_slopes_find(const double (*data)[6], const double (*fitted)[6], size_t n, virial_slopes *slopes)
{
    product_sums groups[2] = {{0}}, crossed[3][3] = {{{0}}};
    for (size_t c = 0; c < n; c++) {
        for (int k = 0; k < 6; k++) add_product(&groups[k / 3], fitted[c][k], data[c][k]);
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++) add_product(&crossed[a][b], fitted[c][3 + b], data[c][3 + a]);
    }
    memset(slopes, 0, sizeof *slopes);
    slopes->n_frames = n;
    for (int g = 0; g < 2; g++) {
        /* the geometric mean of both regressions: noise in either does not pull it to 0 */
        slopes->correlation[g] = correlation(&groups[g]);
        slopes->slope[g] = groups[g].xx > 0 ? copysign(sqrt(groups[g].yy / groups[g].xx), groups[g].xy) : 0;
    }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) slopes->permuted[a][b] = correlation(&crossed[a][b]);
}

/* The unit or mistake whose factor is nearest to |slope|, in words. */
static const char *likely_cause(double slope)
{
    static const struct {
        double factor;
        const char *text;
    } causes[] = {
        {1, "it is that of the stress, or of another convention; write the virial as W = -dE/d(strain)"},
        {1602.1766208, "a stress in kbar was read as eV/angstrom^3: divide it by 1602.1766"},
        {160.21766208, "a stress in GPa was read as eV/angstrom^3: divide it by 160.21766"},
        {1602176.6208, "a stress in bar was read as eV/angstrom^3: divide it by 1602176.6"},
        {27.211386, "a Hartree was read as eV, or eV as Hartree"},
        {13.605693, "a Rydberg was read as eV, or eV as Rydberg"},
        {183.63, "atomic units (Hartree/Bohr^3) were read as eV/angstrom^3, or the other way around"},
    };
    size_t best = 0;
    double distance = INFINITY;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        double d = fabs(fabs(log(fabs(slope))) - log(causes[i].factor));
        if (d < distance) {
            distance = d;
            best = i;
        }
    }
    return distance < 0.25 ? causes[best].text
                           : "the unit is another, or a virial was read as stress (or a stress as virial): virials are "
                             "in eV per cell, stress in eV/angstrom^3";
}

bool virial_slopes_verdict(const virial_slopes *s, char *text, size_t size)
{
    static const char *const names[] = {"diagonal", "off-diagonal"};
    static const char *const shear[] = {"xy", "xz", "yz"};
    text[0] = '\0';
    for (int g = 0; g < 2; g++) {
        double slope = s->slope[g];
        if (!(fabs(s->correlation[g]) >= CLEAR)) continue;
        if (slope > 1 / SLOPE_TOLERANCE && slope < SLOPE_TOLERANCE) continue;
        snprintf(text, size,
                 "the %s virials of the data are %.4g times those of a model fitted to energies and forces alone "
                 "(correlation %.3f over %zu frames, 1 is expected): %s%s",
                 names[g], slope, s->correlation[g], s->n_frames, slope < 0 ? "the sign is wrong, " : "",
                 likely_cause(slope));
        return true;
    }
    int best[3];
    for (int a = 0; a < 3; a++) {
        best[a] = 0;
        for (int b = 1; b < 3; b++)
            if (fabs(s->permuted[a][b]) > fabs(s->permuted[a][best[a]])) best[a] = b;
        if (!(fabs(s->permuted[a][best[a]]) >= CLEAR)) return false;
    }
    if (best[0] == 0 && best[1] == 1 && best[2] == 2) return false;
    if (best[0] == best[1] || best[1] == best[2] || best[0] == best[2]) return false;
    snprintf(text, size,
             "the off-diagonal virials of the data are in another order: where xy xz yz should stand, stand %s %s %s "
             "(by a model fitted to energies and forces alone, %zu frames); virials are read as xx yy zz xy xz yz, a "
             "stress of six numbers as xx yy zz yz xz xy",
             shear[best[0]], shear[best[1]], shear[best[2]], s->n_frames);
    return true;
}

mlsoap_status virial_check(const mlsoap_potential *fitted, const dataset *data, check_list *list, mlsoap_error *error)
{
    double reference[MOST_FRAMES][6], predicted[MOST_FRAMES][6];
    size_t n_with = 0, n = 0, seen = 0;
    mlsoap_workspace *workspace = NULL;
    for (size_t c = 0; c < data->train.n_frames; c++) n_with += data->train.frames[c].has_virial;
    if (n_with == 0) return MLSOAP_SUCCESS;
    mlsoap_status status = mlsoap_workspace_new(fitted, &workspace, error);
    size_t wanted = n_with < MOST_FRAMES ? n_with : MOST_FRAMES;
    for (size_t c = 0; c < data->train.n_frames && n < wanted && !status; c++) {
        const frame *f = &data->train.frames[c];
        if (!f->has_virial || seen++ != n * n_with / wanted) continue;
        status = potential_evaluate(fitted, workspace, &f->structure, NULL, NULL, NULL, predicted[n], error);
        for (int k = 0; k < 6; k++) {
            reference[n][k] = f->virial[k] / (double)f->structure.n_atoms;
            predicted[n][k] /= (double)f->structure.n_atoms;
        }
        n++;
    }
    mlsoap_workspace_free(workspace);
    if (status) return status;
    virial_slopes slopes;
    char text[900];
    virial_slopes_find((const double(*)[6])reference, (const double(*)[6])predicted, n, &slopes);
    if (virial_slopes_verdict(&slopes, text, sizeof text))
        return check_add(list, "virial", CHECK_ERROR, n_with, error, "%s: %s", data->train.files[0].path, text);
    return MLSOAP_SUCCESS;
}
