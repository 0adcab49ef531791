/* SPDX-License-Identifier: BSD-3-Clause */
/* A scan of settings; see scan.h. */
#include "scan.h"

#include "app/html_page.h"
#include "app/json_file.h"
#include "app/plots.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "train_output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct scan_axis {
    char *key;
    char **values;
    size_t n;
} scan_axis;

typedef struct scan {
    scan_axis *axes;
    size_t n_axes, n_points, n_fitted;
    scan_point *points;
    char **labels; /* [n_points] "key=value key=value" */
    config first;  /* as completed by the first fit: it knows the output */
    checkpoint *finished;
} scan;

static void scan_release(scan *s)
{
    for (size_t i = 0; s->axes && i < s->n_axes; i++) {
        for (size_t k = 0; k < s->axes[i].n; k++) memory_free(s->axes[i].values[k]);
        memory_free(s->axes[i].values);
        memory_free(s->axes[i].key);
    }
    for (size_t i = 0; s->labels && i < s->n_points; i++) memory_free(s->labels[i]);
    memory_free(s->axes);
    memory_free(s->points);
    memory_free(s->labels);
    config_release(&s->first);
    checkpoint_free(s->finished);
}

/* ------------------------------------------------------------------------------------------------------- arguments */

static char *copy_bytes(const char *text, size_t n)
{
    char *copy = MEMORY_NEW(char, n + 1);
    if (copy) memcpy(copy, text, n);
    return copy;
}

/* Length of the value at `text`, up to a comma outside of brackets and quotes. */
static size_t value_length(const char *text)
{
    int depth = 0;
    char quote = 0;
    size_t n = 0;
    for (; text[n] && (quote || depth > 0 || text[n] != ','); n++) {
        if (quote)
            quote = text[n] == quote ? 0 : quote;
        else if (text[n] == '"' || text[n] == '\'')
            quote = text[n];
        else
            depth += (text[n] == '[' || text[n] == '{') - (text[n] == ']' || text[n] == '}');
    }
    return n;
}

static mlsoap_status read_axis(const char *text, scan_axis *axis, mlsoap_error *error)
{
    size_t capacity = 0;
    while (*text == '-') text++;
    const char *equals = strchr(text, '='), *value = equals ? equals + 1 : NULL;
    if (!equals || equals == text || !*value)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                           "--scan %s is not of the form key=a,b,c, such as descriptors.0.r_cut=5,6,7", text);
    axis->key = copy_bytes(text, (size_t)(equals - text));
    for (;;) {
        size_t n = value_length(value);
        if (n == 0) return status_fail(error, MLSOAP_ERROR_ARGUMENT, "--scan %s: a value is empty", text);
        if (!axis->key || !MEMORY_RESERVE(&axis->values, &capacity, axis->n + 1) ||
            !(axis->values[axis->n] = copy_bytes(value, n)))
            return status_no_memory(error, strlen(text), "a scan");
        axis->n++;
        if (!value[n]) return MLSOAP_SUCCESS;
        value += n + 1;
    }
}

static mlsoap_status read_axes(scan *s, const char *const *scans, size_t n, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    s->n_points = 1;
    s->axes = MEMORY_NEW(scan_axis, n);
    if (!s->axes) return status_no_memory(error, n * sizeof *s->axes, "a scan");
    for (s->n_axes = 0; s->n_axes < n && !status; s->n_axes++) {
        status = read_axis(scans[s->n_axes], &s->axes[s->n_axes], error);
        s->n_points *= s->axes[s->n_axes].n;
    }
    if (status) s->n_points = 0;
    s->points = MEMORY_NEW(scan_point, s->n_points);
    s->labels = MEMORY_NEW(char *, s->n_points);
    return status || (s->points && s->labels) ? status : status_no_memory(error, 1024, "a scan");
}

/* Value of an axis at a point: the last axis runs fastest. */
static const char *value_of(const scan *s, size_t i_point, size_t i_axis)
{
    for (size_t i = s->n_axes; i-- > i_axis + 1;) i_point /= s->axes[i].n;
    return s->axes[i_axis].values[i_point % s->axes[i_axis].n];
}

/* ------------------------------------------------------------------------------------------------------------- fits */

/* The configuration of a point, without test files: nothing of them may be seen. */
static mlsoap_status point_config(const scan *s, size_t i_point, scan_config_maker make, const void *context, config *c,
                                  mlsoap_error *error)
{
    char **assignments = MEMORY_NEW(char *, s->n_axes);
    mlsoap_status status = assignments ? MLSOAP_SUCCESS : status_no_memory(error, 1024, "a scan");
    for (size_t i = 0; i < s->n_axes && !status; i++) {
        const char *value = value_of(s, i_point, i);
        size_t n = strlen(s->axes[i].key) + strlen(value) + 2;
        if (!(assignments[i] = MEMORY_NEW(char, n))) status = status_no_memory(error, n, "a scan");
        if (!status) snprintf(assignments[i], n, "%s=%s", s->axes[i].key, value);
    }
    if (!status) status = make(context, (const char *const *)assignments, s->n_axes, c, error);
    json_t *data = status ? NULL : json_object_get(c->root, "data");
    if (json_is_object(data)) json_object_del(data, "test");
    for (size_t i = 0; assignments && i < s->n_axes; i++) memory_free(assignments[i]);
    memory_free(assignments);
    return status;
}

static mlsoap_status set_label(scan *s, size_t i_point, mlsoap_error *error)
{
    size_t n = 1, at = 0;
    for (size_t i = 0; i < s->n_axes; i++) n += strlen(s->axes[i].key) + strlen(value_of(s, i_point, i)) + 2;
    char *label = s->labels[i_point] = MEMORY_NEW(char, n);
    if (!label) return status_no_memory(error, n, "a scan");
    for (size_t i = 0; i < s->n_axes; i++)
        at += (size_t)snprintf(label + at, n - at, "%s%s=%s", i ? " " : "", s->axes[i].key, value_of(s, i_point, i));
    return MLSOAP_SUCCESS;
}

/* Where nothing is kept, the file, if there is one, is an older one. */
static mlsoap_status fail_stopped(const scan *s, size_t i, mlsoap_error *error)
{
    size_t n = checkpoint_count(s->finished);
    if (n == 0)
        return status_fail(error, MLSOAP_ERROR_INTERRUPTED, "--scan %s: stopped by a signal before a fit was done",
                           s->labels[i]);
    return status_fail(error, MLSOAP_ERROR_INTERRUPTED,
                       "--scan %s: stopped by a signal; %s holds %zu fit%s: the same command with --resume goes on",
                       s->labels[i], checkpoint_path(s->finished), n, n == 1 ? "" : "s");
}

static mlsoap_status run_point(scan *s, size_t i, scan_config_maker make, const void *context,
                               const train_options *options, mlsoap_error *error)
{
    config c = {0};
    train_options own = *options;
    own.point = &s->points[i];
    own.finished = &s->finished;
    mlsoap_status status = set_label(s, i, error);
    if (!status) status = point_config(s, i, make, context, &c, error);
    if (!status) status = train_run(&c, &own, error);
    if (i == 0)
        s->first = c;
    else
        config_release(&c);
    s->n_fitted += !s->points[i].taken;
    if (status == MLSOAP_ERROR_INTERRUPTED) return fail_stopped(s, i, error);
    return status ? status_prefix(error, status, "--scan %s", s->labels[i] ? s->labels[i] : "") : MLSOAP_SUCCESS;
}

/* What X.scan.ckpt holds beside the points so far may be some of those that come. */
static void print_point(const scan *s, size_t i, double elapsed)
{
    const scan_point *p = &s->points[i];
    printf("scan: %zu of %zu: %s: energy %.3f meV/atom, forces %.4f eV/angstrom (MAE), %.1f us/atom; fit %.0f s", i + 1,
           s->n_points, s->labels[i], p->measures[TARGET_ENERGY].mae, p->measures[TARGET_FORCES].mae, p->us_per_atom,
           p->seconds);
    if (p->taken)
        printf(", taken from %s", checkpoint_path(s->finished));
    else if (i + 1 < s->n_points)
        printf("; %s %.0f s left", checkpoint_count(s->finished) > i + 1 ? "at most" : "some",
               elapsed / (double)s->n_fitted * (double)(s->n_points - i - 1));
    printf("\n");
    fflush(stdout);
}

/* ---------------------------------------------------------------------------------------------------------- results */

enum { N_COLUMNS = 8 };
static const char *const columns[N_COLUMNS] = {"energy_mae",  "energy_rmse", "forces_mae", "forces_rmse",
                                               "us_per_atom", "fit_seconds", "n_features", "bytes"};

static void column_values(const scan_point *p, double values[N_COLUMNS])
{
    values[0] = p->measures[TARGET_ENERGY].mae;
    values[1] = p->measures[TARGET_ENERGY].rmse;
    values[2] = p->measures[TARGET_FORCES].mae;
    values[3] = p->measures[TARGET_FORCES].rmse;
    values[4] = p->us_per_atom;
    values[5] = p->seconds;
    values[6] = (double)p->n_features;
    values[7] = (double)p->n_bytes;
}

/* True where no other point is both cheaper and better in the forces. */
static bool is_best_at_its_cost(const scan *s, size_t i)
{
    const scan_point *p = &s->points[i];
    for (size_t k = 0; k < s->n_points; k++) {
        const scan_point *q = &s->points[k];
        if (k != i && q->us_per_atom <= p->us_per_atom &&
            q->measures[TARGET_FORCES].mae < p->measures[TARGET_FORCES].mae)
            return false;
    }
    return true;
}

/* About the times of fits that another session has made; "" where there are none. */
static const char *remark_on_times(const scan *s)
{
    return s->n_fitted == s->n_points ? ""
                                      : "; t taken from X.scan.ckpt: its times were measured when it was fitted, and "
                                        "compare with the others as far as the machine was as busy then";
}

static void print_table(const scan *s)
{
    size_t width = 8;
    for (size_t i = 0; i < s->n_points; i++) width = strlen(s->labels[i]) > width ? strlen(s->labels[i]) : width;
    printf("\nValidation errors (the settings that win by them look a little better than they are), cost here on one "
           "thread; * best at its cost%s\n",
           remark_on_times(s));
    printf("%5s %-*s %9s %9s %9s %9s %9s %8s %9s\n", "", (int)width, "", "E MAE", "E RMSE", "F MAE", "F RMSE",
           "us/atom", "fit (s)", "size (kB)");
    for (size_t i = 0; i < s->n_points; i++) {
        double v[N_COLUMNS];
        column_values(&s->points[i], v);
        printf("%3zu%s%s %-*s %9.3f %9.3f %9.4f %9.4f %9.2f %8.1f %9.0f\n", i + 1,
               is_best_at_its_cost(s, i) ? "*" : " ", s->points[i].taken ? "t" : " ", (int)width, s->labels[i], v[0],
               v[1], v[2], v[3], v[4], v[5], 1e-3 * v[7]);
    }
    if (s->n_points > 0)
        printf("%5s %-*s %9s %9.3f %9s %9.4f   every atom at its offset, no forces\n", "", (int)width, "baseline", "",
               s->points[0].baseline[0], "", s->points[0].baseline[1]);
}

static json_t *scan_json(const scan *s)
{
    json_t *points = json_array();
    for (size_t i = 0; i < s->n_points; i++) {
        double v[N_COLUMNS];
        json_t *settings = json_object(), *point = json_object();
        column_values(&s->points[i], v);
        for (size_t k = 0; k < s->n_axes; k++)
            json_object_set_new(settings, s->axes[k].key, json_string(value_of(s, i, k)));
        json_object_set_new(point, "settings", settings);
        for (int k = 0; k < N_COLUMNS; k++) json_object_set_new(point, columns[k], json_real(v[k]));
        json_object_set_new(point, "r_cut", json_real(s->points[i].r_cut));
        json_object_set_new(point, "best_at_its_cost", json_boolean(is_best_at_its_cost(s, i)));
        json_object_set_new(point, "taken", json_boolean(s->points[i].taken));
        json_array_append_new(points, point);
    }
    return json_pack("{s:{s:s, s:s}, s:o, s:{s:f, s:f}}", "units", "energy", "meV/atom", "forces", "eV/angstrom",
                     "points", points, "baseline", "energy_rmse", s->n_points ? s->points[0].baseline[0] : 0,
                     "forces_rmse", s->n_points ? s->points[0].baseline[1] : 0);
}

/* RFC 4180: quotes around a text, doubled inside. */
static mlsoap_status put_quoted(file_writer *w, const char *text, mlsoap_error *error)
{
    mlsoap_status status = file_writer_print(w, error, "\"");
    for (; *text && !status; text++) status = file_writer_print(w, error, *text == '"' ? "\"\"" : "%c", *text);
    return status ? status : file_writer_print(w, error, "\",");
}

static mlsoap_status write_csv(const scan *s, const char *path, mlsoap_error *error)
{
    file_writer *w = NULL;
    mlsoap_status status = file_writer_open(path, &w, error);
    if (status) return status;
    for (size_t k = 0; k < s->n_axes && !status; k++) status = put_quoted(w, s->axes[k].key, error);
    for (int k = 0; k < N_COLUMNS && !status; k++)
        status = file_writer_print(w, error, "%s%s", columns[k], k + 1 < N_COLUMNS ? "," : ",taken\n");
    for (size_t i = 0; i < s->n_points && !status; i++) {
        double v[N_COLUMNS];
        column_values(&s->points[i], v);
        for (size_t k = 0; k < s->n_axes && !status; k++) status = put_quoted(w, value_of(s, i, k), error);
        for (int k = 0; k < N_COLUMNS && !status; k++) status = file_writer_print(w, error, "%.9g,", v[k]);
        if (!status) status = file_writer_print(w, error, "%d\n", s->points[i].taken);
    }
    if (!status) return file_writer_commit(w, error);
    file_writer_discard(w);
    return status;
}

static void put_row(html_page *p, const scan *s, size_t i)
{
    double v[N_COLUMNS];
    column_values(&s->points[i], v);
    html_format(p, "<tr><td>%zu%s%s</td>", i + 1, is_best_at_its_cost(s, i) ? "*" : "", s->points[i].taken ? "t" : "");
    for (size_t k = 0; k < s->n_axes; k++) {
        html_put(p, "<td>");
        html_escape(p, value_of(s, i, k));
        html_put(p, "</td>");
    }
    html_format(p,
                "<td>%.3f</td><td>%.3f</td><td>%.4f</td><td>%.4f</td><td>%.2f</td><td>%.1f</td><td>%.0f</td><td>%.0f"
                "</td></tr>\n",
                v[0], v[1], v[2], v[3], v[4], v[5], v[6], 1e-3 * v[7]);
}

/* Force errors over costs, each point with its number in the table. */
static char *draw(const scan *s)
{
    static const plot_axes axes = {
        .x = "cost on one thread (us/atom)", .y = "validation MAE of forces (eV/Å)", .highest = INFINITY};
    double *x = MEMORY_NEW(double, s->n_points), *y = MEMORY_NEW(double, s->n_points);
    for (size_t i = 0; i < s->n_points && x && y; i++) {
        x[i] = s->points[i].us_per_atom;
        y[i] = s->points[i].measures[TARGET_FORCES].mae;
    }
    char *svg = x && y ? plot_numbered(x, y, s->n_points, &axes) : NULL;
    memory_free(x);
    memory_free(y);
    return svg;
}

static mlsoap_status write_page(const scan *s, const char *path, mlsoap_error *error)
{
    html_page p = {0};
    char *svg = draw(s);
    html_head(&p, schema_text(s->first.root, "output"), "scan of settings");
    html_put(&p, "<p>Each row is a fit without the validation frames, judged on these; test frames were not read. "
                 "The settings that win by them look a little better than they are. * no other row is cheaper and "
                 "better in the forces");
    html_escape(&p, remark_on_times(s));
    html_put(&p, ".</p>\n<div class=\"plots\">\n<figure>\n");
    html_put(&p, svg ? svg : "<p class=\"note\">The plot is missing because gnuplot could not be run.</p>\n");
    html_put(&p, "<figcaption>Force error over cost; numbers are rows of the table.</figcaption>\n</figure>\n</div>\n"
                 "<div class=\"wide\">\n<table>\n<tr><th>row</th>");
    for (size_t k = 0; k < s->n_axes; k++) {
        html_put(&p, "<th>");
        html_escape(&p, s->axes[k].key);
        html_put(&p, "</th>");
    }
    html_put(&p, "<th>energy MAE (meV/atom)</th><th>RMSE</th><th>forces MAE (eV/Å)</th><th>RMSE</th><th>µs/atom</th>"
                 "<th>fit (s)</th><th>features</th><th>size (kB)</th></tr>\n");
    for (size_t i = 0; i < s->n_points; i++) put_row(&p, s, i);
    html_put(&p, "</table>\n</div>\n");
    html_format(&p,
                "<p>Every atom at its offset and no forces: energy %.1f meV/atom, forces %.3f eV/Å (RMSE on the same "
                "frames).</p>\n",
                s->points[0].baseline[0], s->points[0].baseline[1]);
    mlsoap_status status = html_write(&p, path, error);
    html_release(&p);
    memory_free(svg);
    return status;
}

static mlsoap_status write_json(const scan *s, const char *path, mlsoap_error *error)
{
    json_t *json = scan_json(s);
    mlsoap_status status = json_file_write(path, json, 0, "the JSON of a scan", error);
    json_decref(json);
    return status;
}

static mlsoap_status write_results(const scan *s, mlsoap_error *error)
{
    static const struct {
        const char *ending;
        mlsoap_status (*write)(const scan *s, const char *path, mlsoap_error *error);
    } files[] = {{".scan.csv", write_csv}, {".scan.json", write_json}, {".scan.html", write_page}};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < sizeof files / sizeof *files && !status; i++) {
        char *path = train_output_path(&s->first, files[i].ending);
        status = path ? files[i].write(s, path, error) : status_no_memory(error, 256, "a file name");
        if (!status) printf("%s%s", i ? ", " : "\nwritten: ", path);
        memory_free(path);
    }
    printf("\n");
    return status;
}

mlsoap_status scan_run(const char *const *scans, size_t n, scan_config_maker make, const void *context,
                       const train_options *options, mlsoap_error *error)
{
    scan s = {0};
    double begin = clock_seconds();
    mlsoap_status status = read_axes(&s, scans, n, error);
    for (size_t i = 0; i < s.n_points && !status; i++) {
        status = run_point(&s, i, make, context, options, error);
        if (!status) print_point(&s, i, clock_seconds() - begin);
    }
    if (!status) print_table(&s);
    if (!status && parallel_rank(options->ranks) == 0) status = write_results(&s, error);
    if (!status && parallel_rank(options->ranks) == 0) checkpoint_remove(s.finished);
    scan_release(&s);
    return status;
}
