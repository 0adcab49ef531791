/* SPDX-License-Identifier: BSD-3-Clause */
/* Structures of CIF; see cif.h. */
#include "io/cif.h"

#include "core/elements.h"
#include "core/memory.h"
#include "core/parse.h"
#include "io/cif_block.h"
#include "io/cif_symmetry.h"
#include "io/plain_frame.h"

#include <math.h>
#include <string.h>

static const double OCCUPANCY = 1e-4; /* of full sites, which may be refined too */

/** Columns of the sites; NULL where the block lacks them. */
typedef struct cif_columns {
    const cif_item *position[3], *symbol, *label, *occupancy, *calc_flag;
    bool cartesian;
} cif_columns;

typedef struct cif_reader {
    text_reader text;
    cif_block block;
    cif_columns columns;
    bool has_cell;
    double cell[3][3];
    symmetry_operation *operations; /**< without the identity */
    size_t n_operations, capacity_operations;
    double (*positions)[3]; /**< of the frame: fractional where has_cell */
    int *species;
    size_t n_atoms, capacity_positions, capacity_species;
    double (*orbit)[3]; /**< [SYMMETRY_OPERATIONS_MAX + 1] */
} cif_reader;

static text_place place_of(const cif_reader *r, long line)
{
    return (text_place){r->text.place.file, line, r->text.place.frame};
}

/* ------------------------------------------------------------------------------------------------ cell */

static mlsoap_status read_cell_numbers(const cif_reader *r, double parameters[6], int *n_found, mlsoap_error *error)
{
    static const char *const tags[6] = {"_cell_length_a",    "_cell_length_b",   "_cell_length_c",
                                        "_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma"};
    const char *missing = NULL;
    *n_found = 0;
    for (int i = 0; i < 6; i++) {
        const cif_item *item = cif_block_find(&r->block, tags[i]);
        const cif_token *value = item && item->n == 1 ? cif_item_value(&r->block, item, 0) : NULL;
        if (!value || cif_is_missing(value)) {
            missing = tags[i];
            continue;
        }
        mlsoap_status status = cif_number(&r->text.place, item, value, &parameters[i], error);
        if (status) return status;
        ++*n_found;
    }
    if (*n_found == 0 || *n_found == 6) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->block.line,
                          "frame %zu: the block lacks %s; a cell needs three lengths and three angles",
                          r->text.place.frame, missing);
}

/* cos of degrees, exact at 90. */
static double cosine(double degrees)
{
    return degrees == 90.0 ? 0.0 : cos(degrees * (M_PI / 180.0));
}

static mlsoap_status read_cell(cif_reader *r, mlsoap_error *error)
{
    double p[6];
    int n_found;
    mlsoap_status status = read_cell_numbers(r, p, &n_found, error);
    memset(r->cell, 0, sizeof r->cell);
    r->has_cell = n_found == 6;
    if (status || !r->has_cell) return status;
    bool good = true;
    for (int i = 0; i < 3; i++) good &= p[i] > 0.0 && p[3 + i] > 0.0 && p[3 + i] < 180.0;
    double ca = cosine(p[3]), cb = cosine(p[4]), cc = cosine(p[5]), sc = sqrt(1.0 - cc * cc);
    double y = (ca - cb * cc) / sc, z2 = 1.0 - cb * cb - y * y;
    if (!good || !(z2 > 0.0))
        return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, r->block.line,
                              "frame %zu: no cell has the lengths %g %g %g and the angles %g %g %g; lengths are > 0 "
                              "(angstrom), angles between 0 and 180 degrees and such that a volume remains",
                              r->text.place.frame, p[0], p[1], p[2], p[3], p[4], p[5]);
    const double cell[3][3] = {{p[0], 0, 0}, {p[1] * cc, p[1] * sc, 0}, {p[2] * cb, p[2] * y, p[2] * sqrt(z2)}};
    memcpy(r->cell, cell, sizeof cell);
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------ symmetry */

static bool text_is_p1(text_slice text)
{
    const char *p1[] = {"P 1", "P1", "P_1", NULL};
    for (int i = 0; p1[i]; i++)
        if (slice_equal_no_case(text, p1[i])) return true;
    return false;
}

/* A block without operations must be of the group P 1, by its number or name. */
static mlsoap_status check_p1(const cif_reader *r, mlsoap_error *error)
{
    static const char *const tags[] = {"_space_group_it_number",
                                       "_symmetry_int_tables_number",
                                       "_space_group_name_h-m_alt",
                                       "_symmetry_space_group_name_h-m",
                                       "_space_group_name_hall",
                                       "_symmetry_space_group_name_hall",
                                       NULL};
    for (int i = 0; tags[i]; i++) {
        const cif_item *item = cif_block_find(&r->block, tags[i]);
        const cif_token *value = item && item->n == 1 ? cif_item_value(&r->block, item, 0) : NULL;
        char shown[48];
        if (!value || cif_is_missing(value) || value->text.n == 0) continue;
        if (text_is_p1(value->text) || slice_equal_no_case(value->text, "1")) continue;
        return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, value->line,
                              "frame %zu: the space group is '%s', but the block lists no symmetry operations: add the "
                              "loop _space_group_symop_operation_xyz, or give all atoms in the group P 1",
                              r->text.place.frame, slice_show(value->text, shown));
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_operation(cif_reader *r, const cif_token *value, mlsoap_error *error)
{
    symmetry_operation operation;
    text_place place = place_of(r, value->line);
    char shown[48];
    mlsoap_status status = symmetry_parse(&place, value->text, &operation, error);
    if (status || symmetry_is_identity(&operation)) return status;
    if (!r->has_cell || !symmetry_fits_cell(&operation, r->cell))
        return status_fail_at(error, MLSOAP_ERROR_VALUE, place.file, place.line,
                              "frame %zu: the symmetry operation '%s' does not fit the cell%s", place.frame,
                              slice_show(value->text, shown),
                              r->has_cell ? ": it changes lengths or angles" : ", which the block lacks");
    if (r->n_operations >= SYMMETRY_OPERATIONS_MAX)
        return status_fail_at(error, MLSOAP_ERROR_VALUE, place.file, place.line,
                              "frame %zu: more than %d symmetry operations; no space group has so many", place.frame,
                              SYMMETRY_OPERATIONS_MAX);
    if (!MEMORY_RESERVE(&r->operations, &r->capacity_operations, r->n_operations + 1))
        return status_no_memory(error, (r->n_operations + 1) * sizeof *r->operations, "the symmetry operations");
    r->operations[r->n_operations++] = operation;
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_operations(cif_reader *r, mlsoap_error *error)
{
    const cif_item *item = cif_block_find(&r->block, "_space_group_symop_operation_xyz");
    if (!item) item = cif_block_find(&r->block, "_symmetry_equiv_pos_as_xyz");
    r->n_operations = 0;
    if (!item || item->n == 0) return check_p1(r, error);
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < item->n && !status; i++)
        status = add_operation(r, cif_item_value(&r->block, item, i), error);
    return status;
}

/* ------------------------------------------------------------------------------------------------ sites */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return upper(c) >= 'A' && upper(c) <= 'Z';
}

/* Si for the letters si, SI, Si; D is hydrogen. -1: none. */
static int element_in_any_case(const char *text, size_t n)
{
    char symbol[2] = {n > 0 ? upper(text[0]) : '\0', n > 1 ? lower(text[1]) : '\0'};
    if (n == 1 && *symbol == 'D') return 1;
    return n > 2 ? -1 : element_from_symbol(symbol, n);
}

/* "Si", "O2-", "FE+3". */
static int element_of_symbol(text_slice text)
{
    size_t n = 0;
    while (n < text.n && is_letter(text.text[n])) n++;
    for (size_t i = n; i < text.n; i++)
        if (!strchr("0123456789+-.()", text.text[i]) || !text.text[i]) return -1;
    return element_in_any_case(text.text, n);
}

/* "Si1", "O2a": of CA1, which may be carbon alpha or calcium, nothing can be said. */
static int element_of_label(text_slice text)
{
    size_t n = 0;
    while (n < text.n && is_letter(text.text[n])) n++;
    int one = n >= 1 ? element_in_any_case(text.text, 1) : -1, two = n >= 2 ? element_in_any_case(text.text, 2) : -1;
    if (n >= 2 && lower(text.text[1]) == text.text[1]) return two > 0 ? two : one;
    return two > 0 && one > 0 ? -1 : two > 0 ? two : one;
}

static const cif_token *cell_of(const cif_reader *r, const cif_item *column, size_t i)
{
    return column ? cif_item_value(&r->block, column, i) : NULL;
}

static mlsoap_status read_species(const cif_reader *r, size_t i, int *species, mlsoap_error *error)
{
    const cif_token *symbol = cell_of(r, r->columns.symbol, i), *label = cell_of(r, r->columns.label, i);
    bool by_symbol = symbol && !cif_is_missing(symbol);
    const cif_token *value = by_symbol ? symbol : label;
    char shown[48];
    *species = !value ? -1 : by_symbol ? element_of_symbol(value->text) : element_of_label(value->text);
    if (*species > 0) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_SPECIES, r->text.place.file, value ? value->line : r->block.line,
                          "frame %zu, site %zu: %s '%s' names no chemical element for certain; give symbols such as Si "
                          "in _atom_site_type_symbol",
                          r->text.place.frame, i, by_symbol ? "the symbol" : "the label",
                          value ? slice_show(value->text, shown) : "");
}

static mlsoap_status check_occupancy(const cif_reader *r, size_t i, mlsoap_error *error)
{
    const cif_token *value = cell_of(r, r->columns.occupancy, i);
    double occupancy;
    char shown[48];
    if (!value || cif_is_missing(value)) return MLSOAP_SUCCESS;
    mlsoap_status status = cif_number(&r->text.place, r->columns.occupancy, value, &occupancy, error);
    if (status || fabs(occupancy - 1.0) <= OCCUPANCY) return status;
    const cif_token *label = cell_of(r, r->columns.label, i);
    return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, value->line,
                          "frame %zu, site %zu%s%s: the occupancy is %g; a structure needs full sites (1): choose an "
                          "ordered structure of it, such as by enumeration",
                          r->text.place.frame, i, label ? " " : "", label ? slice_show(label->text, shown) : "",
                          occupancy);
}

static mlsoap_status read_position(const cif_reader *r, size_t i, double position[3], mlsoap_error *error)
{
    for (int k = 0; k < 3; k++) {
        const cif_item *column = r->columns.position[k];
        mlsoap_status status =
            cif_number(&r->text.place, column, cif_item_value(&r->block, column, i), &position[k], error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

/* Cartesian -> fractional for the lower triangular cell. */
static void to_fractional(const double cell[3][3], const double v[3], double f[3])
{
    f[2] = v[2] / cell[2][2];
    f[1] = (v[1] - f[2] * cell[2][1]) / cell[1][1];
    f[0] = (v[0] - f[1] * cell[1][0] - f[2] * cell[2][0]) / cell[0][0];
}

static mlsoap_status fail_shared_place(const cif_reader *r, size_t i, int a, int b, mlsoap_error *error)
{
    return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file,
                          cif_item_value(&r->block, r->columns.position[0], i)->line,
                          "frame %zu, site %zu: %s lies where %s lies already; a structure needs one atom in one place",
                          r->text.place.frame, i, element_symbol(b), element_symbol(a));
}

/* The atoms of a site. Orbits are equal or disjoint: an orbit whose first place is taken was listed before. */
static mlsoap_status add_orbit(cif_reader *r, size_t i_site, int species, const double site[3], mlsoap_error *error)
{
    for (size_t i = 0; i < r->n_atoms && r->n_operations > 0; i++) {
        if (!symmetry_same_place(r->cell, r->positions[i], site)) continue;
        return species == r->species[i] ? MLSOAP_SUCCESS : fail_shared_place(r, i_site, r->species[i], species, error);
    }
    size_t n = symmetry_orbit(r->operations, r->n_operations, r->cell, site, r->orbit);
    if (!MEMORY_RESERVE(&r->positions, &r->capacity_positions, r->n_atoms + n) ||
        !MEMORY_RESERVE(&r->species, &r->capacity_species, r->n_atoms + n))
        return status_no_memory(error, (r->n_atoms + n) * sizeof *r->positions, "the atoms of a CIF");
    memcpy(r->positions + r->n_atoms, r->orbit, n * sizeof *r->positions);
    for (size_t i = 0; i < n; i++) r->species[r->n_atoms++] = species;
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_site(cif_reader *r, size_t i, mlsoap_error *error)
{
    const cif_token *flag = cell_of(r, r->columns.calc_flag, i);
    double position[3], site[3];
    int species;
    if (flag && slice_equal_no_case(flag->text, "dum")) return MLSOAP_SUCCESS;
    mlsoap_status status = read_species(r, i, &species, error);
    if (!status) status = check_occupancy(r, i, error);
    if (!status) status = read_position(r, i, position, error);
    if (status) return status;
    memcpy(site, position, sizeof site);
    if (r->columns.cartesian && r->has_cell) to_fractional(r->cell, position, site);
    return add_orbit(r, i, species, site, error);
}

/* ------------------------------------------------------------------------------------------------ frames */

/* The columns of the sites; *found is false for a block without positions. */
static mlsoap_status find_columns(cif_reader *r, bool *found, mlsoap_error *error)
{
    static const char *const tags[2][3] = {{"_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"},
                                           {"_atom_site_cartn_x", "_atom_site_cartn_y", "_atom_site_cartn_z"}};
    const cif_block *b = &r->block;
    cif_columns *c = &r->columns;
    *c = (cif_columns){.symbol = cif_block_find(b, "_atom_site_type_symbol"),
                       .label = cif_block_find(b, "_atom_site_label"),
                       .occupancy = cif_block_find(b, "_atom_site_occupancy"),
                       .calc_flag = cif_block_find(b, "_atom_site_calc_flag")};
    c->cartesian = !cif_block_find(b, tags[0][0]);
    const cif_item *x = cif_block_find(b, tags[c->cartesian][0]);
    *found = x != NULL;
    const cif_item *others[] = {c->symbol, c->label, c->occupancy, c->calc_flag};
    for (int i = 0; i < 4 && x; i++)
        if (others[i] && others[i]->n != x->n) x = NULL;
    for (int k = 0; k < 3 && x; k++) {
        c->position[k] = cif_block_find(b, tags[c->cartesian][k]);
        if (!c->position[k] || c->position[k]->n != x->n) x = NULL;
    }
    if (!*found || x) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, b->line,
                          "frame %zu: the sites need three columns of coordinates and the others as long, in one loop: "
                          "_atom_site_fract_x, _y and _z, _atom_site_type_symbol ...",
                          r->text.place.frame);
}

static mlsoap_status add_frame(cif_reader *r, frame_set *set, mlsoap_error *error)
{
    frame *f = plain_frame_begin(set, r->n_atoms, &r->text.place, r->block.line, error);
    if (!f) return MLSOAP_ERROR_MEMORY;
    structure *s = &f->structure;
    memcpy(s->cell, r->cell, sizeof s->cell);
    memcpy(s->species, r->species, r->n_atoms * sizeof *s->species);
    for (int k = 0; k < 3; k++) s->pbc[k] = r->has_cell;
    for (size_t i = 0; i < r->n_atoms; i++) {
        if (r->has_cell)
            fractional_to_cartesian(r->cell, r->positions[i], s->positions[i]);
        else
            memcpy(s->positions[i], r->positions[i], sizeof s->positions[i]);
    }
    mlsoap_status status = plain_frame_end(set, MLSOAP_SUCCESS, &r->text.place, error);
    r->text.place.frame++;
    return status;
}

/* The block that has been read, where it holds a structure. */
static mlsoap_status read_structure(cif_reader *r, frame_set *set, mlsoap_error *error)
{
    bool found;
    mlsoap_status status = find_columns(r, &found, error);
    if (status || !found) return status;
    status = read_cell(r, error);
    if (!status && !r->has_cell && !r->columns.cartesian)
        status = status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->block.line,
                                "frame %zu: the positions are fractional, but the block has no cell: add "
                                "_cell_length_a and the other five",
                                r->text.place.frame);
    if (!status) status = read_operations(r, error);
    r->n_atoms = 0;
    for (size_t i = 0; !status && i < r->columns.position[0]->n; i++) status = read_site(r, i, error);
    if (status) return status;
    if (r->n_atoms == 0)
        return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, r->block.line, "frame %zu has no atoms",
                              r->text.place.frame);
    return add_frame(r, set, error);
}

static mlsoap_status read_blocks(cif_reader *r, frame_set *set, mlsoap_error *error)
{
    cif_token token;
    char shown[48];
    mlsoap_status status = cif_next_token(&r->text, &token, error);
    if (!status && token.kind != CIF_DATA)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, token.line,
                              "a CIF begins with data_NAME; found '%s'",
                              token.kind == CIF_END ? "the end of the file" : slice_show(token.text, shown));
    while (!status && token.kind == CIF_DATA) {
        status = cif_block_read(&r->block, &r->text, &token, error);
        if (!status) status = read_structure(r, set, error);
    }
    if (status || r->text.place.frame > 0) return status;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, 0,
                          "no data block holds a structure: _atom_site_fract_x (or _atom_site_Cartn_x) is in none");
}

mlsoap_status cif_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options, frame_set *set,
                       mlsoap_error *error)
{
    static const char *const no_targets[N_FRAME_TARGETS] = {NULL};
    cif_reader r = {.text = text_reader_new(bytes, n_bytes, name)};
    bool take[N_FRAME_TARGETS];
    mlsoap_status status = plain_targets(options, no_targets, "CIF", name, take, error);
    r.orbit = memory_new(SYMMETRY_OPERATIONS_MAX + 1, sizeof *r.orbit);
    if (!status && !r.orbit) status = status_no_memory(error, sizeof *r.orbit, "the images of a site");
    if (!status) status = read_blocks(&r, set, error);
    cif_block_release(&r.block);
    memory_free(r.operations);
    memory_free(r.positions);
    memory_free(r.species);
    memory_free(r.orbit);
    return status;
}

bool cif_recognizes(const char *bytes, size_t n_bytes)
{
    text_reader r = text_reader_new(bytes, n_bytes, "");
    cif_token token;
    mlsoap_error ignored;
    return cif_next_token(&r, &token, &ignored) == MLSOAP_SUCCESS && token.kind == CIF_DATA;
}

bool cif_has_name(const char *base_name)
{
    size_t n = strlen(base_name);
    return n > 4 && text_equal_no_case(base_name + n - 4, ".cif");
}
