/* SPDX-License-Identifier: BSD-3-Clause */
/* What the report is made from; see train_report.h. */
#include "train_report.h"

#include "app/cost.h"
#include "app/dimer.h"
#include "baselines.h"
#include "core/elements.h"
#include "core/memory.h"

#include <stdio.h>
#include <string.h>

/* Lines of the summary at the top of the report. */
enum { N_FACTS = 4, FACT_SIZE = 256 };

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static size_t make_facts(const train_output *o, char text[N_FACTS][FACT_SIZE], report_fact facts[N_FACTS])
{
    const json_t *sigma = json_object_get(o->loss, "sigma"), *lambda = json_object_get(o->loss, "lambda"),
                 *points = json_object_get(o->summary, "sparse_points"),
                 *parameters = json_object_get(o->summary, "parameters");
    size_t n = 0;
    if (points || parameters) {
        snprintf(text[n], FACT_SIZE, "%lld", (long long)json_integer_value(points ? points : parameters));
        facts[n] = (report_fact){points ? "sparse points" : "parameters", text[n]};
        n++;
    }
    if (sigma) {
        snprintf(text[n], FACT_SIZE, "energy %.3g meV/atom, forces %.3g eV/angstrom, virial %.3g meV/atom",
                 1e3 * number_of(sigma, "energy"), number_of(sigma, "forces"), 1e3 * number_of(sigma, "virial"));
        facts[n] = (report_fact){"expected errors (sigma)", text[n]};
        n++;
    }
    snprintf(text[n], FACT_SIZE, "energy %.3g, forces %.3g, virial %.3g", number_of(lambda, "energy"),
             number_of(lambda, "forces"), number_of(lambda, "virial"));
    facts[n] = (report_fact){"factors of the loss (lambda)", text[n]};
    n++;
    snprintf(text[n], FACT_SIZE, "%zu for the fit, %zu for validation", o->problem->data->n_fit,
             o->problem->data->n_validation);
    facts[n] = (report_fact){"training frames", text[n]};
    return n + 1;
}

/* Pairs of elements, from where atoms repel each other strongly to the cutoff. */
enum { N_DIMER = 160 };
static const double SHORTEST_DIMER = 0.5; /* Angstrom */

/* What the report shows of its own making. */
typedef struct report_extras {
    plot_curve *dimers;
    char (*names)[12]; /* of the dimers */
    double *numbers;   /* [n_dimers][2][N_DIMER] */
    size_t n_dimers;
    baselines guesses[N_REPORT_PARTS];
    evaluation_cost cost;
    char cost_text[COST_TEXT_SIZE];
} report_extras;

static void extras_release(report_extras *x)
{
    memory_free(x->dimers);
    memory_free(x->names);
    memory_free(x->numbers);
}

static mlsoap_status add_dimer(const mlsoap_potential *p, mlsoap_workspace *workspace, const int species[2],
                               report_extras *x, mlsoap_error *error)
{
    double *r = x->numbers + 2 * N_DIMER * x->n_dimers, *energies = r + N_DIMER, forces[N_DIMER];
    for (int k = 0; k < N_DIMER; k++) r[k] = SHORTEST_DIMER + (p->r_cut - SHORTEST_DIMER) * k / (N_DIMER - 1);
    mlsoap_status status = dimer_scan(p, workspace, species, N_DIMER, r, energies, forces, error);
    if (status) return status;
    double far = energies[N_DIMER - 1];
    for (int k = 0; k < N_DIMER; k++) energies[k] -= far;
    char *name = x->names[x->n_dimers];
    snprintf(name, sizeof x->names[0], "%s-%s", element_symbol(species[0]), element_symbol(species[1]));
    x->dimers[x->n_dimers++] = (plot_curve){name, r, energies, N_DIMER};
    return MLSOAP_SUCCESS;
}

static mlsoap_status find_dimers(const mlsoap_potential *p, report_extras *x, mlsoap_error *error)
{
    size_t n = (size_t)p->n_elements * ((size_t)p->n_elements + 1) / 2;
    mlsoap_workspace *workspace = NULL;
    x->dimers = MEMORY_NEW(plot_curve, n);
    x->names = memory_new(n, sizeof *x->names);
    x->numbers = MEMORY_NEW(double, 2 * N_DIMER * n);
    if (!x->dimers || !x->names || !x->numbers)
        return status_no_memory(error, 2 * N_DIMER * n * sizeof(double), "the dimers of the report");
    mlsoap_status status = mlsoap_workspace_new(p, &workspace, error);
    for (int i = 0; i < p->n_elements; i++)
        for (int j = i; j < p->n_elements && !status; j++) {
            const int species[2] = {p->elements[i], p->elements[j]};
            status = add_dimer(p, workspace, species, x, error);
        }
    mlsoap_workspace_free(workspace);
    return status;
}

/* Everything that takes evaluations or data. */
static mlsoap_status find_extras(const train_output *o, report_extras *x, mlsoap_error *error)
{
    const dataset *d = o->problem->data;
    mlsoap_status status = MLSOAP_SUCCESS;
    double mean = baselines_mean_energy(&d->train);
    for (int part = 0; part < N_REPORT_PARTS; part++)
        if (o->sets[part])
            x->guesses[part] = baselines_find(o->sets[part], d->elements, d->n_elements, o->problem->offsets, mean);
    if (mlsoap_potential_drives_md(o->potential)) status = find_dimers(o->potential, x, error);
    if (!status) status = cost_measure(o->potential, &d->train, &x->cost, error);
    cost_text(&x->cost, x->cost_text);
    return status;
}

static void read_learning(const train_output *o, report_input *input, const json_t *epochs)
{
    static const char *const names[N_FRAME_TARGETS] = {"energy", "forces", "virial"};
    const json_t *lambda = json_object_get(o->loss, "lambda");
    input->epochs = epochs;
    input->sizes = json_object_get(o->summary, "learning_curve");
    for (int t = 0; t < N_FRAME_TARGETS; t++) input->lambda[t] = number_of(lambda, names[t]);
}

static mlsoap_status write_page(const train_output *o, const char *path, const report_set sets[N_REPORT_PARTS],
                                const report_extras *x, mlsoap_error *error)
{
    char fact_text[N_FACTS][FACT_SIZE];
    report_fact facts[N_FACTS + 1];
    json_t *stages = training_log_stages(o->problem->log), *epochs = training_log_epochs(o->problem->log), *seconds;
    const char **warnings = MEMORY_NEW(const char *, o->checks->n + 1), *name;
    report_timing *timings = MEMORY_NEW(report_timing, json_object_size(stages) + 1);
    char *text = config_text(o->problem->config);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!warnings || !timings || !text) {
        status = status_no_memory(error, 1024, "the report");
    } else {
        size_t n_facts = make_facts(o, fact_text, facts);
        facts[n_facts++] = (report_fact){"cost", x->cost_text};
        report_input input = {.title = schema_text(o->problem->config->root, "output"),
                              .identity = mlsoap_potential_identity(o->potential),
                              .description = mlsoap_potential_description(o->potential),
                              .config = text,
                              .command = o->command_line,
                              .facts = facts,
                              .n_facts = n_facts,
                              .timings = timings,
                              .dimers = x->dimers,
                              .n_dimers = x->n_dimers,
                              .warnings = warnings};
        for (size_t i = 0; i < o->checks->n; i++) warnings[i] = o->checks->items[i].text;
        json_object_foreach(stages, name, seconds) timings[input.n_timings++] =
            (report_timing){name, json_real_value(seconds)};
        read_learning(o, &input, epochs);
        memcpy(input.sets, sets, sizeof input.sets);
        for (int part = 0; part < N_REPORT_PARTS; part++)
            if (o->sets[part]) input.sets[part].guesses = &x->guesses[part];
        status = report_write(path, &input, error);
    }
    memory_free(warnings);
    memory_free(timings);
    memory_free(text);
    json_decref(stages);
    json_decref(epochs);
    return status;
}

mlsoap_status train_report_write(const train_output *o, const char *path, const report_set sets[N_REPORT_PARTS],
                                 mlsoap_error *error)
{
    report_extras extras = {0};
    mlsoap_status status = find_extras(o, &extras, error);
    if (!status) status = write_page(o, path, sets, &extras, error);
    extras_release(&extras);
    return status;
}
