/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges of the repulsive core; see core_range.h. */
#include "core_range.h"

#include "core/elements.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double OF_SHORTEST = 0.95, OF_RADII = 0.9, OF_RADII_UNSEEN = 0.75, INNER = 0.5;

/* The distance that the data vouch for. Unlike atoms are often found near equilibrium only (relaxed alloys), where
 * their shortest distance says nothing of repulsion: hot runs would meet the core. The mean of the two like pairs does.
 */
static double known_distance(const training_domain *domain, int a, int b, int n)
{
    double like = 0.5 * (domain->shortest[a * n + a] + domain->shortest[b * n + b]);
    return fmin(domain->shortest[a * n + b], like);
}

static double outer_radius(int a, int b, double shortest)
{
    double radii = element_bond_length(a, b);
    return isfinite(shortest) ? fmin(OF_SHORTEST * shortest, OF_RADII * radii) : OF_RADII_UNSEEN * radii;
}

static void log_pair(training_log *log, const char *name, double inner, double outer, double shortest)
{
    if (isfinite(shortest))
        training_log_text(log, "core: ZBL for %s between %.3f and %.3f angstrom; shortest distance in the data %.3f%s",
                          name, inner, outer, shortest,
                          outer > shortest ? ": the core is subtracted from the targets" : "");
    else
        training_log_text(log, "core: ZBL for %s between %.3f and %.3f angstrom; the data have no such pair", name,
                          inner, outer);
}

mlsoap_status core_range_choose(const json_t *zbl, const training_domain *domain, const int *elements, int n_elements,
                                training_log *log, json_t **pair_terms, mlsoap_error *error)
{
    json_t *pairs = json_object();
    bool given = json_is_object(zbl), wanted = given || strcmp(json_string_value(zbl), "auto") == 0;
    *pair_terms = json_array();
    for (int a = 0; a < n_elements && wanted; a++)
        for (int b = a; b < n_elements; b++) {
            char name[16];
            double shortest = domain->shortest[a * n_elements + b];
            double known = known_distance(domain, a, b, n_elements);
            double outer = given ? schema_real(zbl, "r_outer") : outer_radius(elements[a], elements[b], known);
            double inner = given ? schema_real(zbl, "r_inner") : INNER * outer;
            snprintf(name, sizeof name, "%s-%s", element_symbol(elements[a]), element_symbol(elements[b]));
            json_object_set_new(pairs, name, json_pack("[f, f]", inner, outer));
            log_pair(log, name, inner, outer, shortest);
        }
    if (!wanted) {
        json_decref(pairs);
        return *pair_terms ? MLSOAP_SUCCESS : status_no_memory(error, 1024, "the repulsive core");
    }
    if (!json_array_append_new(*pair_terms, json_pack("{s:s, s:o}", "type", "zbl", "pairs", pairs)))
        return MLSOAP_SUCCESS;
    json_decref(*pair_terms);
    *pair_terms = NULL;
    return status_no_memory(error, 1024, "the repulsive core");
}
