/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbor lists by a cell list; see neighbor_list.h.
 *
 * Space is cut into bins along the lattice vectors; a direction that is not periodic gets a unit vector perpendicular
 * to the periodic ones. Only occupied bins are kept: the atoms, wrapped into the cell, are sorted by the number of
 * their bin (z runs fastest), so that a row of bins along z is one contiguous range of atoms, found by bisection. Bins
 * are at least r_cut wide where the cell allows; in a smaller cell there is one bin and the search covers as many
 * periodic images as needed. Memory is linear in the atoms whatever the extent, time n log n.
 *
 * r_ij = (w_j - w_i) + n . cell with wrapped positions w = R - shift . cell, so that r_ij = -r_ji to the last bit, and
 * image = n - shift_j + shift_i refers to the positions as given. */
#include "structure/neighbor_list.h"

#include "core/memory.h"
#include "structure/cell.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS_MAX = 1 << 20 };
static const double CELLS_AWAY_MAX = 1e8; /* farther out an image number would not fit or r lose its digits */
static const double IMAGES_MAX = 1e7;     /* bins searched around one bin */
static const double MARGIN = 1.0 + 1e-9;  /* of r_cut, against rounding at the border of a bin */
static const double TOO_CLOSE = 1e-6;     /* two atoms, Angstrom */
static const double SAME_PLACE = 1e-9;    /* a point and an atom, Angstrom */

/** A wrapped atom in its bin. */
typedef struct binned_atom {
    uint64_t bin;
    double position[3]; /**< wrapped */
    int atom, species;
    int shift[3]; /**< w = R - shift . cell */
} binned_atom;

typedef struct neighbor_bins {
    binned_atom *atoms; /**< sorted by bin, then by index */
    size_t n_atoms, capacity;
    double cell[3][3];    /**< lattice vectors, completed */
    double inverse[3][3]; /**< fractional coordinate k = sum_j R_j inverse[j][k] */
    double origin[3];     /**< fractional coordinate at which the bins start: 0 where periodic */
    double bin_width[3];  /**< in fractional coordinates */
    int periodic[3];
    int n_bins[3];
    int reach[3]; /**< bins to search on each side */
    double r_cut;
} neighbor_bins;

/** A center and what of the bins may be near it. */
typedef struct neighbor_center {
    double position[3]; /**< wrapped */
    int bin[3], shift[3];
    int atom; /**< -1 for a point */
} neighbor_center;

static double fractional(const neighbor_bins *b, const double r[3], int k)
{
    return r[0] * b->inverse[0][k] + r[1] * b->inverse[1][k] + r[2] * b->inverse[2][k];
}

/* Bin along direction k of fractional coordinate s; where it is not periodic also one outside, but never far. */
static int bin_of(const neighbor_bins *b, double s, int k)
{
    double bin = floor((s - b->origin[k]) / b->bin_width[k]);
    double low = b->periodic[k] ? 0.0 : -1.0 - b->reach[k];
    double high = b->periodic[k] ? b->n_bins[k] - 1.0 : (double)b->n_bins[k] + b->reach[k];
    return (int)(!(bin >= low) ? low : bin > high ? high : bin);
}

/* Wrap a position along the periodic directions. */
static mlsoap_status wrap(const neighbor_bins *b, const double r[3], double wrapped[3], int shift[3], const char *what,
                          size_t index, mlsoap_error *error)
{
    memcpy(wrapped, r, 3 * sizeof *wrapped);
    for (int k = 0; k < 3; k++) {
        shift[k] = 0;
        if (!b->periodic[k]) continue;
        double cells = floor(fractional(b, r, k));
        if (!(fabs(cells) <= CELLS_AWAY_MAX))
            return status_fail(error, MLSOAP_ERROR_VALUE,
                               "%s %zu is %g cells away from the origin along %c; at most %g are allowed: wrap the "
                               "positions",
                               what, index, cells, 'a' + k, CELLS_AWAY_MAX);
        shift[k] = (int)cells;
        for (int j = 0; j < 3; j++) wrapped[j] -= cells * b->cell[k][j];
    }
    return MLSOAP_SUCCESS;
}

static void span(const neighbor_bins *b, const structure *s, int k, double *low, double *high)
{
    *low = *high = 0.0;
    for (size_t i = 0; i < s->n_atoms; i++) {
        double x = fractional(b, s->positions[i], k);
        if (i == 0 || x < *low) *low = x;
        if (i == 0 || x > *high) *high = x;
    }
}

/* Number and width of the bins along k and how many of them the cutoff reaches. */
static void lay_bins(neighbor_bins *b, const structure *s, int k)
{
    double low = 0.0, high = 1.0;
    double per_angstrom = sqrt(b->inverse[0][k] * b->inverse[0][k] + b->inverse[1][k] * b->inverse[1][k] +
                               b->inverse[2][k] * b->inverse[2][k]);
    double reach = b->r_cut * MARGIN * per_angstrom; /* in fractional coordinates */
    if (!b->periodic[k]) span(b, s, k, &low, &high);
    double n = floor((high - low) / reach);
    b->n_bins[k] = (int)(!(n >= 1.0) ? 1.0 : n > BINS_MAX ? BINS_MAX : n);
    b->origin[k] = low;
    b->bin_width[k] = (high - low) / b->n_bins[k];
    if (!b->periodic[k] && b->bin_width[k] < reach) b->bin_width[k] = reach;
    double bins = ceil(reach / b->bin_width[k]);
    b->reach[k] = (int)(bins > IMAGES_MAX ? IMAGES_MAX : bins);
}

/* Lattice points within the cutoff, to leading order. */
static double images_within_cutoff(const neighbor_bins *b, double volume)
{
    int n_periodic = b->periodic[0] + b->periodic[1] + b->periodic[2];
    double r = b->r_cut; /* completed directions have length 1: volume is the area or length of the periodic ones */
    if (n_periodic == 3) return 4.0 / 3.0 * M_PI * r * r * r / volume;
    if (n_periodic == 2) return M_PI * r * r / volume;
    return n_periodic == 1 ? 2.0 * r / volume : 0.0;
}

static mlsoap_status set_geometry(neighbor_bins *b, const structure *s, double r_cut, size_t n_centers,
                                  mlsoap_error *error)
{
    cell_complete(s->cell, s->pbc, b->cell);
    memcpy(b->periodic, s->pbc, sizeof b->periodic);
    double volume = fabs(cell_inverse((const double(*)[3])b->cell, b->inverse));
    b->r_cut = r_cut;
    double searched = 1.0;
    for (int k = 0; k < 3; k++) {
        lay_bins(b, s, k);
        searched *= 2.0 * b->reach[k] + 1.0;
    }
    int whole = b->periodic[0] && b->periodic[1] && b->periodic[2];
    double n_pairs = (double)n_centers * (whole ? (double)s->n_atoms : 1.0) * images_within_cutoff(b, volume);
    bool many_pairs = n_pairs > INT_MAX;
    if (many_pairs || searched > IMAGES_MAX)
        return status_fail(
            error, MLSOAP_ERROR_CAPACITY,
            "a cutoff of %g angstrom in a cell of %g angstrom^3 gives about %.2g %s; at most %.0f are allowed: check "
            "the cutoff, the cell and the units",
            r_cut, structure_volume(s), many_pairs ? n_pairs : searched,
            many_pairs ? "neighbors" : "images of the cell to look at", many_pairs ? (double)INT_MAX : IMAGES_MAX);
    return MLSOAP_SUCCESS;
}

static uint64_t bin_number(const neighbor_bins *b, int x, int y, int z)
{
    return ((uint64_t)x * (uint64_t)b->n_bins[1] + (uint64_t)y) * (uint64_t)b->n_bins[2] + (uint64_t)z;
}

static int compare_atoms(const void *left, const void *right)
{
    const binned_atom *a = left, *b = right;
    if (a->bin != b->bin) return a->bin < b->bin ? -1 : 1;
    return (a->atom > b->atom) - (a->atom < b->atom);
}

static int clamp(int value, int n)
{
    return value < 0 ? 0 : value >= n ? n - 1 : value;
}

static mlsoap_status fill_bins(neighbor_bins *b, const structure *s, mlsoap_error *error)
{
    if (!MEMORY_RESERVE(&b->atoms, &b->capacity, s->n_atoms))
        return status_no_memory(error, s->n_atoms * sizeof *b->atoms, "the bins of a neighbor list");
    b->n_atoms = s->n_atoms;
    bool sorted = true;
    for (size_t i = 0; i < s->n_atoms; i++) {
        binned_atom *a = &b->atoms[i];
        mlsoap_status status = wrap(b, s->positions[i], a->position, a->shift, "atom", i, error);
        if (status) return status;
        int bin[3];
        for (int k = 0; k < 3; k++) bin[k] = clamp(bin_of(b, fractional(b, a->position, k), k), b->n_bins[k]);
        a->bin = bin_number(b, bin[0], bin[1], bin[2]);
        a->atom = (int)i;
        a->species = s->species[i];
        if (i > 0 && a->bin < a[-1].bin) sorted = false;
    }
    if (!sorted) qsort(b->atoms, b->n_atoms, sizeof *b->atoms, compare_atoms);
    return MLSOAP_SUCCESS;
}

/* Index of the first atom whose bin is >= `bin`. */
static size_t first_atom(const neighbor_bins *b, uint64_t bin)
{
    size_t low = 0, high = b->n_atoms;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->atoms[middle].bin < bin)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool grow(void *address_of_pointer, size_t capacity, size_t count, size_t size)
{
    return memory_reserve(address_of_pointer, &capacity, count, size);
}

/* Room for so many pairs in all arrays; they grow by half at least. */
static mlsoap_status reserve_pairs(neighbor_list *list, size_t n_pairs, mlsoap_error *error)
{
    size_t old = list->capacity_pairs;
    if (n_pairs <= old) return MLSOAP_SUCCESS;
    if (n_pairs > INT_MAX)
        return status_fail(error, MLSOAP_ERROR_CAPACITY,
                           "the neighbor list needs more than %d pairs: reduce the cutoff or the number of atoms",
                           INT_MAX);
    size_t wanted = old + old / 2 > n_pairs ? old + old / 2 : n_pairs;
    if (!grow(&list->species, old, wanted, sizeof *list->species) ||
        !grow(&list->atom, old, wanted, sizeof *list->atom) || !grow(&list->image, old, wanted, sizeof *list->image) ||
        !grow(&list->dx, old, wanted, sizeof *list->dx) || !grow(&list->dy, old, wanted, sizeof *list->dy) ||
        !grow(&list->dz, old, wanted, sizeof *list->dz))
        return status_no_memory(error, wanted * (2 * sizeof(int) + sizeof *list->image + 3 * sizeof(double)),
                                "a neighbor list");
    list->capacity_pairs = wanted;
    return MLSOAP_SUCCESS;
}

static mlsoap_status reserve_centers(neighbor_list *list, size_t n_centers, mlsoap_error *error)
{
    size_t old = list->capacity_centers, wanted = n_centers + 1;
    if (wanted <= old) return MLSOAP_SUCCESS;
    if (!grow(&list->first, old, wanted, sizeof *list->first) ||
        !grow(&list->center_species, old, wanted, sizeof *list->center_species) ||
        !grow(&list->center_atom, old, wanted, sizeof *list->center_atom))
        return status_no_memory(error, wanted * 3 * sizeof(int), "the centers of a neighbor list");
    list->capacity_centers = wanted;
    return MLSOAP_SUCCESS;
}

static mlsoap_status fail_too_close(const binned_atom *a, const neighbor_center *c, double r, mlsoap_error *error)
{
    if (a->atom == c->atom)
        return status_fail(
            error, MLSOAP_ERROR_VALUE,
            "atom %d is %g angstrom away from its own periodic image; at least %g is needed: check the cell", a->atom,
            r, TOO_CLOSE);
    return status_fail(error, MLSOAP_ERROR_VALUE, "atoms %d and %d are %g angstrom apart; at least %g is needed",
                       a->atom < c->atom ? a->atom : c->atom, a->atom < c->atom ? c->atom : a->atom, r, TOO_CLOSE);
}

/* Append those of the atoms first ... end-1 that, moved by the lattice translation n, are within the cutoff. */
static mlsoap_status append_range(neighbor_list *list, size_t first, size_t end, const neighbor_center *c,
                                  const int n[3], size_t *n_pairs, mlsoap_error *error)
{
    const neighbor_bins *b = list->bins;
    mlsoap_status status = reserve_pairs(list, *n_pairs + (end - first), error);
    if (status) return status;
    double translation[3], r2_max = b->r_cut * b->r_cut;
    for (int k = 0; k < 3; k++) translation[k] = n[0] * b->cell[0][k] + n[1] * b->cell[1][k] + n[2] * b->cell[2][k];
    bool home = n[0] == 0 && n[1] == 0 && n[2] == 0;
    size_t p = *n_pairs;
    for (size_t i = first; i < end; i++) {
        const binned_atom *a = &b->atoms[i];
        double dx = a->position[0] - c->position[0] + translation[0];
        double dy = a->position[1] - c->position[1] + translation[1];
        double dz = a->position[2] - c->position[2] + translation[2];
        double r2 = dx * dx + dy * dy + dz * dz;
        if (!(r2 < r2_max)) continue;
        if (r2 < TOO_CLOSE * TOO_CLOSE) {
            if (home && a->atom == c->atom) continue;
            if (c->atom >= 0) return fail_too_close(a, c, sqrt(r2), error);
            if (r2 < SAME_PLACE * SAME_PLACE) dx = dy = dz = 0.0;
        }
        list->species[p] = a->species;
        list->atom[p] = a->atom;
        for (int k = 0; k < 3; k++) list->image[p][k] = n[k] - a->shift[k] + c->shift[k];
        list->dx[p] = dx;
        list->dy[p] = dy;
        list->dz[p] = dz;
        p++;
    }
    *n_pairs = p;
    return MLSOAP_SUCCESS;
}

static int floor_divide(int a, int b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* The bin `index` of direction k as a bin of the cell and the number of the periodic image; false outside. */
static bool fold(const neighbor_bins *b, int k, int index, int *bin, int *image)
{
    *image = b->periodic[k] ? floor_divide(index, b->n_bins[k]) : 0;
    *bin = index - *image * b->n_bins[k];
    return *bin >= 0 && *bin < b->n_bins[k];
}

/* One row of bins along z, cut where it enters another periodic image. */
static mlsoap_status append_row(neighbor_list *list, int x, int y, const neighbor_center *c, int n[3], size_t *n_pairs,
                                mlsoap_error *error)
{
    const neighbor_bins *b = list->bins;
    int low = c->bin[2] - b->reach[2], high = c->bin[2] + b->reach[2], n_z = b->n_bins[2];
    if (!b->periodic[2]) {
        low = low < 0 ? 0 : low;
        high = high >= n_z ? n_z - 1 : high;
    }
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int z = low; !status && z <= high;) {
        int bin;
        fold(b, 2, z, &bin, &n[2]);
        int last = z + (n_z - 1 - bin) < high ? n_z - 1 : bin + (high - z);
        size_t first = first_atom(b, bin_number(b, x, y, bin));
        size_t end = first;
        uint64_t last_number = bin_number(b, x, y, last);
        while (end < b->n_atoms && b->atoms[end].bin <= last_number) end++;
        if (end > first) status = append_range(list, first, end, c, n, n_pairs, error);
        z += last - bin + 1;
    }
    return status;
}

static mlsoap_status append_center(neighbor_list *list, const neighbor_center *c, size_t *n_pairs, mlsoap_error *error)
{
    const neighbor_bins *b = list->bins;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int i = c->bin[0] - b->reach[0]; i <= c->bin[0] + b->reach[0]; i++) {
        int x, y, n[3];
        if (!fold(b, 0, i, &x, &n[0])) continue;
        for (int j = c->bin[1] - b->reach[1]; j <= c->bin[1] + b->reach[1]; j++) {
            if (!fold(b, 1, j, &y, &n[1])) continue;
            status = append_row(list, x, y, c, n, n_pairs, error);
            if (status) return status;
        }
    }
    return status;
}

static mlsoap_status check_arguments(const structure *s, double r_cut, const neighbor_centers *centers,
                                     mlsoap_error *error)
{
    mlsoap_status status = structure_validate(s, error);
    if (status) return status;
    if (!(r_cut > 0.0 && r_cut < HUGE_VAL))
        return status_fail(error, MLSOAP_ERROR_VALUE, "the cutoff is %g angstrom; it must be a finite number above 0",
                           r_cut);
    size_t n_points = centers ? centers->n_points : 0;
    if (s->n_atoms >= INT_MAX || n_points >= INT_MAX)
        return status_fail(error, MLSOAP_ERROR_CAPACITY, "%zu atoms and %zu points; at most %d are allowed", s->n_atoms,
                           n_points, INT_MAX - 1);
    for (size_t i = 0; i < n_points; i++)
        for (int k = 0; k < 3; k++)
            if (!isfinite(centers->points[i][k]))
                return status_fail(error, MLSOAP_ERROR_VALUE, "coordinate %c of point %zu is %g; it must be finite",
                                   'x' + k, i, centers->points[i][k]);
    return MLSOAP_SUCCESS;
}

mlsoap_status neighbor_list_build(neighbor_list *list, const structure *s, double r_cut,
                                  const neighbor_centers *centers, mlsoap_error *error)
{
    list->n_centers = 0;
    mlsoap_status status = check_arguments(s, r_cut, centers, error);
    if (status) return status;
    bool points = centers && centers->n_points > 0;
    size_t n_centers = points ? centers->n_points : s->n_atoms, n_pairs = 0;
    if (!list->bins) list->bins = MEMORY_NEW(neighbor_bins, 1);
    if (!list->bins) return status_no_memory(error, sizeof *list->bins, "the bins of a neighbor list");
    status = set_geometry(list->bins, s, r_cut, n_centers, error);
    if (!status) status = fill_bins(list->bins, s, error);
    if (!status) status = reserve_centers(list, n_centers, error);
    for (size_t i = 0; !status && i < n_centers; i++) {
        neighbor_center c = {.atom = points ? -1 : (int)i};
        const double *position = points ? centers->points[i] : s->positions[i];
        status = wrap(list->bins, position, c.position, c.shift, points ? "point" : "atom", i, error);
        if (status) break;
        for (int k = 0; k < 3; k++) c.bin[k] = bin_of(list->bins, fractional(list->bins, c.position, k), k);
        list->first[i] = (int)n_pairs;
        list->center_atom[i] = c.atom;
        list->center_species[i] = points ? 0 : s->species[i];
        status = append_center(list, &c, &n_pairs, error);
    }
    if (status) return status;
    list->first[n_centers] = (int)n_pairs;
    list->n_centers = n_centers;
    return MLSOAP_SUCCESS;
}

void neighbor_list_release(neighbor_list *list)
{
    if (!list) return;
    if (list->bins) memory_free(list->bins->atoms);
    memory_free(list->bins);
    memory_free(list->first);
    memory_free(list->species);
    memory_free(list->atom);
    memory_free(list->image);
    memory_free(list->dx);
    memory_free(list->dy);
    memory_free(list->dz);
    memory_free(list->center_species);
    memory_free(list->center_atom);
    memset(list, 0, sizeof *list);
}
