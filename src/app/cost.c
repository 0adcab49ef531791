/* SPDX-License-Identifier: BSD-3-Clause */
/* The time of an evaluation; see cost.h. The fastest repetition counts: whatever else runs only adds to it. */
#include "app/cost.h"

#include "core/clock.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ATOMS = 500, LEAST_EVALUATIONS = 3 };
static const double TOTAL_TIME = 0.33; /* s */

/* Large frames amortize what is done once; one that is too large would take long. */
static const frame *choose_frame(const frame_set *set)
{
    const frame *best = NULL;
    for (size_t i = 0; i < set->n_frames; i++) {
        const frame *f = &set->frames[i];
        size_t n = f->structure.n_atoms, n_best = best ? best->structure.n_atoms : 0;
        if (!best || (n <= MOST_ATOMS ? n > n_best || n_best > MOST_ATOMS : n < n_best)) best = f;
    }
    return best;
}

/* "model name : ..." of the first processor. */
static void name_machine(char *name, size_t size)
{
    char line[256];
    snprintf(name, size, "a processor of unknown name");
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon) continue;
        colon += 1 + strspn(colon + 1, " \t");
        snprintf(name, size, "%.*s", (int)strcspn(colon, "\n"), colon);
        break;
    }
    if (file) fclose(file);
}

static mlsoap_status time_evaluations(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                      const structure *s, double (*forces)[3], evaluation_cost *cost,
                                      mlsoap_error *error)
{
    double energy, virial[6], fastest = INFINITY, start = clock_seconds(), last;
    mlsoap_status status = potential_evaluate(potential, workspace, s, &energy, NULL, forces, virial, error);
    for (last = clock_seconds(); !status && (cost->n_evaluations < LEAST_EVALUATIONS || last - start < TOTAL_TIME);) {
        double before = clock_seconds();
        status = potential_evaluate(potential, workspace, s, &energy, NULL, forces, virial, error);
        last = clock_seconds();
        fastest = fmin(fastest, last - before);
        cost->n_evaluations++;
    }
    cost->us_per_atom = 1e6 * fastest / (double)s->n_atoms;
    return status;
}

mlsoap_status cost_measure(const mlsoap_potential *potential, const frame_set *set, evaluation_cost *cost,
                           mlsoap_error *error)
{
    const frame *f = choose_frame(set);
    mlsoap_workspace *workspace = NULL;
    *cost = (evaluation_cost){0};
    if (!f) return MLSOAP_SUCCESS;
    name_machine(cost->machine, sizeof cost->machine);
    cost->n_atoms = f->structure.n_atoms;
    double(*forces)[3] = memory_new(cost->n_atoms, sizeof *forces);
    if (!forces) return status_no_memory(error, cost->n_atoms * sizeof *forces, "forces");
    mlsoap_status status = mlsoap_workspace_new(potential, &workspace, error);
    if (!status) status = time_evaluations(potential, workspace, &f->structure, forces, cost, error);
    mlsoap_workspace_free(workspace);
    memory_free(forces);
    return status;
}

const char *cost_text(const evaluation_cost *cost, char text[COST_TEXT_SIZE])
{
    if (cost->n_evaluations == 0)
        snprintf(text, COST_TEXT_SIZE, "not measured: there is no frame");
    else
        snprintf(text, COST_TEXT_SIZE,
                 "%.3g us/atom: wall time of energy, forces and virial of %zu atoms on one thread of %s, "
                 "neighbor list included, fastest of %zu evaluations",
                 cost->us_per_atom, cost->n_atoms, cost->machine, cost->n_evaluations);
    return text;
}
