/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranks by MPI; see parallel.h. A roll call is one gathering of a small record per rank, waited for with pauses, so
 * that a rank without work leaves its core to the others. */
#include "parallel/parallel.h"

#include "core/memory.h"

#include <errno.h>
#include <math.h>
#include <mpi.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What a launcher leaves in the environment: ours, and that of the other family. */
#ifdef OPEN_MPI
static const char own_mpi[] = "Open MPI", other_mpi[] = "MPICH";
static const char *const own_launcher[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK"}, other_launcher[] = "PMI_SIZE";
#else
static const char own_mpi[] = "MPICH", other_mpi[] = "Open MPI";
static const char *const own_launcher[] = {"PMI_SIZE", "PMI_RANK"}, other_launcher[] = "OMPI_COMM_WORLD_SIZE";
#endif
enum { SPINS = 2000, PAUSE = 100000 /* ns */, MESSAGE = 1 << 30 /* bytes */ };

/* The answer of one rank to a roll call. */
typedef struct record {
    int failed;
    double value;
    unsigned long long index;
} record;

struct parallel {
    int rank, size;
    record *records; /* [size] */
    bool over;       /* a rank has failed */
    mlsoap_error failure;
};

static mlsoap_status mute(mlsoap_error *error)
{
    if (freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr)) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FILE, "/dev/null", 0, "cannot be written: %s", strerror(errno));
}

mlsoap_status parallel_start(parallel **out, mlsoap_error *error)
{
    const char *other = getenv(other_launcher);
    int provided;
    *out = NULL;
    if (!getenv(own_launcher[0]) && !getenv(own_launcher[1])) {
        if (other && atoi(other) > 1)
            return status_fail(
                error, MLSOAP_ERROR_UNSUPPORTED,
                "%s ranks were started by the launcher of %s, and this mlsoap was built with %s: use the "
                "mpirun of the latter",
                other, other_mpi, own_mpi);
        return MLSOAP_SUCCESS;
    }
    parallel *p = MEMORY_NEW(parallel, 1);
    if (!p) return status_no_memory(error, sizeof *p, "the ranks");
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &p->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &p->size);
    p->records = MEMORY_NEW(record, (size_t)p->size);
    mlsoap_status status = p->records ? MLSOAP_SUCCESS : status_no_memory(error, (size_t)p->size, "the ranks");
    if (!status && p->rank > 0) status = mute(error);
    if (status) MPI_Abort(MPI_COMM_WORLD, 1); /* no roll call is possible yet */
    *out = p;
    return MLSOAP_SUCCESS;
}

void parallel_end(parallel *p)
{
    if (!p) return;
    MPI_Finalize();
    memory_free(p->records);
    memory_free(p);
}

int parallel_rank(const parallel *p)
{
    return p ? p->rank : 0;
}

int parallel_size(const parallel *p)
{
    return p ? p->size : 1;
}

int parallel_owner(const parallel *p, double before, double total)
{
    int size = parallel_size(p), owner = total > 0 ? (int)(size * (before / total)) : 0;
    return owner < size ? owner : size - 1;
}

static void wait_for(MPI_Request *request)
{
    const struct timespec pause = {0, PAUSE};
    int done = 0;
    for (int i = 0; !done; i++) {
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done)
            ;
        else if (i < SPINS)
            sched_yield();
        else
            nanosleep(&pause, NULL);
    }
}

/* Every rank's record into p->records; returns the lowest rank that failed, or the size. */
static int roll_call(parallel *p, record own)
{
    MPI_Request request;
    int failed = 0;
    MPI_Iallgather(&own, (int)sizeof own, MPI_BYTE, p->records, (int)sizeof own, MPI_BYTE, MPI_COMM_WORLD, &request);
    wait_for(&request);
    while (failed < p->size && !p->records[failed].failed) failed++;
    return failed;
}

static mlsoap_status repeat_failure(const parallel *p, mlsoap_error *error)
{
    if (error) *error = p->failure;
    return p->failure.code;
}

static mlsoap_status answer(parallel *p, record own, mlsoap_status status, mlsoap_error *error)
{
    mlsoap_error message = {.code = status};
    if (p->over) return repeat_failure(p, error);
    own.failed = status != MLSOAP_SUCCESS;
    int from = roll_call(p, own);
    if (from == p->size) return MLSOAP_SUCCESS;
    if (p->rank == from && error) message = *error;
    message.code = status;
    if (p->rank == from && from > 0) status_prefix(&message, status, "rank %d", from);
    MPI_Bcast(&message, (int)sizeof message, MPI_BYTE, from, MPI_COMM_WORLD);
    p->over = true;
    p->failure = message;
    return repeat_failure(p, error);
}

mlsoap_status parallel_meet(parallel *p, mlsoap_status own, mlsoap_error *error)
{
    return p ? answer(p, (record){0}, own, error) : own;
}

mlsoap_status parallel_broadcast(parallel *p, int from, void *data, size_t n_bytes, mlsoap_error *error)
{
    mlsoap_status status = parallel_meet(p, MLSOAP_SUCCESS, error);
    if (status || !p) return status;
    for (size_t at = 0; at < n_bytes; at += MESSAGE) {
        size_t left = n_bytes - at;
        MPI_Bcast((char *)data + at, (int)(left < MESSAGE ? left : MESSAGE), MPI_BYTE, from, MPI_COMM_WORLD);
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status parallel_move(parallel *p, int from, int to, void *data, size_t n_bytes, mlsoap_error *error)
{
    mlsoap_status status = parallel_meet(p, MLSOAP_SUCCESS, error);
    if (status || !p || from == to) return status;
    for (size_t at = 0; at < n_bytes; at += MESSAGE) {
        size_t left = n_bytes - at;
        int n = (int)(left < MESSAGE ? left : MESSAGE);
        if (p->rank == from) MPI_Send((char *)data + at, n, MPI_BYTE, to, 0, MPI_COMM_WORLD);
        if (p->rank == to) MPI_Recv((char *)data + at, n, MPI_BYTE, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status parallel_largest(parallel *p, double *value, size_t *index, int *owner, mlsoap_error *error)
{
    *owner = 0;
    if (!p) return MLSOAP_SUCCESS;
    mlsoap_status status = answer(p, (record){0, *value, *index}, MLSOAP_SUCCESS, error);
    if (status) return status;
    for (int r = 1; r < p->size; r++)
        if (p->records[r].value > p->records[*owner].value) *owner = r;
    *value = p->records[*owner].value;
    *index = (size_t)p->records[*owner].index;
    return MLSOAP_SUCCESS;
}
