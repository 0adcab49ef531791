/* SPDX-License-Identifier: BSD-3-Clause */
/* Targets without the core; see core_baseline.h. */
#include "core_baseline.h"

#include "core/memory.h"
#include "structure/neighbor_list.h"

#include <string.h>

/* What the core adds to a structure. */
typedef struct core_sums {
    double *energies; /* [n_atoms] */
    double *dE_dr;    /* [n_pairs][3] */
    double virial[6];
} core_sums;

/* Is any pair within the range of its own elements? */
static bool reaches(const pair_core *core, const neighbor_list *list)
{
    for (size_t i = 0; i < list->n_centers; i++) {
        const zbl_pair *of_center = core->pairs + core->n_elements * core->element_index[list->center_species[i]];
        for (int j = list->first[i]; j < list->first[i + 1]; j++) {
            double square = list->dx[j] * list->dx[j] + list->dy[j] * list->dy[j] + list->dz[j] * list->dz[j];
            double range = of_center[core->element_index[list->species[j]]].r_outer;
            if (square < range * range) return true;
        }
    }
    return false;
}

/* Subtract the core of one frame from its targets, which go into `kept`. */
static mlsoap_status subtract(const pair_core *core, const neighbor_list *list, frame *f, core_frame *kept,
                              mlsoap_error *error)
{
    static const int rows[6] = {0, 1, 2, 0, 0, 1}, columns[6] = {0, 1, 2, 1, 2, 2};
    size_t n = f->structure.n_atoms, n_pairs = (size_t)list->first[list->n_centers];
    double *energies = MEMORY_NEW(double, n), *slopes = MEMORY_NEW(double, 3 * n_pairs);
    *kept = (core_frame){.frame = f, .energy = f->energy, .forces = f->forces};
    memcpy(kept->virial, f->virial, sizeof kept->virial);
    double(*forces)[3] = memory_new(n, sizeof *forces);
    if (!energies || !slopes || !forces) {
        memory_free(energies);
        memory_free(slopes);
        memory_free(forces);
        kept->forces = NULL;
        return status_no_memory(error, 7 * n * sizeof(double), "the targets without the core");
    }
    mlsoap_environments e = {
        sizeof e, (int)list->n_centers, list->center_species, list->first, list->species, list->dx, list->dy, list->dz};
    pair_core_add(core, &e, energies, slopes);
    if (f->forces) memcpy(forces, f->forces, n * sizeof *forces);
    for (size_t i = 0; i < list->n_centers; i++) {
        f->energy -= energies[i];
        for (int j = list->first[i]; j < list->first[i + 1]; j++) {
            const double *slope = slopes + 3 * (size_t)j, r[3] = {list->dx[j], list->dy[j], list->dz[j]};
            for (int a = 0; a < 3; a++) { /* F_i += f, F_j -= f */
                forces[list->center_atom[i]][a] -= slope[a];
                forces[list->atom[j]][a] += slope[a];
            }
            for (int k = 0; k < 6; k++)
                f->virial[k] += 0.5 * (r[rows[k]] * slope[columns[k]] + r[columns[k]] * slope[rows[k]]);
        }
    }
    if (f->forces)
        f->forces = forces;
    else
        memory_free(forces);
    memory_free(energies);
    memory_free(slopes);
    return MLSOAP_SUCCESS;
}

/* Unknown elements are for the fit to refuse. */
static bool all_known(const pair_core *core, const structure *s)
{
    for (size_t i = 0; i < s->n_atoms; i++)
        if (core->element_index[s->species[i]] < 0) return false;
    return true;
}

mlsoap_status core_baseline_add(core_baseline *baseline, const pair_core *core, frame_set *set, mlsoap_error *error)
{
    neighbor_list list = {0};
    neighbor_centers atoms = {0};
    mlsoap_status status = MLSOAP_SUCCESS;
    core_baseline_apply(baseline, true);
    for (size_t c = 0; c < set->n_frames && core->pairs && !status; c++) {
        frame *f = &set->frames[c];
        status = neighbor_list_build(&list, &f->structure, core->r_outer, &atoms, error);
        if (status) status_prefix(error, status, "%s: frame %zu", set->files[f->i_file].path, f->index);
        if (status || !all_known(core, &f->structure) || !reaches(core, &list)) continue;
        if (!MEMORY_RESERVE(&baseline->items, &baseline->capacity, baseline->n + 1))
            status = status_no_memory(error, sizeof *baseline->items, "the targets without the core");
        if (!status) status = subtract(core, &list, f, &baseline->items[baseline->n], error);
        if (!status) baseline->n++;
    }
    neighbor_list_release(&list);
    core_baseline_apply(baseline, false);
    return status;
}

void core_baseline_apply(core_baseline *baseline, bool without_core)
{
    if (baseline->applied == without_core) return;
    for (size_t i = 0; i < baseline->n; i++) {
        core_frame *kept = &baseline->items[i], now = {kept->frame, kept->frame->energy, {0}, kept->frame->forces};
        memcpy(now.virial, kept->frame->virial, sizeof now.virial);
        kept->frame->energy = kept->energy;
        kept->frame->forces = kept->forces;
        memcpy(kept->frame->virial, kept->virial, sizeof kept->virial);
        *kept = now;
    }
    baseline->applied = without_core;
}

void core_baseline_release(core_baseline *baseline)
{
    core_baseline_apply(baseline, false);
    for (size_t i = 0; i < baseline->n; i++) memory_free(baseline->items[i].forces);
    memory_free(baseline->items);
    *baseline = (core_baseline){0};
}
