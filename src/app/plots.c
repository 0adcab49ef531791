/* SPDX-License-Identifier: BSD-3-Clause */
/* Plots of the report: thinning of dense data, and gnuplot as a child process that reads its script from an unlinked
 * temporary file and writes SVG into a pipe. */
#define _GNU_SOURCE
#include "app/plots.h"

#include "core/memory.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* At the width of a phone letters are still 14 pixels high. */
enum { WIDTH = 400, HEIGHT = 372, GRID = 400, N_QUANTILES = 400, N_TAIL = 40, N_FEW_POINTS = 300 };

/* Colors of Okabe and Ito (2008), which differ for every kind of color vision; each set differs in lightness, shape of
 * its points and dashes of its line too, so that print loses nothing. Sets are drawn in this order: the test stays on
 * top. */
static const struct {
    const char *name, *color, *point, *dash;
} looks[] = {{"train", "#56b4e9", "pt 7", "dt 1 lw 3"},
             {"validation", "#009e73", "pt 2 lw 1.2", "dt 3 lw 2.5"},
             {"test", "#d55e00", "pt 4 lw 1.2", "dt 2 lw 2.5"}};
enum { N_LOOKS = sizeof looks / sizeof looks[0] };

/* N_LOOKS: of no set. */
static size_t find_look(const char *name)
{
    size_t i = 0;
    while (i < N_LOOKS && strcmp(looks[i].name, name) != 0) i++;
    return i;
}

static size_t look_of(const char *name)
{
    return find_look(name) % N_LOOKS;
}

/* ---------------------------------------------------------------------------------------------- the child process */

static char *read_all(int fd)
{
    enum { CHUNK = 65536 };
    char *text = NULL;
    size_t n = 0, capacity = 0;
    for (;;) {
        if (!MEMORY_RESERVE(&text, &capacity, n + CHUNK + 1)) break;
        ssize_t got = read(fd, text + n, CHUNK);
        if (got < 0) break;
        n += (size_t)got;
        if (got == 0) {
            text[n] = '\0';
            return text;
        }
    }
    memory_free(text);
    return NULL;
}

/* Run gnuplot on the script; its standard output, or NULL. */
static char *run_gnuplot(FILE *script)
{
    char *const arguments[] = {(char[]){"gnuplot"}, (char[]){"-d"}, (char[]){"-"}, NULL};
    int ends[2], wait_status = -1;
    pid_t child;
    char *text = NULL;
    posix_spawn_file_actions_t actions;
    if (fflush(script) != 0 || fseek(script, 0, SEEK_SET) != 0 || pipe2(ends, O_CLOEXEC) != 0) return NULL;
    bool started = false;
    if (posix_spawn_file_actions_init(&actions) == 0) {
        started = posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO) == 0 &&
                  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) == 0 &&
                  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
                  posix_spawnp(&child, "gnuplot", &actions, NULL, arguments, environ) == 0;
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    if (started) {
        text = read_all(ends[0]);
        if (waitpid(child, &wait_status, 0) != child || wait_status != 0) {
            memory_free(text);
            text = NULL;
        }
    }
    close(ends[0]);
    return text;
}

/* From "<svg" on: the XML prologue has no place inside a page, and gnuplot's own title would show as a tooltip. */
static char *take_svg(char *output)
{
    static const char title[] = "<title>Gnuplot</title>";
    char *begin = output ? strstr(output, "<svg") : NULL;
    if (!begin || !strstr(begin, "</svg>")) {
        memory_free(output);
        return NULL;
    }
    char *found = strstr(begin, title);
    if (found) memset(found, ' ', sizeof title - 1);
    char *svg = memory_copy_text(begin);
    memory_free(output);
    return svg;
}

/* Marks at distances of 1, 2 or 5 times a power of ten, five or so of them: longer numbers than usual stay apart. */
static double tic_step(double range)
{
    double power = pow(10, floor(log10(range / 5))), ratio = range / 5 / power;
    return power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

static void write_head(FILE *script)
{
    fprintf(script,
            "set terminal svg size %d,%d dynamic enhanced font 'sans-serif,16' background '#ffffff'\n"
            "set border 3 lw 1 lc rgb '#444444'\nset tics nomirror out\nset grid lc rgb '#dddddd' dt 1 lw 1\n"
            "set key outside above center horizontal Left reverse samplen 1.5\n",
            WIDTH, HEIGHT);
}

/* ---------------------------------------------------------------------------------------------------- parity plot */

typedef struct span {
    double low, high;
} span;

static span span_of(const plot_series *series, size_t n_series)
{
    span s = {INFINITY, -INFINITY};
    for (size_t i = 0; i < n_series; i++) {
        for (size_t k = 0; k < series[i].n; k++) {
            double x = series[i].x[k], y = series[i].y[k];
            if (!isfinite(x) || !isfinite(y)) continue;
            s.low = fmin(s.low, fmin(x, y));
            s.high = fmax(s.high, fmax(x, y));
        }
    }
    double margin = s.high > s.low ? 0.03 * (s.high - s.low) : 1e-3 + 1e-3 * fabs(s.high);
    return (span){s.low - margin, s.high + margin};
}

/* Mark the first point of every cell of a grid x grid raster; the number of marked points. */
static size_t mark_distinct(const plot_series *series, span s, size_t grid, unsigned char *cells, unsigned char *marks)
{
    size_t n_marked = 0;
    double scale = (double)grid / (s.high - s.low);
    memset(cells, 0, grid * grid);
    for (size_t k = 0; k < series->n; k++) {
        marks[k] = 0;
        if (!isfinite(series->x[k]) || !isfinite(series->y[k])) continue;
        size_t column = (size_t)((series->x[k] - s.low) * scale), row = (size_t)((series->y[k] - s.low) * scale);
        if (column >= grid || row >= grid || cells[row * grid + column]) continue;
        cells[row * grid + column] = marks[k] = 1;
        n_marked++;
    }
    return n_marked;
}

/* The data block $<i> with the points that are to be drawn. */
static bool write_points(FILE *script, plot_series *series, size_t i, span s)
{
    unsigned char *marks = MEMORY_NEW(unsigned char, series->n);
    unsigned char *cells = MEMORY_NEW(unsigned char, GRID *GRID);
    if (marks && cells) {
        size_t grid = GRID;
        while ((series->n_drawn = mark_distinct(series, s, grid, cells, marks)) > PLOT_MAX_POINTS) grid -= grid / 4;
        fprintf(script, "$set%zu << EOD\n", i);
        for (size_t k = 0; k < series->n; k++) {
            if (marks[k]) fprintf(script, "%.7g %.7g\n", series->x[k], series->y[k]);
        }
        fputs("EOD\n", script);
    }
    bool done = marks && cells;
    memory_free(marks);
    memory_free(cells);
    return done;
}

char *plot_parity(plot_series *series, size_t n_series, const char *quantity, const char *unit)
{
    span s = span_of(series, n_series);
    if (!(s.low < s.high)) return NULL;
    FILE *script = tmpfile();
    if (!script) return NULL;
    write_head(script);
    double step = tic_step(s.high - s.low);
    bool done = true;
    for (size_t i = 0; i < n_series && done; i++) done = write_points(script, &series[i], i, s);
    fprintf(script,
            "set size ratio 1\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset xtics %g\nset ytics %g\n"
            "set xlabel 'reference %s (%s)'\nset ylabel 'predicted %s (%s)'\nplot x with lines lc rgb '#999999' lw 1 "
            "notitle",
            s.low, s.high, s.low, s.high, step, step, quantity, unit, quantity, unit);
    for (size_t i = 0; i < n_series; i++) {
        size_t look = look_of(series[i].name);
        if (series[i].n_drawn == 0) continue;
        double size = series[i].n_drawn > N_FEW_POINTS ? 0.3 : 0.55; /* many points: small, so that they stay apart */
        fprintf(script, ", $set%zu with points %s ps %g lc rgb '%s' title '%s'", i, looks[look].point, size,
                looks[look].color, looks[look].name);
    }
    fputc('\n', script);
    char *svg = done && !ferror(script) ? take_svg(run_gnuplot(script)) : NULL;
    fclose(script);
    return svg;
}

/* -------------------------------------------------------------------------------------------- distribution of errors
 */

/* Quantiles, and every one of the largest values: the tail is what users look for. */
static void write_quantiles(FILE *script, const plot_series *series, size_t i)
{
    size_t n = series->n, step = n / N_QUANTILES > 0 ? n / N_QUANTILES : 1;
    fprintf(script, "$set%zu << EOD\n", i);
    for (size_t k = 0; k < n; k++) {
        bool chosen = k % step == 0 || k + N_TAIL >= n;
        if (chosen && series->x[k] > 0 && isfinite(series->x[k])) {
            fprintf(script, "%.7g %.7g\n", series->x[k], 100 * (double)(k + 1) / (double)n);
        }
    }
    fputs("EOD\n", script);
}

/* Three decades up to the maximum: forces that vanish by symmetry have errors of rounding, which would fill the axis.
 */
static span distribution_span(const plot_series *series, size_t n_series)
{
    double highest = 0;
    for (size_t i = 0; i < n_series; i++) {
        size_t n = series[i].n;
        while (n > 0 && !isfinite(series[i].x[n - 1])) n--;
        if (n > 0) highest = fmax(highest, series[i].x[n - 1]);
    }
    return (span){1e-3 * highest, highest};
}

char *plot_distribution(const plot_series *series, size_t n_series, const char *quantity, const char *unit,
                        const char *of_what)
{
    span s = distribution_span(series, n_series);
    if (!(s.low < s.high)) return NULL;
    FILE *script = tmpfile();
    if (!script) return NULL;
    write_head(script);
    for (size_t i = 0; i < n_series; i++) write_quantiles(script, &series[i], i);
    fprintf(script,
            "set logscale x\nset format x '%%g'\nset "
            "xrange [%.9g:%.9g]\nset yrange [0:100]\n"
            "set xlabel '%s (%s)'\nset ylabel 'share of %s below (%%)'\nplot ",
            s.low, 1.1 * s.high, quantity, unit, of_what);
    const char *separator = "";
    for (size_t i = 0; i < n_series; i++) {
        size_t look = look_of(series[i].name);
        if (series[i].n == 0) continue;
        fprintf(script, "%s$set%zu with lines %s lc rgb '%s' title '%s'", separator, i, looks[look].dash,
                looks[look].color, looks[look].name);
        separator = ", ";
    }
    fputc('\n', script);
    char *svg = !ferror(script) ? take_svg(run_gnuplot(script)) : NULL;
    fclose(script);
    return svg;
}

/* ------------------------------------------------------------------------------------------------------------ lines */

enum { FEW_ON_A_LINE = 24 }; /* points of their own */

static void write_line_style(FILE *script, const plot_curve *curve, size_t i)
{
    static const char *const colors[PLOT_MAX_CURVES] = {"#0072b2", "#d55e00", "#009e73",
                                                        "#cc79a7", "#e69f00", "#000000"};
    size_t look = find_look(curve->name);
    if (look < N_LOOKS)
        fprintf(script, "lc rgb '%s' %s", looks[look].color, looks[look].dash);
    else
        fprintf(script, "lc rgb '%s' lw 2.5 dt %zu", colors[i % PLOT_MAX_CURVES], i % 5 + 1);
    if (curve->n > 2 && curve->n <= FEW_ON_A_LINE) fprintf(script, " pt %zu ps 0.7", 4 + i);
}

/* Marks that leave room for their numbers. */
static void write_x_tics(FILE *script, const plot_curve *curves, size_t n_curves)
{
    span s = {INFINITY, -INFINITY};
    for (size_t i = 0; i < n_curves; i++)
        for (size_t k = 0; k < curves[i].n; k++) {
            if (!isfinite(curves[i].x[k])) continue;
            s.low = fmin(s.low, curves[i].x[k]);
            s.high = fmax(s.high, curves[i].x[k]);
        }
    if (s.low < s.high) fprintf(script, "set xtics %g\n", tic_step(s.high - s.low));
}

char *plot_curves(const plot_curve *curves, size_t n_curves, const plot_axes *axes)
{
    FILE *script = tmpfile();
    if (!script) return NULL;
    write_head(script);
    if (isfinite(axes->highest)) fprintf(script, "set yrange [*:%.9g]\n", axes->highest);
    if (axes->log_x)
        fputs("set logscale x\nset format x '%g'\n", script);
    else
        write_x_tics(script, curves, n_curves);
    if (axes->log_y) fputs("set logscale y\nset format y '%g'\n", script);
    fprintf(script, "%sset xlabel '%s'\nset ylabel '%s'\n", n_curves < 2 ? "unset key\n" : "", axes->x, axes->y);
    for (size_t i = 0; i < n_curves; i++) {
        fprintf(script, "$curve%zu << EOD\n", i);
        for (size_t k = 0; k < curves[i].n; k++)
            if (isfinite(curves[i].x[k]) && isfinite(curves[i].y[k]))
                fprintf(script, "%.7g %.7g\n", curves[i].x[k], curves[i].y[k]);
        fputs("EOD\n", script);
    }
    for (size_t i = 0; i < n_curves; i++) {
        bool few = curves[i].n > 2 && curves[i].n <= FEW_ON_A_LINE;
        fprintf(script, "%s$curve%zu with %s ", i > 0 ? ", " : "plot ", i, few ? "linespoints" : "lines");
        write_line_style(script, &curves[i], i);
        fprintf(script, " title '%s'", curves[i].name);
    }
    fputc('\n', script);
    char *svg = !ferror(script) ? take_svg(run_gnuplot(script)) : NULL;
    fclose(script);
    return svg;
}

char *plot_numbered(const double *x, const double *y, size_t n, const plot_axes *axes)
{
    double low = INFINITY, high = 0;
    FILE *script = tmpfile();
    if (!script) return NULL;
    write_head(script);
    fprintf(script,
            "unset key\nset offsets graph 0.08, graph 0.08, graph 0.08, graph 0.08\nset xlabel '%s'\nset ylabel '%s'\n",
            axes->x, axes->y);
    fputs("$points << EOD\n", script);
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] > 0) || !isfinite(x[i]) || !isfinite(y[i])) continue;
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        fprintf(script, "%.7g %.7g %zu\n", x[i], y[i], i + 1);
    }
    fputs("EOD\n", script);
    if (high > 3 * low) fputs("set logscale x\nset format x '%g'\n", script);
    fputs("plot $points with points pt 7 ps 0.8 lc rgb '#0072b2', $points using 1:2:3 with labels offset 0.8,0.6\n",
          script);
    char *svg = high > 0 && !ferror(script) ? take_svg(run_gnuplot(script)) : NULL;
    fclose(script);
    return svg;
}
