/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of mode runner, `center type parameters` as in input.nn, and the order of the functions (spec acsf.md 1 to 3).
 */
#include "core/elements.h"
#include "core/parse.h"
#include "descriptors/acsf/acsf.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/** Parameters of each type in the order of its line; those after `|` may be left out. */
static const struct {
    int type, n_neighbors, narrow;
    const char *fields;
} types[] = {
    {2, 1, 0, "e1 eta rs rc"},
    {3, 2, 1, "e1 e2 eta lambda zeta rc | rs"},
    {9, 2, 0, "e1 e2 eta lambda zeta rc | rs"},
    {12, 1, 0, "eta rs rc"},
    {13, 2, 1, "eta rs lambda zeta rc"},
    {20, 1, 0, "e1 rl rc sub"},
    {21, 2, 1, "e1 e2 rl rc left right sub"},
    {22, 2, 0, "e1 e2 rl rc left right sub"},
    {23, 1, 0, "rl rc sub"},
    {24, 2, 1, "rl rc left right sub"},
    {25, 2, 0, "rl rc left right sub"},
};

/** Numbers of a line, with their ranges. */
static const struct {
    const char *name;
    size_t offset;
    double min, max;
} numbers[] = {
    {"eta", offsetof(acsf_function, eta), 0, 1e6},      {"rs", offsetof(acsf_function, rs), -100, 100},
    {"lambda", offsetof(acsf_function, lambda), -1, 1}, {"zeta", offsetof(acsf_function, zeta), 1e-3, 1024},
    {"rl", offsetof(acsf_function, rl), -100, 100},     {"rc", offsetof(acsf_function, rc), 1e-3, 100},
    {"left", offsetof(acsf_function, left), -180, 180}, {"right", offsetof(acsf_function, right), 0, 360},
};

/** Shapes of compact functions, with the letter `a` behind them or not. */
static const struct {
    const char *name;
    acsf_shape shape;
} shapes[] = {{"e", ACSF_EXPONENTIAL}, {"p1", ACSF_POLY1}, {"p2", ACSF_POLY2}, {"p3", ACSF_POLY3}, {"p4", ACSF_POLY4}};

/** A line being read, and where it stands. */
typedef struct line_reader {
    const char *text, *next, *path, *key;
    const schema_source *source;
    mlsoap_error *error;
    const char *token;
    size_t n_token; /**< 0 at the end of the line */
} line_reader;

static void next_token(line_reader *l)
{
    const char *blank = " \t\r\n";
    l->token = l->next + strspn(l->next, blank);
    l->n_token = *l->token == '#' ? 0 : strcspn(l->token, " \t\r\n#");
    l->next = l->token + l->n_token;
}

/* "path.functions.3: 'Si 2 Si x 0.0 6.0': eta: 'x' is ..." */
static mlsoap_status fail(const line_reader *l, const char *field, const char *what)
{
    return schema_fail(l->source, l->path, l->key, l->error, "'%.80s': %s: '%.*s' %s", l->text, field,
                       (int)(l->n_token < 40 ? l->n_token : 40), l->token, what);
}

static mlsoap_status read_element(line_reader *l, const char *field, int *element)
{
    *element = element_from_symbol(l->token, l->n_token);
    return *element < 1 ? fail(l, field, "is not the symbol of an element") : MLSOAP_SUCCESS;
}

static mlsoap_status read_sub(line_reader *l, acsf_function *f)
{
    size_t n = l->n_token;
    memset(f->sub, 0, sizeof f->sub);
    if (n < sizeof f->sub) memcpy(f->sub, l->token, n);
    if (n > 1 && l->token[n - 1] == 'a') n--;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strlen(shapes[i].name) == n && memcmp(shapes[i].name, l->token, n) == 0) return MLSOAP_SUCCESS;
    return fail(l, "sub", "is none of p1, p2, p3, p4, e, or one of these followed by a");
}

static mlsoap_status read_number(line_reader *l, const char *field, size_t n_field, acsf_function *f)
{
    char name[16], what[96];
    size_t i = 0;
    while (strlen(numbers[i].name) != n_field || memcmp(numbers[i].name, field, n_field) != 0) i++;
    double *value = (double *)(void *)((char *)f + numbers[i].offset);
    parse_result result = parse_real(l->token, l->n_token, value);
    snprintf(name, sizeof name, "%s", numbers[i].name);
    if (result) {
        snprintf(what, sizeof what, "is not %s", parse_result_text(result));
        return fail(l, name, what);
    }
    if (strcmp(name, "lambda") == 0 && fabs(*value) != 1) return fail(l, name, "must be 1 or -1");
    snprintf(what, sizeof what, "is out of range; it must be %g ... %g", numbers[i].min, numbers[i].max);
    return *value >= numbers[i].min && *value <= numbers[i].max ? MLSOAP_SUCCESS : fail(l, name, what);
}

static mlsoap_status read_fields(line_reader *l, const char *fields, acsf_function *f)
{
    int optional = 0;
    for (const char *field = fields; *field;) {
        size_t n = strcspn(field, " ");
        mlsoap_status status = MLSOAP_SUCCESS;
        if (*field == '|') {
            optional = 1;
        } else {
            next_token(l);
            if (l->n_token == 0) {
                if (optional) return MLSOAP_SUCCESS;
                return schema_fail(l->source, l->path, l->key, l->error,
                                   "'%.80s': %.*s is missing; type %d has the parameters %s", l->text, (int)n, field,
                                   f->type, fields);
            }
            if (*field == 'e' && n == 2)
                status = read_element(l, field[1] == '1' ? "e1" : "e2", &f->species[field[1] - '1']);
            else if (*field == 's')
                status = read_sub(l, f);
            else
                status = read_number(l, field, n, f);
        }
        if (status) return status;
        field += n + strspn(field + n, " ");
    }
    next_token(l);
    return l->n_token ? fail(l, "end of line", "is one too many") : MLSOAP_SUCCESS;
}

/* rl < rc, left < right; an angle below 0 or above 180 degrees only where the function is symmetric about it. */
static mlsoap_status check_ranges(const line_reader *l, const acsf_function *f)
{
    if (f->sub[0] && !(f->rl < f->rc))
        return schema_fail(l->source, l->path, l->key, l->error, "'%.80s': rl = %g must be below rc = %g", l->text,
                           f->rl, f->rc);
    if (!f->sub[0] || f->n_neighbors == 1) return MLSOAP_SUCCESS;
    if (!(f->left < f->right))
        return schema_fail(l->source, l->path, l->key, l->error, "'%.80s': left = %g must be below right = %g", l->text,
                           f->left, f->right);
    if (f->left < 0 && f->left + f->right != 0)
        return schema_fail(l->source, l->path, l->key, l->error,
                           "'%.80s': left = %g is below 0, which only right = %g allows (center 0)", l->text, f->left,
                           -f->left);
    if (f->right > 180 && f->left + f->right != 360)
        return schema_fail(l->source, l->path, l->key, l->error,
                           "'%.80s': right = %g is above 180, which only left = %g allows (center 180)", l->text,
                           f->right, 360 - f->right);
    return MLSOAP_SUCCESS;
}

mlsoap_status acsf_function_parse(const char *text, const char *path, const char *key, const schema_source *source,
                                  acsf_function *f, mlsoap_error *error)
{
    line_reader l = {.text = text, .next = text, .path = path, .key = key, .source = source, .error = error};
    long type = 0;
    size_t i = 0, n_types = sizeof types / sizeof *types;
    *f = (acsf_function){0};
    next_token(&l);
    if (l.n_token == 0)
        return schema_fail(source, path, key, error, "'%.80s' is empty; write such as \"Si 2 Si 3.5 0.0 6.0\"", text);
    int every = l.n_token == 1 && *l.token == '*';
    mlsoap_status status = every ? MLSOAP_SUCCESS : read_element(&l, "center", &f->center);
    if (status) return status;
    next_token(&l);
    parse_result result = parse_integer(l.token, l.n_token, 0, 1000, &type);
    while (!result && i < n_types && types[i].type != type) i++;
    if (result || i == n_types) return fail(&l, "type", "is none of 2, 3, 9, 12, 13, 20, 21, 22, 23, 24, 25");
    f->type = (int)type;
    f->n_neighbors = types[i].n_neighbors;
    f->narrow = types[i].narrow;
    status = read_fields(&l, types[i].fields, f);
    if (f->species[1] && f->species[1] < f->species[0]) {
        int swap = f->species[0];
        f->species[0] = f->species[1];
        f->species[1] = swap;
    }
    return status ? status : check_ranges(&l, f);
}

static int compare_doubles(double a, double b)
{
    return (a > b) - (a < b);
}

int acsf_function_compare(const void *a, const void *b)
{
    const acsf_function *f = a, *h = b;
    int every = (f->center == 0) - (h->center == 0), sub = strcmp(f->sub, h->sub);
    if (every) return every;
    if (f->center != h->center) return f->center - h->center;
    if (f->type != h->type) return f->type - h->type;
    if (sub) return sub;
    for (int k = 0; k < 2 && f->sub[0]; k++)
        if (f->species[k] != h->species[k]) return f->species[k] - h->species[k];
    const double keys[][2] = {{f->rc, h->rc},   {f->rl, h->rl}, {f->left, h->left}, {f->right, h->right},
                              {f->eta, h->eta}, {f->rs, h->rs}, {f->zeta, h->zeta}, {f->lambda, h->lambda}};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        if (keys[k][0] != keys[k][1]) return compare_doubles(keys[k][0], keys[k][1]);
    for (int k = 0; k < 2; k++)
        if (f->species[k] != h->species[k]) return f->species[k] - h->species[k];
    return 0;
}

acsf_window acsf_cutoff_window(int type, double alpha, double rc)
{
    int whole = type == ACSF_TANH || type == ACSF_TANH_NORMALIZED; /* they have no inner radius */
    double inner = whole ? 0 : alpha * rc;
    return (acsf_window){(acsf_shape)type, 1, 0, inner, 1 / (rc - inner), -1, rc};
}

acsf_window acsf_compact_window(const char *sub, double low, double high)
{
    acsf_window w = {ACSF_HARD, 0, 0, (low + high) / 2, 2 / (high - low), low, high};
    size_t n = strlen(sub);
    w.bent = n > 1 && sub[n - 1] == 'a';
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strncmp(shapes[i].name, sub, n - (size_t)w.bent) == 0) w.shape = shapes[i].shape;
    return w;
}

acsf_angle acsf_function_angle(const acsf_function *f)
{
    acsf_angle angle = {.lambda = f->lambda, .zeta = f->zeta};
    if (f->sub[0]) angle.window = acsf_compact_window(f->sub, f->left * M_PI / 180, f->right * M_PI / 180);
    angle.window.bent = 0; /* of the distances only */
    return angle;
}
