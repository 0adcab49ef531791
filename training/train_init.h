/* SPDX-License-Identifier: BSD-3-Clause */
/** @file train_init.h
 *  A commented configuration to start from, made of the rows of config_schema: every key with its default, unit and
 *  meaning. */
#ifndef MLSOAP_TRAIN_INIT_H
#define MLSOAP_TRAIN_INIT_H

#include "app/config.h"

/** The text; keys that `c` sets are active lines, all others are comments with their default. memory_free it. NULL: no
 *  memory. */
char *train_init_text(const config *c);

#endif
