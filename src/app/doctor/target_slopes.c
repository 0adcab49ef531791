/* SPDX-License-Identifier: BSD-3-Clause */
/* Slopes and what they say; see target_slopes.h. */
#include "app/doctor/target_slopes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double CLEAR = 0.8;         /* correlation from which a slope says something */
static const double SLOPE_TOLERANCE = 6; /* slopes between 1/6 and 6 are taken as 1: the smallest unit mistake is 13.6,
                                          * and a model of one volume is no great judge of virials */

static const double SMALL = 0.1; /* of the root mean square: smaller virials of the model say nothing */
static const double NEAR_VOLUME = 1.35;
static const double VERY_CLEAR = 0.9, SURE = 0.99, SURE_TOLERANCE = 1.7; /* a good model can tell 1.9 from 1 */

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

void target_slope_find(const double *data, const double *expected, size_t n, target_slope *slope)
{
    product_sums sums = {0};
    for (size_t i = 0; i < n; i++) add_product(&sums, expected[i], data[i]);
    slope->n = n;
    slope->correlation = correlation(&sums);
    slope->slope = sums.xx > 0 ? copysign(sqrt(sums.yy / sums.xx), sums.xy) : 0;
}

/* What is compared of frame c: components first ... first + 2 of data and model. */
typedef struct virial_pairs {
    const double (*data)[6], (*fitted)[6];
    const double *volumes; /* NULL: 1 */
    size_t n;
    int first;
    double smallest; /* size of the model's virial from which a frame counts */
} virial_pairs;

static double size_of(const double v[6], int first)
{
    return sqrt(v[first] * v[first] + v[first + 1] * v[first + 1] + v[first + 2] * v[first + 2]);
}

/* Logarithm of |data|/|model| * volume^power of a frame. */
static double log_ratio(const virial_pairs *p, size_t c, int power)
{
    double volume = p->volumes ? p->volumes[c] : 1;
    return log(size_of(p->data[c], p->first) / size_of(p->fitted[c], p->first)) + (power ? power * log(volume) : 0);
}

/* The median of log |data|/|model| * volume^power by bisection (one bad group of frames does not move it), or of its
 * distance from a center. */
static double median_log(const virial_pairs *p, int power, double center, bool distance)
{
    double low = -60, high = 60;
    for (int step = 0; step < 60; step++) {
        double middle = 0.5 * (low + high);
        size_t n_below = 0, n_all = 0;
        for (size_t c = 0; c < p->n; c++) {
            if (!(size_of(p->fitted[c], p->first) >= p->smallest)) continue;
            double x = log_ratio(p, c, power) - center;
            n_all++;
            n_below += (distance ? fabs(x) : x) < middle;
        }
        if (2 * n_below >= n_all)
            high = middle;
        else
            low = middle;
    }
    return 0.5 * (low + high);
}

/* Share of the frames in which data and model point the same way. */
static double share_of_same_sign(const virial_pairs *p)
{
    size_t n_same = 0, n_all = 0;
    for (size_t c = 0; c < p->n; c++) {
        double product = 0;
        if (!(size_of(p->fitted[c], p->first) >= p->smallest)) continue;
        for (int k = p->first; k < p->first + 3; k++) product += p->data[c][k] * p->fitted[c][k];
        n_all++;
        n_same += product > 0;
    }
    return n_all ? (double)n_same / (double)n_all : 0.5;
}

/* 1 where data are the model over the volume, -1 where they are the model times the volume, 0 where neither describes
 * them better than a constant factor. */
static int find_volume_power(const virial_pairs *p, double center)
{
    double spread = median_log(p, 0, center, true);
    for (int power = 1; power >= -1; power -= 2) {
        double shifted = median_log(p, power, 0, false);
        if (fabs(shifted) < log(NEAR_VOLUME) && median_log(p, power, shifted, true) < (power > 0 ? 1.2 : 0.9) * spread)
            return power; /* a factor of one over the volume has no other cause; that of the volume may be kbar */
    }
    return 0;
}

void virial_slopes_find(const double (*data)[6], const double (*fitted)[6], const double *volumes, size_t n,
                        virial_slopes *slopes)
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
        virial_pairs pairs = {data, fitted, volumes, n, 3 * g, n ? SMALL * sqrt(groups[g].xx / (double)n) : 0};
        slopes->correlation[g] = correlation(&groups[g]);
        if (!(groups[g].xx > 0 && groups[g].yy > 0)) continue;
        slopes->same_sign[g] = share_of_same_sign(&pairs);
        double center = median_log(&pairs, 0, 0, false);
        slopes->slope[g] = copysign(exp(center), slopes->same_sign[g] - 0.5);
        slopes->volume_power[g] = volumes ? find_volume_power(&pairs, center) : 0;
    }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) slopes->permuted[a][b] = correlation(&crossed[a][b]);
}

/* The unit or mistake whose factor is nearest to |slope|, in words. */
static const char *likely_cause(const virial_slopes *s, int g)
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
    double distance = INFINITY, slope = s->slope[g];
    if (s->volume_power[g] > 0)
        return "a stress in eV/angstrom^3 was given as virial: a virial is in eV, -stress * volume";
    if (s->volume_power[g] < 0)
        return "a virial in eV was given as stress: a stress is in eV/angstrom^3, -virial / volume";
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
    int order[2] = {fabs(s->correlation[1]) > fabs(s->correlation[0]), 0};
    order[1] = !order[0];
    for (int k = 0; k < 2; k++) { /* the clearer one first; where it is sound, the other must be very clear */
        int g = order[k];
        double slope = s->slope[g];
        bool most_agree = s->correlation[g] * slope > 0;
        if (!(fabs(s->correlation[g]) >= (k == 0 ? CLEAR : VERY_CLEAR)) || !most_agree) continue;
        if (slope > 1 / SLOPE_TOLERANCE && slope < SLOPE_TOLERANCE) continue;
        snprintf(text, size,
                 "the %s virials of the data are %.4g times those of a model fitted to energies and forces alone "
                 "(correlation %.3f over %zu frames, 1 is expected): %s%s",
                 names[g], slope, s->correlation[g], s->n_frames, slope < 0 ? "the sign is wrong, " : "",
                 likely_cause(s, g));
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

/* What makes energies `factor` times as large as the forces say. */
static const struct {
    double factor;
    const char *text;
} energy_causes[] = {
    {1 / 27.211386, "energies in hartree beside forces in eV/angstrom"},
    {1 / 13.605693, "energies in rydberg beside forces in eV/angstrom"},
    {51.422067, "forces in hartree/bohr beside energies in eV"},
    {25.711034, "forces in rydberg/bohr beside energies in eV"},
    {27.211386, "forces in hartree/angstrom beside energies in eV"},
    {1.889726, "forces per bohr beside lengths in angstrom (such as hartree/bohr beside hartree)"},
    {0.529177, "lengths in bohr beside forces per angstrom"},
    {23.060549, "energies in kcal/mol beside forces in eV/angstrom"},
    {1 / 23.060549, "forces in kcal/mol/angstrom beside energies in eV"},
    {96.485332, "energies in kJ/mol beside forces in eV/angstrom"},
    {1 / 96.485332, "forces in kJ/mol/angstrom beside energies in eV"},
    {4.184, "energies in kJ/mol beside forces in kcal/mol/angstrom"},
    {1000, "energies in meV beside forces in eV/angstrom"},
    {0.001, "forces in meV/angstrom beside energies in eV"},
    {10, "forces in eV/nm ... or lengths in nm"},
};

/* The causes whose factor is within 20 % of the slope; 40 % where there is none so near. */
static void list_energy_causes(double slope, double n_atoms, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (double reach = log(1.2); used == 0 && reach < log(1.45); reach += log(1.2)) {
        if (n_atoms > 1.5 && fabs(log(slope * n_atoms)) < reach)
            used += (size_t)snprintf(text + used, size - used, "energies per atom instead of those of the cell");
        for (size_t i = 0; i < sizeof energy_causes / sizeof *energy_causes && used < size; i++)
            if (fabs(log(slope / energy_causes[i].factor)) < reach)
                used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", or " : "", energy_causes[i].text);
    }
    if (used == 0) snprintf(text, size, "units that do not belong together");
}

bool energy_slope_verdict(const target_slope *s, double n_atoms, char *text, size_t size)
{
    char causes[400];
    text[0] = '\0';
    double strength = fabs(s->correlation), tolerance = strength >= SURE ? SURE_TOLERANCE : SLOPE_TOLERANCE;
    if (!(strength >= VERY_CLEAR) || (s->slope < tolerance && s->slope > 1 / tolerance)) return false;
    if (s->slope < 0)
        snprintf(causes, sizeof causes, "the sign of the forces is wrong (gradients?)");
    else
        list_energy_causes(s->slope, n_atoms, causes, sizeof causes);
    snprintf(
        text, size,
        "the energies of the data change %.4g times as much as their forces say (correlation %.3f over %zu frames, 1 "
        "is expected): it looks like %s; mlsoap needs eV, angstrom and eV/angstrom",
        s->slope, s->correlation, s->n, causes);
    return true;
}
