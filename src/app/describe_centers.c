/* SPDX-License-Identifier: BSD-3-Clause */
/* The option --centers; see describe_centers.h. */
#include "app/describe_centers.h"

#include "core/file.h"
#include "core/memory.h"
#include "core/parse.h"

#include <limits.h>
#include <string.h>

static const char atoms_prefix[] = "atoms:";

static mlsoap_status read_atoms(const char *text, describe_centers *centers, mlsoap_error *error)
{
    size_t capacity = 0;
    const char *list = text;
    for (;;) {
        size_t n = strcspn(text, ",");
        long index;
        if (parse_integer(text, n, 0, LONG_MAX, &index) != PARSE_OK)
            return status_fail(error, MLSOAP_ERROR_VALUE,
                               "--centers atoms:%s: `%.*s` is not the number of an atom; write such as atoms:0,3", list,
                               (int)n, text);
        if (!MEMORY_RESERVE(&centers->atoms, &capacity, centers->n_atoms + 1))
            return status_no_memory(error, sizeof index, "centers");
        centers->atoms[centers->n_atoms++] = (size_t)index;
        if (!text[n]) return MLSOAP_SUCCESS;
        text += n + 1;
    }
}

/* The three numbers of one point, n characters; an empty line adds none. */
static mlsoap_status read_point(const char *text, size_t n, const char *name, long line, json_t *points,
                                mlsoap_error *error)
{
    static const char separators[] = " \t\r,";
    double x[4];
    int n_numbers = 0;
    const char *end = text + n;
    while (n_numbers < 4) {
        text += strspn(text, separators);
        if (text >= end) break;
        size_t length = strcspn(text, " \t\r,;#\n");
        if (length == 0) break;
        parse_result result = parse_real(text, length, &x[n_numbers++]);
        if (result)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, line, "`%.*s` is %s", (int)length, text,
                                  parse_result_text(result));
        text += length;
    }
    if (n_numbers == 0) return MLSOAP_SUCCESS;
    if (n_numbers != 3)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, line,
                              "a point has three coordinates: x, y, z in angstrom");
    json_t *point = json_pack("[f,f,f]", x[0], x[1], x[2]);
    return json_array_append_new(points, point) ? status_no_memory(error, sizeof x, "centers") : MLSOAP_SUCCESS;
}

/* Points separated by a character; what follows a # in a line is a comment. */
static mlsoap_status read_points(const char *text, char separator, const char *name, int has_lines, json_t *points,
                                 mlsoap_error *error)
{
    const char ends[] = {separator, '\0'};
    for (long line = 1;; line++) {
        size_t n = strcspn(text, ends);
        const char *comment = memchr(text, '#', n);
        mlsoap_status status =
            read_point(text, comment ? (size_t)(comment - text) : n, name, has_lines ? line : 0, points, error);
        if (status || !text[n]) return status;
        text += n + 1;
    }
}

static mlsoap_status read_file(const char *path, json_t *points, mlsoap_error *error)
{
    char *text;
    size_t n;
    mlsoap_status status = file_read(path, 0, &text, &n, error);
    if (status) return status_prefix(error, status, "--centers");
    status = read_points(text, '\n', path, 1, points, error);
    memory_free(text);
    return status;
}

mlsoap_status describe_centers_read(const char *text, describe_centers *centers, mlsoap_error *error)
{
    mlsoap_status status;
    *centers = (describe_centers){0};
    if (!strncmp(text, atoms_prefix, strlen(atoms_prefix))) {
        status = read_atoms(text + strlen(atoms_prefix), centers, error);
    } else {
        centers->points = json_array();
        if (!centers->points) return status_no_memory(error, sizeof(void *), "centers");
        status = strchr(text, ',') ? read_points(text, ';', "--centers", 0, centers->points, error)
                                   : read_file(text, centers->points, error);
        if (!status && json_array_size(centers->points) == 0)
            status = status_fail(error, MLSOAP_ERROR_VALUE, "--centers %s: there is no point in it", text);
    }
    if (status) describe_centers_release(centers);
    return status;
}

void describe_centers_release(describe_centers *centers)
{
    json_decref(centers->points);
    memory_free(centers->atoms);
    *centers = (describe_centers){0};
}
