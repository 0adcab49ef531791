/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing input.data; see runner.h. */
#include "core/elements.h"
#include "core/file.h"
#include "core/parse.h"
#include "io/runner.h"

#include <math.h>

static mlsoap_status check_frame(const frame *f, size_t i_frame, const char *path, mlsoap_error *error)
{
    const structure *s = &f->structure;
    mlsoap_status status = structure_validate(s, error);
    if (status) return status_prefix(error, status, "%s: frame %zu cannot be written", path, i_frame);
    bool finite = isfinite(f->energy);
    const char *fault = NULL;
    for (size_t i = 0; f->has_forces && i < 3 * s->n_atoms; i++) finite &= isfinite(f->forces[i / 3][i % 3]);
    if (s->n_atoms == 0)
        fault = "has no atoms";
    else if (!f->has_energy || !f->has_forces)
        fault = "lacks energy or forces, which this format cannot leave out: choose a name that ends in .xyz";
    else if (s->pbc[0] != s->pbc[1] || s->pbc[0] != s->pbc[2])
        fault = "is periodic in some directions only, which this format cannot say: choose a name that ends in .xyz";
    else if (!finite)
        fault = "has an energy or a force that is not finite";
    if (!fault) return MLSOAP_SUCCESS;
    return status_fail(error, MLSOAP_ERROR_VALUE, "%s: frame %zu %s", path, i_frame, fault);
}

static mlsoap_status put_vector(file_writer *w, const char *keyword, const double v[3], mlsoap_error *error)
{
    char x[32], y[32], z[32];
    return file_writer_print(w, error, "%s%s %s %s", keyword, format_real(v[0], x), format_real(v[1], y),
                             format_real(v[2], z));
}

static mlsoap_status put_frame(file_writer *w, const frame *f, mlsoap_error *error)
{
    const structure *s = &f->structure;
    char number[32];
    mlsoap_status status = file_writer_print(w, error, "begin\n");
    for (int i = 0; i < 3 && s->pbc[0] && !status; i++)
        status = put_vector(w, i > 0 ? "\nlattice " : "lattice ", s->cell[i], error);
    if (s->pbc[0] && !status) status = file_writer_print(w, error, "\n");
    for (size_t i = 0; i < s->n_atoms && !status; i++) {
        status = put_vector(w, "atom ", s->positions[i], error);
        if (!status) status = file_writer_print(w, error, " %s 0 0 ", element_symbol(s->species[i]));
        if (!status) status = put_vector(w, "", f->forces[i], error);
        if (!status) status = file_writer_print(w, error, "\n");
    }
    if (status) return status;
    return file_writer_print(w, error, "energy %s\ncharge 0\nend\n", format_real(f->energy, number));
}

mlsoap_status runner_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error)
{
    file_writer *w = NULL;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < n_frames && !status; i++) status = check_frame(frames[i], i, path, error);
    if (!status) status = file_writer_open(path, &w, error);
    if (status) return status;
    for (size_t i = 0; i < n_frames && !status; i++) status = put_frame(w, frames[i], error);
    if (!status) return file_writer_commit(w, error);
    file_writer_discard(w);
    return status;
}
