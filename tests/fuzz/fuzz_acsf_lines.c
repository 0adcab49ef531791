/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as the function lines of a descriptor of symmetry functions; the first byte chooses the cutoff function.
 * What is accepted must have one feature for each line, a finite cutoff, and values for a small environment that are no
 * NaN. */
#include "core/memory.h"
#include "descriptors/descriptor.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N_NEIGHBORS = 3, MOST_LINES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const descriptor *d)
{
    static const int centers[1] = {8}, species[N_NEIGHBORS] = {1, 1, 8}, first[2] = {0, N_NEIGHBORS};
    static const double dx[N_NEIGHBORS] = {0.9, -0.5, 1.7}, dy[N_NEIGHBORS] = {0, 0.8, -1.2},
                        dz[N_NEIGHBORS] = {0.1, 0, 0};
    mlsoap_environments block = {sizeof block, 1, centers, first, species, dx, dy, dz};
    descriptor_workspace *w = NULL;
    double *D = MEMORY_NEW(double, d->stride), *g = MEMORY_NEW(double, d->stride), slopes[N_NEIGHBORS][3] = {{0}};
    if (!D || !g || d->class_->workspace_new(d, &w, NULL) || d->class_->workspace_reserve(d, w, N_NEIGHBORS, NULL))
        abort();
    d->class_->values(d, w, &block, D, d->stride);
    for (size_t f = 0; f < d->n_features; f++) {
        if (isnan(D[f])) abort();
        g[f] = 1;
    }
    d->class_->adjoint(d, w, &block, g, d->stride, &slopes[0][0]);
    d->class_->workspace_free(w);
    memory_free(D);
    memory_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int type = size > 0 ? data[0] % 9 : 0;
    json_t *lines = json_array();
    for (size_t at = 1; at < size && json_array_size(lines) < MOST_LINES;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t n = end ? (size_t)(end - data) - at : size - at;
        json_t *line = json_stringn((const char *)data + at, n); /* NULL: not UTF-8 */
        if (line) json_array_append_new(lines, line);
        at += n + 1;
    }
    size_t n_lines = json_array_size(lines);
    json_t *settings = json_pack("{s:s, s:[s,s], s:o, s:{s:i, s:f}}", "type", "acsf", "species", "H", "O", "functions",
                                 lines, "cutoff", "type", type, "alpha", type > 3 ? 0.2 : 0.0);
    descriptor *d = NULL;
    mlsoap_error error = {0};
    if (descriptor_new(settings, "descriptors.0", NULL, &d, &error) == MLSOAP_SUCCESS) {
        if (d->n_features != n_lines || !isfinite(d->r_cut) || !(d->r_cut > 0)) abort();
        check_values(d);
    } else if (d || !*error.message) {
        abort();
    }
    descriptor_free(d);
    json_decref(settings);
    return 0;
}
