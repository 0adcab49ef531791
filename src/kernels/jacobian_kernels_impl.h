/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivatives of the power spectrum with respect to one neighbor, included by each kernels_<isa>.c. With
 * dc_nlm/dr_alpha = u_alpha Y_lm Q_nl + (1/r) (grad_alpha Y_lm) S_nl (spec soap.md 7) the sum over m is taken once for
 * each channel, whatever n: sum_m dc_nlm c_n'lm = Q_nl [u_alpha sum_m Y_lm c_n'lm] + S_nl [(1/r) sum_m (grad_alpha
 * Y_lm) c_n'lm], an outer product of two pairs of vectors. The second bracket is sum_m' Y_(l-1)m' fields_alpha
 * (kernels.h). */
#include "kernels/kernels.h"
#include "kernels/vector.h"

#include <string.h>

static void KERNEL(soap_fields)(int l_max, int n_padded, int n_entries, const gradient_entry *entries,
                                const double *cbar, double *fields)
{
    memset(fields, 0, (size_t)(3 * l_max * l_max * n_padded) * sizeof *fields);
    for (int e = 0; e < n_entries; e++) {
        double *target = fields + entries[e].target * n_padded;
        const double *source = cbar + entries[e].source * n_padded;
        for (int i = 0; i < n_padded; i += WIDTH)
            store(target + i, load(target + i) + entries[e].coefficient * load(source + i));
    }
}

static void KERNEL(soap_projections)(int l_max, int n_padded, const double *prefactors, const double *Y,
                                     const double *u, double inverse_r, const double *c, const double *fields,
                                     double *P)
{
    int n_radial = (l_max + 1) * n_padded, field = l_max * l_max * n_padded;
    for (int l = 0; l <= l_max; l++)
        for (int i = 0; i < n_padded; i += WIDTH) {
            vec radial = Y[l * l * LANES] * load(c + l * l * n_padded + i), sums[3] = {{0}};
            for (int lm = l * l + 1; lm < (l + 1) * (l + 1); lm++)
                radial += Y[lm * LANES] * load(c + lm * n_padded + i);
            for (int lm = l > 0 ? (l - 1) * (l - 1) : 0; lm < l * l; lm++)
                for (int a = 0; a < 3; a++) sums[a] += Y[lm * LANES] * load(fields + a * field + lm * n_padded + i);
            for (int a = 0; a < 3; a++) {
                double *target = P + 2 * a * n_radial + l * n_padded + i;
                store(target, (prefactors[l] * u[a]) * radial);
                store(target + n_radial, (prefactors[l] * inverse_r) * sums[a]);
            }
        }
}

/* Rows n of all degrees: ux sum_k x_k[n] y_k[:] and, where `both`, + uz sum_k z_k[n] x_k[:]. What a row writes beyond
 * n_max is overwritten by the next; at the end it is cut off. */
static inline __attribute__((always_inline)) void KERNEL(slope_rows)(const int both, int l_max, int n_max, int n_padded,
                                                                     int packed, double ux, const double *x,
                                                                     const double *y, double uz, const double *z,
                                                                     double *p)
{
    int n_radial = (l_max + 1) * n_padded;
    const double *end = p + (l_max + 1) * (packed ? n_max * (n_max + 1) / 2 : n_max * n_max);
    for (int o = 0; o < n_radial; o += n_padded)
        for (int n = 0; n < n_max; n++) {
            double x0 = ux * x[o + n], x1 = ux * x[n_radial + o + n];
            double z0 = both ? uz * z[o + n] : 0, z1 = both ? uz * z[n_radial + o + n] : 0;
            for (int i = packed ? n : 0; i < n_max; i += WIDTH) {
                int count = n_max - i < WIDTH ? n_max - i : WIDTH;
                vec row = x0 * load_anywhere(y + o + i) + x1 * load_anywhere(y + n_radial + o + i);
                if (both) row += z0 * load_anywhere(x + o + i) + z1 * load_anywhere(x + n_radial + o + i);
                if (end - p >= WIDTH)
                    store_anywhere(p, row);
                else
                    memcpy(p, &row, (size_t)count * sizeof *p);
                p += count;
            }
        }
}

static void KERNEL(soap_power_slopes)(int l_max, int n_max, int n_padded, int packed, const double *x, double ua,
                                      const double *Pb, double ub, const double *Pa, double *dp)
{
    if (ua != 0 && ub != 0)
        KERNEL(slope_rows)(1, l_max, n_max, n_padded, packed, ua, x, Pb, ub, Pa, dp);
    else if (ua != 0)
        KERNEL(slope_rows)(0, l_max, n_max, n_padded, packed, ua, x, Pb, 0, Pa, dp);
    else
        KERNEL(slope_rows)(0, l_max, n_max, n_padded, packed, ub, Pa, x, 0, Pa, dp);
}
