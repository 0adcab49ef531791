/* SPDX-License-Identifier: BSD-3-Clause */
/* Loss and gradient of networks; see network_loss.h. A batch is cut into pieces of whole frames, a piece into blocks of
 * centers of one kind; rows of a kind follow each other, the last is its isolated atom. Phases, each by all threads:
 *   1 blocks    values, forward, backward, adjoint: eps_i and f_ij; before them the isolated atoms
 *   2 frames    E, F, W, residuals; dL/dE and v_ij = dL/df_ij in place of f_ij
 *   3 blocks    values again, tangent along v, forward over reverse; after them the isolated atoms, whose energy counts
 *               with dL/d eps_isolated = - sum_i (dL/dE share_i + dshare_i)
 *   4 features  products of rows that make the gradient */
#include "solvers/network/network_loss.h"

#include "core/memory.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { PIECE_CENTERS = 512, SLAB = 64, CENTERS_PER_THREAD = 24 }; /* fewer are not worth a thread */

typedef struct block {
    size_t frame; /* of the piece */
    size_t first, n, row;
    int kind;
} block;

typedef struct piece_frame {
    const network_frame *f;
    size_t first_pair, first_atom;
    bool with_derivatives, failed;
    double dE; /* dL/dE */
    double term[N_FRAME_TARGETS];
} piece_frame;

typedef struct worker {
    feature_worker features;
    double *g; /* [DESCRIPTOR_BLOCK][stride] */
    int first[DESCRIPTOR_BLOCK + 1];
} worker;

struct network_loss {
    const network_form *form;
    network_folded folded[NETWORK_KINDS], bar[NETWORK_KINDS]; /* bar: derivatives with respect to F and P v */
    network_rows rows;
    int n_workers, n_threads; /* n_threads: of them, for the call at hand */
    worker *workers;
    block *blocks;
    piece_frame *frames;
    double *pairs, *forces; /* [pairs][3] f, then v; [atoms][3] */
    size_t n_blocks, n_frames, capacity_blocks, capacity_frames, capacity_pairs, capacity_forces, largest_block;
    size_t first_row[NETWORK_KINDS], last_row[NETWORK_KINDS]; /* of a piece; the isolated atom is last_row - 1 */
};

void network_loss_free(network_loss *loss)
{
    if (!loss) return;
    for (int k = 0; k < loss->n_workers; k++) {
        feature_worker_release(&loss->workers[k].features);
        memory_free(loss->workers[k].g);
    }
    memory_free(loss->workers);
    network_folded_release(loss->folded);
    network_folded_release(loss->bar);
    network_rows_release(&loss->rows);
    memory_free(loss->blocks);
    memory_free(loss->frames);
    memory_free(loss->pairs);
    memory_free(loss->forces);
    memory_free(loss);
}

static mlsoap_status make_workers(network_loss *loss, mlsoap_error *error)
{
    int n = omp_get_max_threads();
    loss->workers = MEMORY_NEW(worker, (size_t)n);
    if (!loss->workers) return status_no_memory(error, (size_t)n * sizeof *loss->workers, "the workers of a fit");
    for (int k = 0; k < n; k++) {
        worker *w = &loss->workers[k];
        mlsoap_status status = feature_worker_new(&w->features, loss->form->features, error);
        if (status) return status;
        loss->n_workers = k + 1;
        w->g = memory_new(loss->form->features->stride, DESCRIPTOR_BLOCK * sizeof(double));
        if (!w->g) return status_no_memory(error, loss->form->features->stride * 128, "a block of features");
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status network_loss_new(const network_form *form, network_loss **out, mlsoap_error *error)
{
    *out = NULL;
    network_loss *loss = MEMORY_NEW(network_loss, 1);
    if (!loss) return status_no_memory(error, sizeof *loss, "a loss");
    loss->form = form;
    mlsoap_status status = network_folded_new(form, loss->folded, error);
    if (!status) status = network_folded_new(form, loss->bar, error);
    if (!status) status = make_workers(loss, error);
    if (status)
        network_loss_free(loss);
    else
        *out = loss;
    return status;
}

/* ------------------------------------------------------------------------------------------------------------ plan */

static mlsoap_status add_block(network_loss *loss, block b, mlsoap_error *error)
{
    if (!MEMORY_RESERVE(&loss->blocks, &loss->capacity_blocks, loss->n_blocks + 1))
        return status_no_memory(error, loss->n_blocks * sizeof b, "the blocks of a batch");
    loss->blocks[loss->n_blocks++] = b;
    return MLSOAP_SUCCESS;
}

/* Blocks of one kind in all frames of the piece, and a row for its isolated atom; *row moves on. */
static mlsoap_status plan_kind(network_loss *loss, int kind, size_t *row, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    loss->first_row[kind] = *row;
    for (size_t c = 0; c < loss->n_frames; c++) {
        const network_frame *f = loss->frames[c].f;
        size_t begin = 0, end;
        while (begin < f->n_centers && f->center_species[begin] != kind) begin++;
        for (end = begin; end < f->n_centers && f->center_species[end] == kind;) end++;
        for (; begin < end && !status; begin += DESCRIPTOR_BLOCK) {
            size_t n = end - begin < DESCRIPTOR_BLOCK ? end - begin : DESCRIPTOR_BLOCK;
            size_t n_pairs = (size_t)(f->first[begin + n] - f->first[begin]);
            if (n_pairs > loss->largest_block) loss->largest_block = n_pairs;
            status = add_block(loss, (block){c, begin, n, *row, kind}, error);
            *row += n;
        }
    }
    if (loss->form->kinds[kind].isolated) ++*row;
    loss->last_row[kind] = *row;
    return status;
}

static mlsoap_status reserve(network_loss *loss, size_t n_rows, size_t n_pairs, size_t n_atoms, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    if (n_rows > loss->rows.capacity) {
        network_rows_release(&loss->rows);
        status = network_rows_new(loss->form, n_rows, &loss->rows, error);
    }
    if (!status && (!MEMORY_RESERVE(&loss->pairs, &loss->capacity_pairs, 3 * n_pairs) ||
                    !MEMORY_RESERVE(&loss->forces, &loss->capacity_forces, 3 * n_atoms)))
        status = status_no_memory(error, n_pairs * 24, "the pairs of a batch");
    for (int k = 0; k < loss->n_workers && !status; k++)
        status = feature_worker_reserve(&loss->workers[k].features, loss->largest_block, error);
    return status;
}

/* The piece of loss->frames [0 ... n_frames): blocks, rows and memory. */
static mlsoap_status plan(network_loss *loss, const double lambda[N_FRAME_TARGETS], mlsoap_error *error)
{
    size_t n_pairs = 0, n_atoms = 0, row = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    loss->n_blocks = loss->largest_block = 0;
    for (size_t c = 0; c < loss->n_frames; c++) {
        piece_frame *p = &loss->frames[c];
        const double *k = p->f->coefficient;
        p->first_pair = n_pairs;
        p->first_atom = n_atoms;
        p->with_derivatives =
            lambda[TARGET_FORCES] * k[TARGET_FORCES] > 0 || lambda[TARGET_VIRIAL] * k[TARGET_VIRIAL] > 0;
        n_pairs += (size_t)p->f->first[p->f->n_centers];
        n_atoms += p->f->n_atoms;
    }
    for (int i = 0; i < loss->form->n_kinds && !status; i++)
        status = plan_kind(loss, loss->form->present[i], &row, error);
    return status ? status : reserve(loss, row, n_pairs, n_atoms, error);
}

/* ---------------------------------------------------------------------------------------------------------- phases */

static mlsoap_environments view_of(worker *w, const network_frame *f, const block *b)
{
    size_t start = (size_t)f->first[b->first];
    for (size_t i = 0; i <= b->n; i++) w->first[i] = f->first[b->first + i] - (int)start;
    return (mlsoap_environments){.size = sizeof(mlsoap_environments),
                                 .n_centers = (int)b->n,
                                 .center_species = f->center_species + b->first,
                                 .first = w->first,
                                 .species = f->species + start,
                                 .dx = f->dx + start,
                                 .dy = f->dy + start,
                                 .dz = f->dz + start};
}

/* What one call asks for. */
typedef struct request {
    network_loss *loss;
    const double *theta, *lambda;
    bool gradient;
} request;

/* eps of the isolated atom of a kind; its row is the last. */
static double isolated_energy(const network_loss *loss, int kind)
{
    return loss->form->kinds[kind].isolated ? loss->rows.eps[loss->last_row[kind] - 1] : 0;
}

/* Before phase 1, and with has_gradient after phase 3. */
static void do_isolated(const request *q, bool has_gradient)
{
    network_loss *loss = q->loss;
    const network_form *form = loss->form;
    network_rows *rows = &loss->rows;
    size_t stride = form->features->stride;
    for (int i = 0; i < form->n_kinds; i++) {
        int z = form->present[i];
        if (!form->kinds[z].isolated) continue;
        size_t row = loss->last_row[z] - 1;
        if (!has_gradient) {
            memcpy(rows->z + row * stride, form->kinds[z].isolated, stride * sizeof(double));
            memset(rows->dz + row * stride, 0, stride * sizeof(double));
            network_forward(form, z, q->theta, &loss->folded[z], rows, row, 1, q->gradient, NULL);
            continue;
        }
        rows->e[row] = 0;
        for (size_t k = loss->first_row[z]; k < row; k++) rows->e[row] -= rows->e[k] * rows->share[k] + rows->dshare[k];
        network_tangent(form, z, q->theta, &loss->folded[z], rows, row, 1, false);
    }
}

/* Phase 1. */
static void block_forward(const request *q, worker *w, const block *b)
{
    network_loss *loss = q->loss;
    const network_form *form = loss->form;
    const network_kind *k = &form->kinds[b->kind];
    network_rows *rows = &loss->rows;
    size_t stride = form->features->stride;
    double *z = rows->z + b->row * stride;
    const piece_frame *p = &loss->frames[b->frame];
    const double *a = form->features->weights, isolated = isolated_energy(loss, b->kind);
    mlsoap_environments view = view_of(w, p->f, b);
    feature_block_values(&w->features, &view, z);
    for (size_t i = 0; i < b->n; i++) {
        double *row = z + i * stride;
        rows->inverse_norm[b->row + i] = sparse_gp_transform(&form->transform, stride, a, row, row);
        for (size_t f = 0; f < stride; f++) row[f] -= k->mean[f];
        rows->share[b->row + i] = network_share(form, b->kind, row);
    }
    network_forward(form, b->kind, q->theta, &loss->folded[b->kind], rows, b->row, b->n,
                    q->gradient || p->with_derivatives, p->with_derivatives ? w->g : NULL);
    if (!p->with_derivatives) return;
    for (size_t i = 0; i < b->n; i++) {
        double *row = z + i * stride, *g = w->g + i * stride;
        for (size_t f = 0; f < stride && k->share; f++) g[f] -= isolated * k->share[f];
        for (size_t f = 0; f < stride; f++) row[f] += k->mean[f];
        sparse_gp_transform_adjoint(&form->transform, stride, a, row, rows->inverse_norm[b->row + i], g, g);
        for (size_t f = 0; f < stride; f++) row[f] -= k->mean[f];
    }
    feature_block_adjoint(&w->features, &view, w->g, loss->pairs + 3 * (p->first_pair + (size_t)p->f->first[b->first]));
}

/* Phase 3. */
static void block_tangent(const request *q, worker *w, const block *b)
{
    network_loss *loss = q->loss;
    const network_form *form = loss->form;
    const network_kind *k = &form->kinds[b->kind];
    network_rows *rows = &loss->rows;
    size_t stride = form->features->stride;
    double *dz = rows->dz + b->row * stride;
    const piece_frame *p = &loss->frames[b->frame];
    if (p->with_derivatives) {
        mlsoap_environments view = view_of(w, p->f, b);
        feature_block_values(&w->features, &view, dz); /* for what it leaves in the workspace */
        feature_block_tangent(&w->features, &view, loss->pairs + 3 * (p->first_pair + (size_t)p->f->first[b->first]),
                              dz);
        for (size_t i = 0; i < b->n; i++) {
            double *z = rows->z + (b->row + i) * stride, *row = dz + i * stride;
            for (size_t f = 0; f < stride; f++) z[f] += k->mean[f];
            sparse_gp_transform_tangent(&form->transform, stride, form->features->weights, z,
                                        rows->inverse_norm[b->row + i], row, row);
            for (size_t f = 0; f < stride; f++) z[f] -= k->mean[f];
        }
    } else {
        memset(dz, 0, b->n * stride * sizeof *dz);
    }
    for (size_t i = 0; i < b->n; i++) {
        rows->e[b->row + i] = p->dE;
        rows->dshare[b->row + i] = network_share_slope(form, b->kind, dz + i * stride);
    }
    network_tangent(form, b->kind, q->theta, &loss->folded[b->kind], rows, b->row, b->n, p->with_derivatives);
}

/* Energy of a frame: its rows, kind by kind, minus their shares of the isolated atoms. */
static double frame_energy(const network_loss *loss, size_t i_frame)
{
    double energy = 0;
    for (size_t i = 0; i < loss->n_blocks; i++) {
        const block *b = &loss->blocks[i];
        if (b->frame != i_frame) continue;
        double isolated = isolated_energy(loss, b->kind);
        for (size_t k = 0; k < b->n; k++)
            energy += loss->rows.eps[b->row + k] - loss->rows.share[b->row + k] * isolated;
    }
    return energy;
}

static void add_to(double *a, const double *b, double factor)
{
    for (int k = 0; k < 3; k++) a[k] += factor * b[k];
}

/* F[n_atoms][3] and s[3][3] = sum_pairs r (x) f from the derivatives of the pairs. */
static void frame_forces(const network_loss *loss, const piece_frame *p, double *F, double s[3][3])
{
    const network_frame *f = p->f;
    const double *pair = loss->pairs + 3 * p->first_pair;
    memset(F, 0, 3 * f->n_atoms * sizeof *F);
    memset(s, 0, 9 * sizeof(double));
    for (size_t i = 0; i < f->n_centers; i++) {
        double total[3] = {0}, *shift = f->points ? f->points[i] : NULL;
        for (int j = f->first[i]; j < f->first[i + 1]; j++, pair += 3) {
            double r[3] = {f->dx[j], f->dy[j], f->dz[j]};
            if (shift) add_to(r, shift, 1);
            add_to(F + 3 * (size_t)f->atom[j], pair, -1);
            add_to(total, pair, 1);
            for (int a = 0; a < 3; a++) add_to(s[a], pair, r[a]);
        }
        if (f->center_atom[i] >= 0)
            add_to(F + 3 * (size_t)f->center_atom[i], total, 1);
        else if (!shift)
            for (size_t k = 0; k < f->n_atoms; k++) add_to(F + 3 * k, total, 1 / (double)f->n_atoms);
    }
}

/* v of every pair from Fbar = dL/dF and sbar = dL/ds, over the derivatives of the pairs. */
static void frame_directions(const network_loss *loss, const piece_frame *p, const double *Fbar, double sbar[3][3])
{
    const network_frame *f = p->f;
    double *v = loss->pairs + 3 * p->first_pair, mean[3] = {0};
    for (size_t k = 0; k < f->n_atoms; k++) add_to(mean, Fbar + 3 * k, 1 / (double)f->n_atoms);
    for (size_t i = 0; i < f->n_centers; i++) {
        static const double none[3];
        const double *shift = f->points ? f->points[i] : NULL;
        const double *center = f->center_atom[i] >= 0 ? Fbar + 3 * (size_t)f->center_atom[i] : shift ? none : mean;
        for (int j = f->first[i]; j < f->first[i + 1]; j++, v += 3) {
            double r[3] = {f->dx[j], f->dy[j], f->dz[j]};
            if (shift) add_to(r, shift, 1);
            for (size_t b = 0; b < 3; b++) v[b] = center[b] - Fbar[3 * (size_t)f->atom[j] + b];
            for (int a = 0; a < 3; a++) add_to(v, sbar[a], r[a]);
        }
    }
}

/* Residuals and their terms; F becomes dL/dF, s becomes dL/ds. W = -(s + s^T)/2. */
static void frame_residuals(const request *q, piece_frame *p, double *F, double s[3][3])
{
    static const int rows[6] = {0, 1, 2, 0, 0, 1}, columns[6] = {0, 1, 2, 1, 2, 2};
    const frame *target = p->f->source->source;
    double cF = p->f->coefficient[TARGET_FORCES], cW = p->f->coefficient[TARGET_VIRIAL], bar[3][3] = {{0}};
    for (size_t i = 0; i < p->f->n_atoms; i++) {
        double weight = cF > 0 ? cF * structure_force_weight(&target->structure, i) : 0;
        for (size_t a = 0; a < 3; a++) {
            double residual = weight > 0 ? F[3 * i + a] - target->forces[i][a] : 0;
            p->term[TARGET_FORCES] += weight * residual * residual;
            F[3 * i + a] = 2 * q->lambda[TARGET_FORCES] * weight * residual;
        }
    }
    for (int k = 0; k < 6 && cW > 0; k++) {
        int a = rows[k], b = columns[k];
        double residual = -0.5 * (s[a][b] + s[b][a]) - target->virial[k];
        p->term[TARGET_VIRIAL] += cW * residual * residual;
        double slope = -q->lambda[TARGET_VIRIAL] * cW * residual; /* each of the two has half of it */
        bar[a][b] += slope;
        bar[b][a] += slope;
    }
    memcpy(s, bar, sizeof bar);
}

/* Phase 2. */
static void do_frame(const request *q, size_t i_frame)
{
    network_loss *loss = q->loss;
    piece_frame *p = &loss->frames[i_frame];
    const network_frame *f = p->f;
    double residual = frame_energy(loss, i_frame) - f->energy, cE = f->coefficient[TARGET_ENERGY], s[3][3];
    memset(p->term, 0, sizeof p->term);
    if (cE > 0) p->term[TARGET_ENERGY] = cE * residual * residual;
    p->dE = cE > 0 ? 2 * q->lambda[TARGET_ENERGY] * cE * residual : 0;
    if (p->with_derivatives) {
        double *F = loss->forces + 3 * p->first_atom;
        frame_forces(loss, p, F, s);
        frame_residuals(q, p, F, s);
        if (q->gradient) frame_directions(loss, p, F, s);
    }
    p->failed = !isfinite(p->term[TARGET_ENERGY] + p->term[TARGET_FORCES] + p->term[TARGET_VIRIAL]);
}

/* Phase 4: parts by kind and slab of features; the last part of a kind is what its other layers have. */
static void piece_gradient(const request *q, double *gradient)
{
    network_loss *loss = q->loss;
    size_t stride = loss->form->features->stride, n_slabs = (stride + SLAB - 1) / SLAB;
#pragma omp for collapse(2) schedule(dynamic, 1)
    for (int i_kind = 0; i_kind < loss->form->n_kinds; i_kind++)
        for (size_t slab = 0; slab <= n_slabs; slab++) {
            int kind = loss->form->present[i_kind];
            size_t begin = slab * SLAB, end = begin + SLAB < stride ? begin + SLAB : stride;
            size_t first = loss->first_row[kind], last = loss->last_row[kind];
            if (first == last) continue;
            if (slab == n_slabs)
                network_gradient_rest(loss->form, kind, &loss->rows, first, last, gradient);
            else
                network_gradient_features(loss->form, &loss->rows, first, last, begin, end, loss->bar[kind].F,
                                          loss->bar[kind].skip);
        }
}

/* All phases of the piece by the threads of a parallel region. */
static void piece_work(const request *q, double *gradient)
{
    network_loss *loss = q->loss;
    worker *w = &loss->workers[omp_get_thread_num()];
#pragma omp single
    do_isolated(q, false);
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < loss->n_blocks; i++) block_forward(q, w, &loss->blocks[i]);
#pragma omp for schedule(dynamic, 1)
    for (size_t c = 0; c < loss->n_frames; c++) do_frame(q, c);
    if (!gradient) return;
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < loss->n_blocks; i++) block_tangent(q, w, &loss->blocks[i]);
#pragma omp single
    do_isolated(q, true);
    piece_gradient(q, gradient);
}

/* Parts of the features (before), or of the inputs (after): what all pieces share. */
static void fold_all(const request *q)
{
    network_loss *loss = q->loss;
    size_t stride = loss->form->features->stride, n_slabs = (stride + SLAB - 1) / SLAB;
#pragma omp for collapse(2) schedule(dynamic, 1)
    for (int i_kind = 0; i_kind < loss->form->n_kinds; i_kind++)
        for (size_t slab = 0; slab < n_slabs; slab++) {
            int kind = loss->form->present[i_kind];
            size_t begin = slab * SLAB, end = begin + SLAB < stride ? begin + SLAB : stride;
            network_folded *bar = &loss->bar[kind];
            network_fold(loss->form, kind, q->theta, begin, end, &loss->folded[kind]);
            memset(bar->F + begin * (size_t)loss->form->n_hidden[0], 0,
                   (end - begin) * (size_t)loss->form->n_hidden[0] * sizeof(double));
            memset(bar->skip + begin, 0, (end - begin) * sizeof(double));
        }
}

static void unfold_all(const request *q, double *gradient)
{
    const network_loss *loss = q->loss;
    size_t n_slabs = (loss->form->features->stride + SLAB - 1) / SLAB;
#pragma omp for collapse(2) schedule(dynamic, 1)
    for (int i_kind = 0; i_kind < loss->form->n_kinds; i_kind++)
        for (size_t slab = 0; slab < n_slabs; slab++) {
            int kind = loss->form->present[i_kind];
            size_t n = loss->form->kinds[kind].n_inputs, begin = slab * SLAB, end = begin + SLAB < n ? begin + SLAB : n;
            if (begin < end)
                network_gradient_inputs(loss->form, kind, loss->bar[kind].F, loss->bar[kind].skip, begin, end,
                                        gradient);
        }
}

static mlsoap_status refuse(const network_loss *loss, mlsoap_error *error)
{
    for (size_t c = 0; c < loss->n_frames; c++) {
        const network_frame *f = loss->frames[c].f;
        const frame *source = f->source->source;
        if (loss->frames[c].failed)
            return status_fail(
                error, MLSOAP_ERROR_NUMERICS,
                "%s: frame %zu (line %ld): the loss is not a finite number: look for coinciding atoms, or "
                "lower model.learning_rate",
                f->set->files[source->i_file].path, source->index, source->line);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status do_piece(const request *q, network_errors *errors, double *gradient, mlsoap_error *error)
{
    network_loss *loss = q->loss;
    mlsoap_status status = plan(loss, q->lambda, error);
    if (status) return status;
#pragma omp parallel num_threads(loss->n_threads)
    piece_work(q, gradient);
    for (size_t c = 0; c < loss->n_frames; c++)
        for (int t = 0; t < N_FRAME_TARGETS; t++) errors->term[t] += loss->frames[c].term[t];
    return refuse(loss, error);
}

mlsoap_status network_loss_evaluate(network_loss *loss, const double *theta, const network_frames *frames,
                                    const size_t *chosen, size_t n, const double lambda[N_FRAME_TARGETS],
                                    network_errors *errors, double *gradient, mlsoap_error *error)
{
    request q = {loss, theta, lambda, gradient != NULL};
    mlsoap_status status = MLSOAP_SUCCESS;
    size_t n_all = 0;
    for (size_t c = 0; c < n; c++) n_all += frames->items[chosen ? chosen[c] : c].n_centers;
    loss->n_threads = (int)(n_all / CENTERS_PER_THREAD) + 1;
    if (loss->n_threads > loss->n_workers) loss->n_threads = loss->n_workers;
    memset(errors, 0, sizeof *errors);
    if (gradient) memset(gradient, 0, loss->form->n_parameters * sizeof *gradient);
#pragma omp parallel num_threads(loss->n_threads)
    fold_all(&q);
    for (size_t c = 0; c < n && !status;) {
        size_t n_centers = 0;
        loss->n_frames = 0;
        do {
            const network_frame *f = &frames->items[chosen ? chosen[c] : c];
            if (!MEMORY_RESERVE(&loss->frames, &loss->capacity_frames, loss->n_frames + 1))
                return status_no_memory(error, loss->n_frames * sizeof *loss->frames, "the frames of a batch");
            loss->frames[loss->n_frames++] = (piece_frame){.f = f};
            n_centers += f->n_centers;
            c++;
        } while (c < n && n_centers < PIECE_CENTERS);
        status = do_piece(&q, errors, gradient, error);
    }
    if (!gradient || status) return status;
#pragma omp parallel num_threads(loss->n_threads)
    unfold_all(&q, gradient);
    return MLSOAP_SUCCESS;
}
