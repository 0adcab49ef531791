/* SPDX-License-Identifier: BSD-3-Clause */
/* A build without ScaLAPACK; see distributed_triangle.h. */
#include "solvers/distributed_triangle.h"

static mlsoap_status refuse(mlsoap_error *error)
{
    return status_fail(error, MLSOAP_ERROR_UNSUPPORTED,
                       "this mlsoap was built without ScaLAPACK, which a factorization over ranks needs: install "
                       "libscalapack-openmpi-dev and build again, or set model.factorization to local");
}

mlsoap_status distributed_check(const parallel *ranks, mlsoap_error *error)
{
    (void)ranks;
    return refuse(error);
}

mlsoap_status distributed_new(parallel *ranks, size_t m, distributed **out, mlsoap_error *error)
{
    (void)ranks, (void)m;
    *out = NULL;
    return refuse(error);
}

void distributed_free(distributed *d)
{
    (void)d;
}

double *distributed_zeros(const distributed *d)
{
    (void)d;
    return NULL;
}

mlsoap_status distributed_put(const distributed *d, double *A, size_t first, double *rows, size_t n_rows, int owner,
                              mlsoap_error *error)
{
    (void)d, (void)A, (void)first, (void)rows, (void)n_rows, (void)owner;
    return refuse(error);
}

mlsoap_status distributed_fold(const distributed *d, double *R, const double *rows, size_t n_own, mlsoap_error *error)
{
    (void)d, (void)R, (void)rows, (void)n_own;
    return refuse(error);
}

mlsoap_status distributed_cholesky(const distributed *d, const double *K, const double *shift, double **U,
                                   mlsoap_error *error)
{
    (void)d, (void)K, (void)shift, (void)U;
    return refuse(error);
}

mlsoap_status distributed_stack(const distributed *d, const double *const *A, const double *factor, int n, double **R,
                                mlsoap_error *error)
{
    (void)d, (void)A, (void)factor, (void)n, (void)R;
    return refuse(error);
}

mlsoap_status distributed_solve(const distributed *d, const double *R, double *x, mlsoap_error *error)
{
    (void)d, (void)R, (void)x;
    return refuse(error);
}

mlsoap_status distributed_residual(const distributed *d, const double *R, const double *x, double *norm,
                                   mlsoap_error *error)
{
    (void)d, (void)R, (void)x, (void)norm;
    return refuse(error);
}
