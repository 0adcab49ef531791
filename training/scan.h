/* SPDX-License-Identifier: BSD-3-Clause */
/** @file scan.h
 *  `--scan key=a,b,c`: one fit for each value (several --scan: for each combination), judged by validation; the test
 * frames are not even read. Gives a table on stdout, X.scan.csv, X.scan.json and X.scan.html with a plot of the force
 * error over the cost of an evaluation on this machine. */
#ifndef MLSOAP_SCAN_H
#define MLSOAP_SCAN_H

#include "app/config.h"
#include "scan_point.h"
#include "train_run.h"

/** Make the configuration of the command line with n further "key=value" laid over it. */
typedef mlsoap_status (*scan_config_maker)(const void *context, const char *const *assignments, size_t n, config *c,
                                           mlsoap_error *error);

/** Run a scan.
 *  @param[in] scans    [n] arguments of --scan: "key=a,b,c"; commas inside brackets, braces and quotes do not separate
 *  @param[in] options  of every fit; with `resume` those that X.scan.ckpt has are taken from it, in which every fit is
 *                      kept as soon as it is done until the results are written
 *  Errors: MLSOAP_ERROR_ARGUMENT (form of a scan), those of the fits with their values in front, of the files;
 *  MLSOAP_ERROR_INTERRUPTED: stopped as asked, in a fit too; X.scan.ckpt has the fits that were done before. */
mlsoap_status scan_run(const char *const *scans, size_t n, scan_config_maker make, const void *context,
                       const train_options *options, mlsoap_error *error);

#endif
