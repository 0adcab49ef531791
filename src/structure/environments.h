/* SPDX-License-Identifier: BSD-3-Clause */
/** @file environments.h
 *  Checks of the environments that a caller of the library hands over. */
#ifndef MLSOAP_ENVIRONMENTS_H
#define MLSOAP_ENVIRONMENTS_H

#include "core/status.h"

/** Size, number of centers, arrays that are there, `first` ascending from 0. Elements are the business of the caller.
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_ARGUMENT. */
mlsoap_status environments_check(const mlsoap_environments *e, mlsoap_error *error);

#endif
