/* SPDX-License-Identifier: BSD-3-Clause */
/* Streaming QR by LAPACK's dtpqrt (triangle on top of a rectangle, or of a triangle); see tall_qr.h. */
#include "solvers/tall_qr.h"

#include "core/memory.h"

#include <lapacke.h>
#include <omp.h>
#include <string.h>

enum { PANEL = 32 }; /* columns that dtpqrt treats at a time */

struct tall_qr {
    size_t n, n_rows; /* rows waiting in the block */
    double *R;        /* [n][n] column-major */
    double *block;    /* [TALL_QR_BLOCK][n] row-major: as rows arrive */
    double *columns;  /* [n][TALL_QR_BLOCK] column-major: as LAPACK wants them */
    double *T, *work; /* [PANEL][n], [PANEL][max(n, TALL_QR_BLOCK)] */
};

static int panel(size_t n)
{
    return n < PANEL ? (int)n : PANEL;
}

size_t tall_qr_bytes(size_t n)
{
    return sizeof(double) * (n * n + 2 * n * TALL_QR_BLOCK + PANEL * (n + (n > TALL_QR_BLOCK ? n : TALL_QR_BLOCK)));
}

mlsoap_status tall_qr_new(size_t n, tall_qr **out, mlsoap_error *error)
{
    *out = NULL;
    tall_qr *qr = MEMORY_NEW(tall_qr, 1);
    if (!qr) return status_no_memory(error, sizeof *qr, "a QR factorization");
    qr->n = n;
    qr->R = MEMORY_NEW(double, n *n);
    qr->block = MEMORY_NEW(double, n *TALL_QR_BLOCK);
    qr->columns = MEMORY_NEW(double, n *TALL_QR_BLOCK);
    qr->T = MEMORY_NEW(double, n *PANEL);
    qr->work = MEMORY_NEW(double, PANEL *(n > TALL_QR_BLOCK ? n : TALL_QR_BLOCK));
    if (!qr->R || !qr->block || !qr->columns || !qr->T || !qr->work) {
        tall_qr_free(qr);
        return status_no_memory(error, tall_qr_bytes(n), "a QR factorization");
    }
    *out = qr;
    return MLSOAP_SUCCESS;
}

void tall_qr_free(tall_qr *qr)
{
    if (!qr) return;
    memory_free(qr->R);
    memory_free(qr->block);
    memory_free(qr->columns);
    memory_free(qr->T);
    memory_free(qr->work);
    memory_free(qr);
}

/* columns = transpose of the waiting rows, in tiles that stay in the L1 cache. */
static void transpose_block(tall_qr *qr)
{
    enum { TILE = 32 };
    size_t n = qr->n, m = qr->n_rows;
    for (size_t i0 = 0; i0 < m; i0 += TILE)
        for (size_t j0 = 0; j0 < n; j0 += TILE) {
            size_t i1 = i0 + TILE < m ? i0 + TILE : m, j1 = j0 + TILE < n ? j0 + TILE : n;
            for (size_t j = j0; j < j1; j++)
                for (size_t i = i0; i < i1; i++) qr->columns[j * TALL_QR_BLOCK + i] = qr->block[i * n + j];
        }
}

static mlsoap_status fold(tall_qr *qr, mlsoap_error *error)
{
    if (qr->n_rows == 0) return MLSOAP_SUCCESS;
    transpose_block(qr);
    int n = (int)qr->n, nb = panel(qr->n);
    int info = LAPACKE_dtpqrt_work(LAPACK_COL_MAJOR, (int)qr->n_rows, n, 0, nb, qr->R, n, qr->columns, TALL_QR_BLOCK,
                                   qr->T, nb, qr->work);
    qr->n_rows = 0;
    if (info) return status_fail(error, MLSOAP_ERROR_INTERNAL, "dtpqrt refused argument %d", -info);
    return MLSOAP_SUCCESS;
}

size_t tall_qr_columns(const tall_qr *qr)
{
    return qr->n;
}

mlsoap_status tall_qr_add(tall_qr *qr, const double *rows, size_t n_rows, size_t stride, double scale,
                          mlsoap_error *error)
{
    for (size_t i = 0; i < n_rows; i++) {
        double *row = qr->block + qr->n_rows * qr->n;
        for (size_t j = 0; j < qr->n; j++) row[j] = scale * rows[i * stride + j];
        if (++qr->n_rows < TALL_QR_BLOCK) continue;
        mlsoap_status status = fold(qr, error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status tall_qr_take(tall_qr *qr, double **R, mlsoap_error *error)
{
    *R = NULL;
    mlsoap_status status = fold(qr, error);
    if (status) return status;
    double *fresh = MEMORY_NEW(double, qr->n * qr->n);
    if (!fresh) return status_no_memory(error, qr->n * qr->n * sizeof *fresh, "a triangle of the QR");
    *R = qr->R;
    qr->R = fresh;
    return MLSOAP_SUCCESS;
}

/* Rows up to the last that is not all zero. */
static int rows_in_use(const double *R, size_t n)
{
    size_t rows = 0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = j + 1; i > rows; i--)
            if (R[j * n + i - 1] != 0) rows = i;
    return (int)rows;
}

mlsoap_status r_merge(double *R, double *other, size_t n, mlsoap_error *error)
{
    int order = (int)n, rows = rows_in_use(other, n), nb = panel(n);
    if (rows == 0) return MLSOAP_SUCCESS;
    double *work = MEMORY_NEW(double, 2 * PANEL * n);
    if (!work) return status_no_memory(error, 2 * PANEL * n * sizeof *work, "merging triangles");
    int info = LAPACKE_dtpqrt_work(LAPACK_COL_MAJOR, rows, order, rows, nb, R, order, other, order, work, nb,
                                   work + PANEL * n);
    memory_free(work);
    if (info) return status_fail(error, MLSOAP_ERROR_INTERNAL, "dtpqrt refused argument %d", -info);
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------------ the tree */

struct r_tree {
    size_t n_leaves, n;
    double **waiting; /* [4 n_leaves + 64], levels one after the other: triangles that wait for their partner */
    double *root;
    omp_lock_t lock;
};

mlsoap_status r_tree_new(size_t n_leaves, size_t n, r_tree **out, mlsoap_error *error)
{
    *out = NULL;
    r_tree *tree = MEMORY_NEW(r_tree, 1);
    double **waiting = MEMORY_NEW(double *, 4 * n_leaves + 64);
    if (!tree || !waiting) {
        memory_free(tree);
        memory_free(waiting);
        return status_no_memory(error, 4 * n_leaves * sizeof *waiting, "the tree of a QR");
    }
    tree->n_leaves = n_leaves;
    tree->n = n;
    tree->waiting = waiting;
    omp_init_lock(&tree->lock);
    *out = tree;
    return MLSOAP_SUCCESS;
}

void r_tree_free(r_tree *tree)
{
    if (!tree) return;
    for (size_t i = 0; i < 4 * tree->n_leaves + 64; i++) memory_free(tree->waiting[i]);
    memory_free(tree->waiting);
    memory_free(tree->root);
    omp_destroy_lock(&tree->lock);
    memory_free(tree);
}

size_t r_tree_places(const r_tree *tree)
{
    return 4 * tree->n_leaves + 65; /* the last is the root */
}

double **r_tree_at(r_tree *tree, size_t place)
{
    return place + 1 < r_tree_places(tree) ? &tree->waiting[place] : &tree->root;
}

/* Leave R at its node, or take the partner's triangle where that is already waiting. */
static double *swap_partner(r_tree *tree, size_t slot, size_t partner_slot, double *R)
{
    omp_set_lock(&tree->lock);
    double *partner = tree->waiting[partner_slot];
    if (partner)
        tree->waiting[partner_slot] = NULL;
    else
        tree->waiting[slot] = R;
    omp_unset_lock(&tree->lock);
    return partner;
}

/* One level of the tree: its nodes are slots first ... first + size - 1. */
typedef struct tree_level {
    size_t first, size;
} tree_level;

static tree_level next_level(tree_level level)
{
    return (tree_level){level.first + level.size, (level.size + 1) / 2};
}

/* R arrives at node k of a level and goes up as far as partners wait for it. */
static mlsoap_status climb(r_tree *tree, tree_level level, size_t k, double *R, mlsoap_error *error)
{
    while (level.size > 1) {
        size_t partner = k ^ 1;
        if (partner < level.size) {
            double *other = swap_partner(tree, level.first + k, level.first + partner, R);
            if (!other) return MLSOAP_SUCCESS;
            double *left = k & 1 ? other : R, *right = k & 1 ? R : other;
            mlsoap_status status = r_merge(left, right, tree->n, error);
            memory_free(right);
            R = left;
            if (status) {
                memory_free(R);
                return status;
            }
        }
        level = next_level(level);
        k /= 2;
    }
    tree->root = R;
    return MLSOAP_SUCCESS;
}

mlsoap_status r_tree_put(r_tree *tree, size_t i_leaf, double *R, mlsoap_error *error)
{
    return climb(tree, (tree_level){0, tree->n_leaves}, i_leaf, R, error);
}

/* Node k + 1 of a level from its rank to that of node k. */
static mlsoap_status bring_partner(r_tree *tree, parallel *ranks, size_t slot, int from, int to, mlsoap_error *error)
{
    size_t n_bytes = tree->n * tree->n * sizeof(double);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (parallel_rank(ranks) == to && !(tree->waiting[slot] = memory_new(tree->n * tree->n, sizeof(double))))
        status = status_no_memory(error, n_bytes, "a triangle of another rank");
    if (!status) status = parallel_move(ranks, from, to, tree->waiting[slot], n_bytes, error);
    if (parallel_rank(ranks) != from) return status;
    memory_free(tree->waiting[slot]);
    tree->waiting[slot] = NULL;
    return status;
}

/* All triangles of a level are brought before any is merged: ranks merge side by side. */
static mlsoap_status join_level(r_tree *tree, parallel *ranks, tree_level level, const int *owner, size_t leaves,
                                mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t k = 0; k + 1 < level.size && !status; k += 2)
        if (owner[k * leaves] != owner[(k + 1) * leaves])
            status = bring_partner(tree, ranks, level.first + k + 1, owner[(k + 1) * leaves], owner[k * leaves], error);
    for (size_t k = 0; k + 1 < level.size && !status; k += 2) {
        double *R = tree->waiting[level.first + k + 1];
        if (parallel_rank(ranks) != owner[k * leaves] || owner[(k + 1) * leaves] == owner[k * leaves]) continue;
        tree->waiting[level.first + k + 1] = NULL;
        status = climb(tree, level, k + 1, R, error);
    }
    return status;
}

mlsoap_status r_tree_join(r_tree *tree, parallel *ranks, const int *owner, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    size_t leaves = 1; /* under a node of the level: its rank is that of its first leaf */
    if (parallel_size(ranks) == 1) return MLSOAP_SUCCESS;
    for (tree_level level = {0, tree->n_leaves}; level.size > 1 && !status; level = next_level(level)) {
        status = join_level(tree, ranks, level, owner, leaves, error);
        leaves *= 2;
    }
    return status;
}

double *r_tree_take(r_tree *tree)
{
    double *root = tree->root ? tree->root : MEMORY_NEW(double, tree->n * tree->n);
    tree->root = NULL;
    return root;
}
