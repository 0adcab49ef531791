/* SPDX-License-Identifier: BSD-3-Clause */
/** @file network_fit.h
 *  The fit of dense networks: inputs from the training environments, training by validation, then the same from all
 *  training frames (spec training.md 5). Weight decay and the moment to stop are chosen by validation. */
#ifndef MLSOAP_NETWORK_FIT_H
#define MLSOAP_NETWORK_FIT_H

#include "fit_method.h"

extern const fit_method network_fit_method;

#endif
