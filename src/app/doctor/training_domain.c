/* SPDX-License-Identifier: BSD-3-Clause */
/* Densities and shortest distances of the data; see training_domain.h. */
#include "app/doctor/training_domain.h"

#include "core/elements.h"
#include "core/memory.h"
#include "structure/neighbor_list.h"

#include <math.h>

static void add_density(const structure *s, double density[2])
{
    double volume = structure_volume(s);
    if (!s->pbc[0] || !s->pbc[1] || !s->pbc[2] || !(volume > 0)) return;
    double value = (double)s->n_atoms / volume;
    if (density[1] == 0 || value < density[0]) density[0] = value;
    if (value > density[1]) density[1] = value;
}

static void add_pairs(const neighbor_list *list, const int *elements, int n, double *shortest)
{
    for (size_t i = 0; i < list->n_centers; i++) {
        int a = element_position(elements, n, list->center_species[i]);
        for (int p = list->first[i]; p < list->first[i + 1]; p++) {
            int b = element_position(elements, n, list->species[p]);
            double r = sqrt(list->dx[p] * list->dx[p] + list->dy[p] * list->dy[p] + list->dz[p] * list->dz[p]);
            if (a >= 0 && b >= 0 && r < shortest[a * n + b]) shortest[a * n + b] = shortest[b * n + a] = r;
        }
    }
}

static bool complete(const double *shortest, int n)
{
    for (int k = 0; k < n * n; k++)
        if (!isfinite(shortest[k])) return false;
    return true;
}

mlsoap_status training_domain_find(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                                   training_domain *domain, mlsoap_error *error)
{
    static const double radii[] = {3, 5, 10}; /* most pairs are found with the first, which costs little */
    size_t n = (size_t)n_elements;
    neighbor_list list = {0};
    neighbor_centers atoms = {0};
    mlsoap_status status = MLSOAP_SUCCESS;
    *domain = (training_domain){.shortest = MEMORY_NEW(double, n *n)};
    if (!domain->shortest) return status_no_memory(error, n * n * sizeof(double), "the shortest distances");
    for (size_t k = 0; k < n * n; k++) domain->shortest[k] = INFINITY;
    for (size_t c = 0; c < n_frames; c++) add_density(&frames[c]->structure, domain->density);
    for (size_t i = 0; i < sizeof radii / sizeof *radii && !complete(domain->shortest, n_elements); i++)
        for (size_t c = 0; c < n_frames && !status; c++) {
            status = neighbor_list_build(&list, &frames[c]->structure, radii[i], &atoms, error);
            if (status)
                status_prefix(error, status, "frame %zu of the training data", c);
            else
                add_pairs(&list, elements, n_elements, domain->shortest);
        }
    neighbor_list_release(&list);
    return status;
}

void training_domain_release(training_domain *domain)
{
    memory_free(domain->shortest);
    *domain = (training_domain){0};
}
