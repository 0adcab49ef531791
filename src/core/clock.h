/* SPDX-License-Identifier: BSD-3-Clause */
/** @file clock.h
 *  Time that has passed. Nothing that has an identity may depend on it. */
#ifndef MLSOAP_CLOCK_H
#define MLSOAP_CLOCK_H

/** Seconds of a clock that never goes back, from an arbitrary start. */
double clock_seconds(void);
/** Seconds of the processor that the calling thread has used. */
double clock_thread_seconds(void);

#endif
