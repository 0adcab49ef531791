/* SPDX-License-Identifier: BSD-3-Clause */
/* From frames to triangles; see kernel_triangles.h. */
#include "solvers/kernel_triangles.h"

#include "app/doctor/offsets.h"
#include "core/memory.h"
#include "solvers/kernel_state.h"
#include "solvers/tall_qr.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { LEAF_ATOMS = 512 };

typedef struct leaf {
    int part;
    size_t first, last; /* frames [first, last) of the part */
    size_t index;       /* among the leaves of its part */
} leaf;

typedef struct leaf_list {
    leaf *items;
    bool *done; /* [n] */
    int *owner; /* [n] ranks: those of the fit part, then those of the validation part */
    size_t n, n_of_part[2];
} leaf_list;

/* What all threads share. */
typedef struct run {
    const triangle_problem *problem;
    leaf_list leaves;
    r_tree *trees[2][N_FRAME_TARGETS]; /* NULL where the target is absent */
    size_t row_size;
    progress *bar;
    size_t failed_leaf; /* the first that failed, so that the message does not depend on the threads */
    mlsoap_status status;
    mlsoap_error error;
} run;

/* Few leaves for many columns: merging two triangles costs as much as a third of n_columns rows. */
static size_t atoms_of_leaf(size_t n_columns)
{
    return n_columns > LEAF_ATOMS ? n_columns : LEAF_ATOMS;
}

static mlsoap_status cut_leaves(const triangle_problem *p, leaf_list *list, mlsoap_error *error)
{
    size_t capacity = p->n_frames[0] + p->n_frames[1], wanted = atoms_of_leaf(p->basis->n_columns);
    double before = 0, total = 0;
    list->items = MEMORY_NEW(leaf, capacity);
    list->owner = MEMORY_NEW(int, capacity);
    list->done = MEMORY_NEW(bool, capacity);
    if (!list->items || !list->owner || !list->done)
        return status_no_memory(error, capacity * sizeof *list->items, "the leaves of the fit");
    for (int part = 0; part < 2; part++)
        for (size_t c = 0; c < p->n_frames[part]; c++) total += (double)p->frames[part][c].source->structure.n_atoms;
    for (int part = 0; part < 2; part++)
        for (size_t first = 0, last = 0; first < p->n_frames[part]; first = last) {
            size_t n_atoms = 0;
            while (last < p->n_frames[part] && n_atoms < wanted)
                n_atoms += p->frames[part][last++].source->structure.n_atoms;
            list->owner[list->n] = parallel_owner(p->ranks, before, total);
            list->items[list->n++] = (leaf){part, first, last, list->n_of_part[part]++};
            before += (double)n_atoms;
        }
    return MLSOAP_SUCCESS;
}

void kernel_count_rows(const training_frame *frames, size_t n_frames, regression_part *part)
{
    for (size_t c = 0; c < n_frames; c++) {
        const structure *s = &frames[c].source->structure;
        const double *w = frames[c].weight;
        part->n_rows[TARGET_ENERGY] += w[TARGET_ENERGY] > 0;
        part->n_rows[TARGET_FORCES] += w[TARGET_FORCES] > 0 ? 3 * s->n_atoms : 0;
        part->n_rows[TARGET_VIRIAL] += w[TARGET_VIRIAL] > 0 ? 6 : 0;
        part->weight[TARGET_ENERGY] += w[TARGET_ENERGY];
        for (size_t i = 0; i < s->n_atoms; i++)
            part->weight[TARGET_FORCES] += 3 * w[TARGET_FORCES] * structure_force_weight(s, i);
        part->weight[TARGET_VIRIAL] += 6 * w[TARGET_VIRIAL];
    }
}

/* A sink into factorizations, one for each target. */
static mlsoap_status add_to_qr(void *context, int target, const double *rows, size_t n_rows, double scale,
                               mlsoap_error *error)
{
    tall_qr *qr = ((tall_qr **)context)[target];
    return tall_qr_add(qr, rows, n_rows, tall_qr_columns(qr), scale, error);
}

mlsoap_status kernel_frame_rows(const triangle_problem *p, const training_frame *t, kernel_rows *rows,
                                const row_sink *sink, mlsoap_error *error)
{
    const frame *f = t->source;
    const structure *s = &f->structure;
    const double *w = t->weight;
    size_t n = rows->row_size, y = n - 1;
    double n_atoms = (double)s->n_atoms, divisor = p->divide_by_root ? sqrt(n_atoms) : n_atoms;
    bool with_derivatives = w[TARGET_FORCES] > 0 || w[TARGET_VIRIAL] > 0;
    if (!with_derivatives && !(w[TARGET_ENERGY] > 0)) return MLSOAP_SUCCESS;
    mlsoap_status status = kernel_rows_fill(rows, s, with_derivatives, error);
    if (!status && w[TARGET_ENERGY] > 0) {
        rows->energy[y] = f->energy - offsets_energy(s, p->elements, p->n_elements, p->offsets);
        status = sink->add(sink->context, TARGET_ENERGY, rows->energy, 1, sqrt(w[TARGET_ENERGY]) / divisor, error);
    }
    for (size_t i = 0; i < s->n_atoms && w[TARGET_FORCES] > 0 && !status; i++) {
        double weight = w[TARGET_FORCES] * structure_force_weight(s, i), *row = rows->forces + 3 * i * n;
        for (size_t a = 0; a < 3; a++) row[a * n + y] = f->forces[i][a];
        if (weight > 0) status = sink->add(sink->context, TARGET_FORCES, row, 3, sqrt(weight), error);
    }
    if (!status && w[TARGET_VIRIAL] > 0) {
        for (size_t k = 0; k < 6; k++) rows->virial[k * n + y] = f->virial[k];
        status = sink->add(sink->context, TARGET_VIRIAL, rows->virial, 6, sqrt(w[TARGET_VIRIAL]) / divisor, error);
    }
    return status;
}

static mlsoap_status do_leaf(run *r, const leaf *l, kernel_rows *rows, tall_qr *qr[N_FRAME_TARGETS],
                             mlsoap_error *error)
{
    const row_sink sink = {qr, add_to_qr};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t c = l->first; c < l->last && !status; c++) {
        const training_frame *t = &r->problem->frames[l->part][c];
        status = kernel_frame_rows(r->problem, t, rows, &sink, error);
        if (status)
            status_prefix(error, status, "%s: frame %zu (line %ld)",
                          r->problem->sets[l->part]->files[t->source->i_file].path, t->source->index, t->source->line);
        progress_add(r->bar, t->source->structure.n_atoms);
    }
    for (int k = 0; k < N_FRAME_TARGETS && !status; k++) {
        double *R = NULL;
        if (!r->trees[l->part][k]) continue;
        status = tall_qr_take(qr[k], &R, error);
        if (!status) status = r_tree_put(r->trees[l->part][k], l->index, R, error);
    }
    return status;
}

static void keep_error(run *r, size_t i_leaf, mlsoap_status status, const mlsoap_error *error)
{
#pragma omp critical(kernel_triangles_error)
    if (i_leaf < r->failed_leaf) {
        r->failed_leaf = i_leaf;
        r->status = status;
        r->error = *error;
    }
}

/* Leaf i is to be done by this rank. */
static bool is_left(const run *r, size_t i)
{
    return !r->leaves.done[i] && r->leaves.owner[i] == parallel_rank(r->problem->ranks);
}

/* One thread: leaves in their order until none is left, an earlier one failed or a checkpoint is due. */
static void work(run *r)
{
    mlsoap_error error = {0};
    kernel_rows rows;
    tall_qr *qr[N_FRAME_TARGETS] = {NULL};
    mlsoap_status status = kernel_rows_new(&rows, r->problem->basis, &error);
    for (int k = 0; k < N_FRAME_TARGETS && !status; k++)
        if (r->trees[0][k] || r->trees[1][k]) status = tall_qr_new(r->row_size, &qr[k], &error);
    if (status) keep_error(r, 0, status, &error);
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < r->leaves.n; i++) {
        size_t failed;
        if (!is_left(r, i) || checkpoint_due(r->problem->checkpoint)) continue;
#pragma omp critical(kernel_triangles_error)
        failed = r->failed_leaf;
        if (failed <= i || status) continue;
        mlsoap_status done = do_leaf(r, &r->leaves.items[i], &rows, qr, &error);
        if (done) keep_error(r, i, done, &error);
        r->leaves.done[i] = !done;
    }
    for (int k = 0; k < N_FRAME_TARGETS; k++) tall_qr_free(qr[k]);
    kernel_rows_release(&rows);
}

/* ------------------------------------------------------------------------------------------------------ checkpoint */

static const char LEAVES[] = "leaves";

/* Places of all trees. */
static size_t count_places(const run *r)
{
    size_t n = 0;
    for (int k = 0; k < 2 * N_FRAME_TARGETS; k++) {
        const r_tree *tree = r->trees[k / N_FRAME_TARGETS][k % N_FRAME_TARGETS];
        if (tree) n += r_tree_places(tree);
    }
    return n;
}

/* What waits at each place. */
static void list_places(const run *r, double ***places)
{
    size_t n = 0;
    for (int k = 0; k < 2 * N_FRAME_TARGETS; k++) {
        r_tree *tree = r->trees[k / N_FRAME_TARGETS][k % N_FRAME_TARGETS];
        for (size_t i = 0; tree && i < r_tree_places(tree); i++) places[n++] = r_tree_at(tree, i);
    }
}

/* Leaves that are done, places that are taken, and the triangles there; then a checkpoint of it. */
static mlsoap_status save_leaves(const run *r, double **const *places, bool *taken, size_t n_places,
                                 mlsoap_error *error)
{
    size_t n = 2, n_taken = 0, m = r->row_size;
    for (size_t i = 0; i < n_places; i++) n_taken += taken[i] = *places[i] != NULL;
    checkpoint_part *parts = MEMORY_NEW(checkpoint_part, n + n_taken * m);
    if (!parts) return status_no_memory(error, n_taken * m * sizeof *parts, "the checkpoint");
    parts[0] = (checkpoint_part){r->leaves.done, r->leaves.n * sizeof *r->leaves.done};
    parts[1] = (checkpoint_part){taken, n_places * sizeof *taken};
    for (size_t i = 0; i < n_places; i++) {
        if (!taken[i]) continue;
        triangle_parts(*places[i], m, parts + n);
        n += m;
    }
    mlsoap_status status = checkpoint_hold(r->problem->checkpoint, LEAVES, parts, n, NULL, error);
    if (!status) status = checkpoint_poll(r->problem->checkpoint, error);
    checkpoint_drop(r->problem->checkpoint, LEAVES);
    memory_free(parts);
    return status;
}

/* The reverse; bytes of another number of leaves are of no use. */
static mlsoap_status load_leaves(run *r, double **const *places, bool *taken, size_t n_places, mlsoap_error *error)
{
    size_t n_bytes = 0, head = (r->leaves.n + n_places) * sizeof(bool), n_taken = 0;
    const char *bytes = checkpoint_find(r->problem->checkpoint, LEAVES, &n_bytes);
    if (!bytes || n_bytes < head) return MLSOAP_SUCCESS;
    memcpy(taken, bytes + r->leaves.n, n_places * sizeof *taken);
    for (size_t i = 0; i < n_places; i++) n_taken += taken[i];
    if (n_bytes != head + n_taken * triangle_bytes(r->row_size)) return MLSOAP_SUCCESS;
    memcpy(r->leaves.done, bytes, r->leaves.n * sizeof *r->leaves.done);
    bytes += head;
    for (size_t i = 0; i < n_places; i++) {
        if (!taken[i]) continue;
        if (!(*places[i] = triangle_new(bytes, r->row_size)))
            return status_no_memory(error, r->row_size * r->row_size * sizeof(double), "a triangle");
        bytes += triangle_bytes(r->row_size);
    }
    for (size_t i = 0; i < r->leaves.n; i++) {
        const leaf *l = &r->leaves.items[i];
        size_t n_atoms = 0;
        for (size_t c = l->first; c < l->last; c++) n_atoms += r->problem->frames[l->part][c].source->structure.n_atoms;
        if (r->leaves.done[i]) progress_skip(r->bar, n_atoms);
    }
    return MLSOAP_SUCCESS;
}

/* With several ranks the leaves that each has done are not kept: a checkpoint is what all ranks hold. */
static mlsoap_status exchange_leaves(run *r, bool load, mlsoap_error *error)
{
    checkpoint *c = r->problem->checkpoint;
    if (!c || parallel_size(r->problem->ranks) > 1) return checkpoint_poll(c, error);
    size_t n = count_places(r);
    double ***places = MEMORY_NEW(double **, n);
    bool *taken = MEMORY_NEW(bool, n);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!places || !taken) {
        status = status_no_memory(error, n * sizeof *places, "the checkpoint");
    } else {
        list_places(r, places);
        status = load ? load_leaves(r, places, taken, n, error) : save_leaves(r, places, taken, n, error);
    }
    if (load) checkpoint_drop(c, LEAVES);
    memory_free(places);
    memory_free(taken);
    return status;
}

/* All leaves of this rank, with checkpoints between them. */
static mlsoap_status do_leaves(run *r, mlsoap_error *error)
{
    mlsoap_status status = exchange_leaves(r, true, error);
    for (bool left = true; left && !status;) {
#pragma omp parallel
        work(r);
        left = false;
        for (size_t i = 0; i < r->leaves.n; i++) left |= is_left(r, i);
        status = r->status;
        if (status && error) *error = r->error;
        if (!status && left) status = exchange_leaves(r, false, error);
    }
    return status;
}

/* ------------------------------------------------------------------------------------------------------- triangles */

/* The triangle of a tree from all ranks to all ranks. */
static mlsoap_status share_triangle(const run *r, int part, int target, double **R, mlsoap_error *error)
{
    parallel *ranks = r->problem->ranks;
    const int *owner = r->leaves.owner + (part == 0 ? 0 : r->leaves.n_of_part[0]);
    size_t size = r->row_size * r->row_size;
    mlsoap_status status = r_tree_join(r->trees[part][target], ranks, owner, error);
    if (status) return status;
    *R = r_tree_take(r->trees[part][target]); /* of other ranks: memory for it */
    if (!*R) return status_no_memory(error, size * sizeof **R, "a triangle");
    return parallel_broadcast(ranks, owner[0], *R, size * sizeof **R, error);
}

static mlsoap_status make_triangles(const triangle_problem *problem, progress *bar, regression *result,
                                    mlsoap_error *error)
{
    run r = {.problem = problem, .row_size = problem->basis->n_columns + 1, .bar = bar, .failed_leaf = (size_t)-1};
    regression_part *parts[2] = {&result->fit, &result->validation};
    mlsoap_status status = cut_leaves(problem, &r.leaves, error);
    for (int p = 0; p < 2; p++) {
        kernel_count_rows(problem->frames[p], problem->n_frames[p], parts[p]);
        for (int k = 0; k < N_FRAME_TARGETS && !status; k++)
            if (parts[p]->n_rows[k] > 0) status = r_tree_new(r.leaves.n_of_part[p], r.row_size, &r.trees[p][k], error);
    }
    if (!status) status = do_leaves(&r, error);
    status = parallel_meet(problem->ranks, status, error);
    for (int p = 0; p < 2; p++)
        for (int k = 0; k < N_FRAME_TARGETS; k++) {
            if (!status && r.trees[p][k]) status = share_triangle(&r, p, k, &parts[p]->R[k], error);
            r_tree_free(r.trees[p][k]);
        }
    memory_free(r.leaves.items);
    memory_free(r.leaves.owner);
    memory_free(r.leaves.done);
    return status;
}

mlsoap_status kernel_triangles(const triangle_problem *problem, progress *bar, regression *r, mlsoap_error *error)
{
    bool found;
    r->n = problem->basis->n_columns;
    mlsoap_status status = triangles_restore(problem->checkpoint, r, &found, error);
    if (!status && !found) status = make_triangles(problem, bar, r, error);
    return status ? status : triangles_hold(problem->checkpoint, r, error);
}

mlsoap_status kernel_set_blocks(const kernel_basis *basis, regression *r, mlsoap_error *error)
{
    size_t *sizes = MEMORY_NEW(size_t, basis->n_terms);
    if (!sizes) return status_no_memory(error, basis->n_terms * sizeof *sizes, "the terms of the fit");
    for (size_t i = 0; i < basis->n_terms; i++) sizes[i] = basis->terms[i].n_columns;
    mlsoap_status status = regression_set_blocks(r, sizes, basis->n_terms, error);
    memory_free(sizes);
    return status;
}

double kernel_triangles_bytes(double n_columns, double n_atoms, int n_targets, int n_threads)
{
    double triangle = 8 * (n_columns + 1) * (n_columns + 1);
    double leaves = ceil(n_atoms / (double)atoms_of_leaf((size_t)n_columns));
    double waiting = fmin(leaves, floor(log2(leaves)) + n_threads - 0.5); /* for partners, or being merged */
    return n_targets * (n_threads * (double)tall_qr_bytes((size_t)n_columns + 1) + waiting * triangle);
}

size_t kernel_leaves(const triangle_problem *problem)
{
    leaf_list list = {0};
    mlsoap_status status = cut_leaves(problem, &list, NULL);
    memory_free(list.items);
    memory_free(list.owner);
    memory_free(list.done);
    return status ? 0 : list.n;
}
