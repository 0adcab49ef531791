/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cur.h
 *  CUR row selection with one singular vector, recomputed after every choice: pi_i = U_i1^2, take the largest, project
 *  it out of all rows (spec training.md 4; scikit-matter CUR(k = 1, recompute_every = 1)).
 *  At most as many rows as the matrix has rank can be told apart in this way. Where more are wanted, a new sweep begins
 *  on the rows not yet chosen. */
#ifndef MLSOAP_CUR_H
#define MLSOAP_CUR_H

#include "app/selection.h"

/** `first` is not used: the scores choose the first row too. */
selection_function cur_select;

#endif
