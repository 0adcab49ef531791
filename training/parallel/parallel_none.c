/* SPDX-License-Identifier: BSD-3-Clause */
/* A build without MPI; see parallel.h. */
#include "parallel/parallel.h"

#include <stdlib.h>

mlsoap_status parallel_start(parallel **out, mlsoap_error *error)
{
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}; /* Open MPI, MPICH */
    *out = NULL;
    for (int i = 0; i < 2; i++) {
        const char *size = getenv(sizes[i]);
        if (size && atoi(size) > 1)
            return status_fail(error, MLSOAP_ERROR_UNSUPPORTED,
                               "%s ranks were started, and this mlsoap was built without MPI: start it without mpirun, "
                               "or install an MPI (libopenmpi-dev) and build again",
                               size);
    }
    return MLSOAP_SUCCESS;
}

void parallel_end(parallel *p)
{
    (void)p;
}

int parallel_rank(const parallel *p)
{
    (void)p;
    return 0;
}

int parallel_size(const parallel *p)
{
    (void)p;
    return 1;
}

int parallel_owner(const parallel *p, double before, double total)
{
    (void)p, (void)before, (void)total;
    return 0;
}

mlsoap_status parallel_meet(parallel *p, mlsoap_status own, mlsoap_error *error)
{
    (void)p, (void)error;
    return own;
}

mlsoap_status parallel_broadcast(parallel *p, int from, void *data, size_t n_bytes, mlsoap_error *error)
{
    (void)p, (void)from, (void)data, (void)n_bytes, (void)error;
    return MLSOAP_SUCCESS;
}

mlsoap_status parallel_move(parallel *p, int from, int to, void *data, size_t n_bytes, mlsoap_error *error)
{
    (void)p, (void)from, (void)to, (void)data, (void)n_bytes, (void)error;
    return MLSOAP_SUCCESS;
}

mlsoap_status parallel_largest(parallel *p, double *value, size_t *index, int *owner, mlsoap_error *error)
{
    (void)p, (void)value, (void)index, (void)error;
    *owner = 0;
    return MLSOAP_SUCCESS;
}
