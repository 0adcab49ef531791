/* SPDX-License-Identifier: BSD-3-Clause */
/** @file describe_session.h
 *  What `mlsoap describe` and `mlsoap select` begin with: a configuration or a potential, data, and the descriptors of
 *  the one for the structures of the other. */
#ifndef MLSOAP_DESCRIBE_SESSION_H
#define MLSOAP_DESCRIBE_SESSION_H

#include "app/describe_centers.h"
#include "app/describe_frames.h"
#include "app/reading.h"

/** What is asked for. */
typedef struct describe_request {
    const char *settings; /**< CONFIG.yaml or POT.mlsoap; of a configuration only elements, descriptors and data (keys,
                             ignore, units) are read */
    const char *data;     /**< file of structures */
    const char *const *keys; /**< [n_keys] "path.to.key=VALUE", laid over the settings */
    size_t n_keys;
    const char *centers;        /**< NULL, or those of describe_centers_read in the place of the key `centers` */
    bool structures_only;       /**< no targets of the frames are read */
    bool one_row_per_structure; /**< descriptors that give rows of centers are averaged (outer) */
} describe_request;

/** Everything that one run holds. Zero-initialize. */
typedef struct describe_session {
    config c;
    frame_set set;
    describe_centers centers;
    describer d;
} describe_session;

/** Errors: those of reading the files, of the configuration and of describer_new. Close it in any case. */
mlsoap_status describe_session_open(describe_session *session, const describe_request *request, mlsoap_error *error);
void describe_session_close(describe_session *session);

/** True where `text` ends in `end`. */
bool describe_ends_in(const char *text, const char *end);

#endif
