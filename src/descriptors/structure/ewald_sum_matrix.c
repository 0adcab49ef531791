/* SPDX-License-Identifier: BSD-3-Clause */
/* Ewald sum matrix (spec structure-descriptors.md 3): the electrostatic energy of a crystal of bare nuclei in a uniform
 * background, pair by pair, in e^2/Angstrom. With screening a and the cutoffs r_c = f/a, g_c = 2 a f,
 * f = sqrt(-ln accuracy):
 *
 *      R_ij = Z_i Z_j sum_{images, 0 < r <= r_c} erfc(a r)/r
 *      G_ij = (4 pi/V) Z_i Z_j sum_{G != 0, |G| <= g_c} exp(-G^2/4a^2)/G^2 cos(G.(R_i - R_j))
 *      B_ij = -Z_i Z_j pi/(V a^2)
 *      M_ij = R_ij + G_ij + B_ij,   M_ii = (R_ii + G_ii + B_ii)/2 - Z_i^2 a/sqrt(pi)
 *
 * Faber et al. 2015, doi:10.1002/qua.24917, eqs. 14 to 22; default a: Jackson, Catlow 1988,
 * doi:10.1080/08927028808080944. */
#include "core/memory.h"
#include "descriptors/structure/structure_schema.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* Most terms of all sums of a structure: some minutes of work. */
static const double TERMS_MAX = 1e10;

static const schema_key schema[] = {
    STRUCTURE_DESCRIPTOR_KEYS("ewald_sum_matrix"),
    {"accuracy", SCHEMA_REAL, "1e-5", NULL, 1e-15, 0.1, NULL, NULL, "of the sums; sets their cutoffs"},
    {"screening", SCHEMA_REAL, "", "1/angstrom", 1e-3, 1e3, NULL, NULL,
     "a of the Gaussian charges (default: sqrt(pi) (N/V^2)^(1/6))"},
    STRUCTURE_DESCRIPTOR_END};

/** What the sums of one structure share. */
typedef struct ewald {
    const structure *s;
    structure_lattice lattice;
    double a, r_cut, g_cut;
    double *cosines, *sines; /**< [n_atoms] of one G */
} ewald;

static double length(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* Largest coefficients of the lattice vectors (of the cell, or reciprocal) that can reach a length `reach`: row k of
 * the other lattice is 1/height. `extra` widens for differences within the cell. */
static double count_range(const double dual[3][3], double reach, double extra, long range[3])
{
    double terms = 1;
    for (int k = 0; k < 3; k++) {
        double n = floor(reach * length(dual[k]) + extra);
        terms *= 2 * n + 1;
        range[k] = (long)fmin(n, TERMS_MAX);
    }
    return terms;
}

/* sum over images of erfc(a r)/r. */
static double real_sum(const ewald *e, size_t i, size_t j, const long range[3])
{
    double fraction[3], sum = 0;
    structure_lattice_difference(&e->lattice, e->s, i, j, fraction);
    for (int k = 0; k < 3; k++) fraction[k] -= round(fraction[k]);
    if (i == j) fraction[0] = fraction[1] = fraction[2] = 0;
    for (long u = -range[0]; u <= range[0]; u++)
        for (long v = -range[1]; v <= range[1]; v++)
            for (long w = -range[2]; w <= range[2]; w++) {
                if (i == j && u == 0 && v == 0 && w == 0) continue;
                double x[3], f[3] = {fraction[0] + (double)u, fraction[1] + (double)v, fraction[2] + (double)w};
                for (int a = 0; a < 3; a++)
                    x[a] = f[0] * e->s->cell[0][a] + f[1] * e->s->cell[1][a] + f[2] * e->s->cell[2][a];
                double r = length(x);
                if (r <= e->r_cut) sum += erfc(e->a * r) / r;
            }
    return sum;
}

/* M_ij += weight cos(G.(R_i - R_j)) for i >= j, by the cosines and sines of the atoms. */
static void add_wave(const ewald *e, const double G[3], double weight, double *M)
{
    size_t n = e->s->n_atoms;
    for (size_t i = 0; i < n; i++) {
        const double *x = e->s->positions[i];
        double phase = G[0] * x[0] + G[1] * x[1] + G[2] * x[2];
        e->cosines[i] = cos(phase);
        e->sines[i] = sin(phase);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            M[i * n + j] += weight * (e->cosines[i] * e->cosines[j] + e->sines[i] * e->sines[j]);
}

/* M_ij += the reciprocal sum. G and -G are one term: only the first of each pair is visited. */
static void add_reciprocal_sum(const ewald *e, const long range[3], double *M)
{
    for (long u = 0; u <= range[0]; u++)
        for (long v = u > 0 ? -range[1] : 0; v <= range[1]; v++)
            for (long w = u > 0 || v > 0 ? -range[2] : 1; w <= range[2]; w++) {
                double G[3], f[3] = {(double)u, (double)v, (double)w};
                for (int a = 0; a < 3; a++)
                    G[a] = 2 * pi *
                           (f[0] * e->lattice.inverse[0][a] + f[1] * e->lattice.inverse[1][a] +
                            f[2] * e->lattice.inverse[2][a]);
                double g = length(G);
                if (g > e->g_cut) continue;
                add_wave(e, G, 2 * (4 * pi / e->lattice.volume) * exp(-g * g / (4 * e->a * e->a)) / (g * g), M);
            }
}

static void fill(const ewald *e, const long images[3], const long waves[3], double *M)
{
    size_t n = e->s->n_atoms;
    double background = -pi / (e->lattice.volume * e->a * e->a);
    add_reciprocal_sum(e, waves, M);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double charges = (double)e->s->species[i] * (double)e->s->species[j];
            double sum = charges * (M[i * n + j] + real_sum(e, i, j, images) + background);
            M[i * n + j] = M[j * n + i] = i == j ? sum / 2 - charges * e->a / sqrt(pi) : sum;
        }
}

static mlsoap_status ewald_sum_matrix(const structure_descriptor *d, const structure *s, double *M, mlsoap_error *error)
{
    ewald e = {.s = s, .lattice = structure_lattice_of(s)};
    long images[3], waves[3];
    double volume = e.lattice.volume, f = sqrt(-log(d->accuracy)), reciprocal[3][3];
    e.a = d->screening > 0 ? d->screening : sqrt(pi) * pow((double)s->n_atoms / (volume * volume), 1.0 / 6);
    e.r_cut = f / e.a;
    e.g_cut = 2 * e.a * f;
    for (int k = 0; k < 3; k++)
        for (int a = 0; a < 3; a++) reciprocal[k][a] = s->cell[k][a] / (2 * pi);
    double n = (double)s->n_atoms, n_pairs = n * (n + 1) / 2;
    double terms = n_pairs * (count_range((const double(*)[3])e.lattice.inverse, e.r_cut, 0.5, images) +
                              count_range((const double(*)[3])reciprocal, e.g_cut, 0, waves));
    if (!(terms <= TERMS_MAX))
        return status_fail(error, MLSOAP_ERROR_CAPACITY,
                           "the Ewald sums would have %.1e terms, more than %.0e; leave `screening` away or lower the "
                           "accuracy",
                           terms, TERMS_MAX);
    e.cosines = MEMORY_NEW(double, s->n_atoms);
    e.sines = MEMORY_NEW(double, s->n_atoms);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (e.cosines && e.sines)
        fill(&e, (const long *)images, (const long *)waves, M);
    else
        status = status_no_memory(error, 2 * s->n_atoms * sizeof(double), "an Ewald sum");
    memory_free(e.cosines);
    memory_free(e.sines);
    return status;
}

const structure_descriptor_class ewald_sum_matrix_class = {
    .type = "ewald_sum_matrix", .schema = schema, .is_periodic = 1, .matrix = ewald_sum_matrix};
