/* SPDX-License-Identifier: BSD-3-Clause */
/** @file parallel.h
 *  The ranks of a training run (`mpirun -np N mlsoap train ...`): the only place of the trainer that knows MPI
 *  (parallel_mpi.c; parallel_none.c where the build has none). Every rank reads the same files and takes the same
 *  decisions; work on structures is divided, and what it gives is shared in an order that the data fix, so that the
 * bits of a result do not depend on the number of ranks.
 *
 *  NULL stands for a run without a launcher: every function works on it and does nothing.
 *
 *  Errors. All functions below that return a status are collective and begin with a roll call. A rank that fails
 * anywhere just returns its error up to main, whose parallel_meet answers the roll call that the others are waiting in:
 * these then return the same error (that of the lowest rank that failed). No rank is left waiting, and after a failure
 * no function communicates any more. Call them from one thread, outside of OpenMP regions. */
#ifndef MLSOAP_PARALLEL_H
#define MLSOAP_PARALLEL_H

#include "core/status.h"

#include <stddef.h>

typedef struct parallel parallel;

/** Join the other ranks where a launcher of this build's MPI started the program; *out is NULL where none did, and MPI
 * is not initialized then. Ranks but the first print nothing from here on: stdout and stderr are /dev/null. Errors:
 * MLSOAP_ERROR_UNSUPPORTED (the launcher of another MPI), _MEMORY, _FILE. */
mlsoap_status parallel_start(parallel **out, mlsoap_error *error);
/** Leave, together: after parallel_meet. NULL-safe. */
void parallel_end(parallel *p);

int parallel_rank(const parallel *p); /**< 0 ... size - 1; the first rank writes and prints */
int parallel_size(const parallel *p); /**< 1 where p is NULL */
/** The rank that does an item which has `before` of `total` units of work in front of it: items in order go to
 *  ascending ranks, the first to rank 0. */
int parallel_owner(const parallel *p, double before, double total);

/** Roll call. @param[in] own  success, or the failure of this rank, with its error
 *  @return success, or the failure of the lowest rank that has one, its message in `error` on every rank */
mlsoap_status parallel_meet(parallel *p, mlsoap_status own, mlsoap_error *error);
/** n_bytes at `data` of rank `from` to all. */
mlsoap_status parallel_broadcast(parallel *p, int from, void *data, size_t n_bytes, mlsoap_error *error);
/** n_bytes at `data` of rank `from` to `data` of rank `to`; the others may give NULL. */
mlsoap_status parallel_move(parallel *p, int from, int to, void *data, size_t n_bytes, mlsoap_error *error);
/** The largest *value of all ranks (the lowest rank's where it is there twice) with the *index that its rank gave.
 *  @param[out] owner  that rank. A rank without a value gives -INFINITY. */
mlsoap_status parallel_largest(parallel *p, double *value, size_t *index, int *owner, mlsoap_error *error);

#endif
