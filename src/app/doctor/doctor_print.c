/* SPDX-License-Identifier: BSD-3-Clause */
/* The summary of the data doctor as text; see doctor.h. */
#include "app/doctor/doctor.h"

#include "app/json_fields.h"
#include <string.h>

/* A number, or a dash where there is none. */
static void print_number(FILE *file, const json_t *object, const char *key, int width, const char *format)
{
    const json_t *value = json_object_get(object, key);
    char text[64] = "-";
    if (json_is_number(value)) {
        if (!strcmp(format, "g"))
            snprintf(text, sizeof text, "%.4g", json_number_value(value));
        else
            snprintf(text, sizeof text, "%.3f", json_number_value(value));
    }
    fprintf(file, " %*s", width, text);
}

static void print_types(const json_t *types, FILE *file)
{
    size_t i;
    const json_t *t;
    fprintf(file, "\n%-20s %8s %9s %9s %10s %8s %28s %18s\n", "config_type", "frames", "atoms", "energies", "forces",
            "virials", "E/N - offsets, eV", "forces, eV/A");
    fprintf(file, "%-20s %8s %9s %9s %10s %8s %9s %9s %9s %9s %9s\n", "", "", "", "", "components", "", "min", "mean",
            "max", "rms", "max");
    json_array_foreach(types, i, t)
    {
        fprintf(file, "%-20s %8lld %9lld %9lld %10lld %8lld", text_of(t, "name"), count_of(t, "frames"),
                count_of(t, "atoms"), count_of(t, "energies"), count_of(t, "force_components"), count_of(t, "virials"));
        print_number(file, t, "energy_min", 9, "f");
        print_number(file, t, "energy_mean", 9, "f");
        print_number(file, t, "energy_max", 9, "f");
        print_number(file, t, "force_rms", 9, "f");
        print_number(file, t, "force_max", 9, "f");
        fputc('\n', file);
    }
}

static void print_elements(const json_t *summary, FILE *file)
{
    const json_t *offsets = json_object_get(summary, "offsets"), *isolated = json_object_get(summary, "isolated_atoms");
    size_t i;
    const json_t *item;
    fputc('\n', file);
    json_array_foreach(json_object_get(summary, "elements"), i, item)
    {
        const char *symbol = json_string_value(item);
        long long n = json_integer_value(json_object_get(isolated, symbol));
        fprintf(file, "%-2s: ", symbol);
        if (json_object_get(offsets, symbol))
            fprintf(file, "offset %.6f eV (%s), ", json_number_value(json_object_get(offsets, symbol)),
                    text_of(offsets, "method"));
        fprintf(file, "%lld isolated atoms\n", n);
    }
    json_array_foreach(json_object_get(summary, "shortest"), i, item)
    {
        const json_t *pair = json_object_get(item, "pair"), *r = json_object_get(item, "distance");
        fprintf(file, "%s-%s: ", json_string_value(json_array_get(pair, 0)),
                json_string_value(json_array_get(pair, 1)));
        if (json_is_number(r))
            fprintf(file, "shortest distance %.3f angstrom (bond some %.2f)\n", json_number_value(r),
                    json_number_value(json_object_get(item, "bond")));
        else
            fprintf(file, "never closer than 10 angstrom\n");
    }
}

static void print_slope(const json_t *probe, const char *key, const char *what, FILE *file)
{
    const json_t *slope = json_object_get(probe, key);
    if (!slope) return;
    fprintf(file, "  %-40s slope", what);
    print_number(file, slope, "slope", 9, "g");
    fprintf(file, ", correlation");
    print_number(file, slope, "correlation", 7, "f");
    fputc('\n', file);
}

static void print_consistency(const json_t *consistency, FILE *file)
{
    const json_t *probe = json_object_get(consistency, "probe"), *pairs = json_object_get(consistency, "near_frames");
    size_t i;
    const json_t *item;
    if (probe) {
        fprintf(file, "\nlinear model of %lld frames (1 is expected where the correlation is high):\n",
                count_of(probe, "frames"));
        fprintf(file, "  %-40s correlation", "forces against their fit");
        print_number(file, probe, "force_correlation", 7, "f");
        fputc('\n', file);
        print_slope(probe, "energy", "energies against forces", file);
        print_slope(probe, "virial_diagonal", "virials, diagonal, against both", file);
        print_slope(probe, "virial_off_diagonal", "virials, off-diagonal, against both", file);
    }
    if (json_array_size(pairs) == 0) return;
    fprintf(file, "\npairs of near frames, energy against forces and virials (no model; 1 is expected):\n");
    json_array_foreach(pairs, i, item)
    {
        fprintf(file, "  %-20s %-10s %6lld pairs, slope", text_of(item, "config_type"), text_of(item, "kind"),
                count_of(item, "pairs"));
        print_number(file, item, "slope", 9, "g");
        fprintf(file, ", correlation");
        print_number(file, item, "correlation", 7, "f");
        fputc('\n', file);
    }
}

void doctor_print(const doctor_report *report, FILE *file)
{
    const json_t *summary = report->summary;
    size_t i;
    const json_t *item;
    print_types(json_object_get(summary, "config_types"), file);
    print_elements(summary, file);
    print_consistency(json_object_get(summary, "consistency"), file);
    fputc('\n', file);
    json_array_foreach(json_object_get(summary, "findings"), i, item)
    {
        fprintf(file, "%s (%s): %s\n", text_of(item, "severity"), text_of(item, "name"), text_of(item, "text"));
    }
    fprintf(file, "%lld errors, %lld warnings\n", count_of(summary, "errors"), count_of(summary, "warnings"));
}
