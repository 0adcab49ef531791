/* SPDX-License-Identifier: BSD-3-Clause */
/** @file process_memory.h
 *  What the process holds before a fit begins: program, libraries, data. */
#ifndef MLSOAP_PROCESS_MEMORY_H
#define MLSOAP_PROCESS_MEMORY_H

/** Bytes of this process in memory at the moment; a usual value where the system does not say, and for several ranks,
 *  which have to come to the same verdict. */
double process_memory(int n_ranks);

#endif
