/* SPDX-License-Identifier: BSD-3-Clause */
/** @file report.h
 *  What a fit leaves for people: X.report.html, one self-contained page (error tables beside guesses without a model,
 *  parity plots, sizes and directions of force errors, reliability of the uncertainties, learning curves, dimers, cost,
 *  findings of the data check, data, settings), and X.parity.csv, every target beside its prediction. */
#ifndef MLSOAP_REPORT_H
#define MLSOAP_REPORT_H

#include "app/error_table.h"
#include "app/plots.h"
#include "app/reliability.h"
#include "baselines.h"
#include "io/frame.h"

/** Which frames. The order is that of the tables and of the CSV. */
typedef enum report_part { REPORT_TRAIN, REPORT_VALIDATION, REPORT_TEST, N_REPORT_PARTS } report_part;

/** "train", "validation", "test". */
extern const char *const report_part_names[N_REPORT_PARTS];

/** One set of frames. All zero = absent. */
typedef struct report_set {
    const frame_set *frames; /**< with predictions (frames without one are passed over); NULL: no plots, no CSV rows */
    const error_table *errors;      /**< NULL: no table; may be given without frames */
    const reliability *uncertainty; /**< NULL or n = 0: none */
    const baselines *guesses;       /**< what predictions without a model reach; NULL: unknown */
} report_set;

/** A stage of the fit and what it took. */
typedef struct report_timing {
    const char *name; /**< such as "descriptors" */
    double seconds;
} report_timing;

/** A line of the summary at the top, such as {"sparse points", "1000 (Si), by FPS"}. */
typedef struct report_fact {
    const char *name, *value;
} report_fact;

/** All that the page shows; everything belongs to the caller, any pointer but `title` may be NULL. */
typedef struct report_input {
    const char *title;       /**< "Si.mlsoap"; folders in front are left out */
    const char *identity;    /**< mlsoap_potential_identity */
    const char *description; /**< mlsoap_potential_description, JSON: elements, cutoffs, models are read from it */
    const char *config;      /**< the complete configuration as YAML text */
    const char *command;     /**< the command line that made it */
    report_set sets[N_REPORT_PARTS];
    const report_fact *facts; /**< [n_facts] */
    size_t n_facts;
    const report_timing *timings; /**< [n_timings] */
    size_t n_timings;
    const plot_curve *dimers; /**< [n_dimers] energy (eV) of two atoms over their distance (Angstrom) */
    size_t n_dimers;
    const json_t *epochs;           /**< array of {"epoch", "terms": [3], "training": [3], "validation"}: of networks */
    double lambda[N_FRAME_TARGETS]; /**< factors of the terms */
    const json_t *sizes;            /**< array of {"frames", "energy": meV/atom, "forces": eV/angstrom}: RMSE of
                                     *   validation of fits to fewer frames */
    const char *const *warnings;    /**< NULL-terminated: what the data check found and the fit went on with */
} report_input;

/** Write the page (atomically). Plots are drawn by gnuplot, found on PATH at run time, as SVG inside the page; where it
 *  is missing or fails the page says so and keeps its tables. Texts are escaped: a config_type may hold any character.
 *  Dense plots show at most PLOT_MAX_POINTS points, chosen by a fixed rule, and say so.
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_FILE, _MEMORY. */
mlsoap_status report_write(const char *path, const report_input *input, mlsoap_error *error);

/** Write set,file,frame,config_type,quantity,atom,component,reference,prediction (atomically): energy in eV/atom, force
 *  components in eV/angstrom, virial components (W/N) in eV/atom; 17 digits; RFC 4180 quoting. frame and atom count
 *  from 0; atom is empty but for forces. Absent targets give no rows.
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_FILE, _MEMORY. */
mlsoap_status parity_csv_write(const char *path, const report_set sets[N_REPORT_PARTS], mlsoap_error *error);

#endif
