/* SPDX-License-Identifier: BSD-3-Clause */
/** @file plots.h
 *  Plots of the report as SVG text, drawn by gnuplot. gnuplot is started without a shell and gets numbers and fixed
 * words only; nothing that a data file holds reaches it. */
#ifndef MLSOAP_PLOTS_H
#define MLSOAP_PLOTS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PLOT_MAX_SERIES = 3,
    PLOT_MAX_POINTS = 4000 /**< of one series in one plot: a page of a few MB stays readable on a phone */
};

/** Points of one set of frames. */
typedef struct plot_series {
    const char *name;    /**< "train", "validation" or "test" */
    const double *x, *y; /**< [n]; y is not used by plot_distribution */
    size_t n;
    size_t n_drawn; /**< set by plot_parity: points that coincide in the plot are drawn once */
} plot_series;

/** Prediction (y) over reference (x) with the diagonal. Of points that fall into the same cell of a grid over the plot
 *  the first is drawn; the grid is one pixel, and coarser where more than PLOT_MAX_POINTS would be left. Points that
 * are not finite are left out.
 *  @param[in] quantity  such as "energy"   @param[in] unit  such as "eV/atom"; both words of ours, never of a file
 *  @return SVG text from "<svg" on, to be freed with memory_free; NULL where gnuplot is missing or failed or there is
 *  nothing to draw */
char *plot_parity(plot_series *series, size_t n_series, const char *quantity, const char *unit);

/** Share of the values below x, in percent, over x on a logarithmic axis; `x` of each series sorted in ascending order.
 *  @param[in] of_what  what there is a share of, such as "components"
 *  @return as plot_parity */
char *plot_distribution(const plot_series *series, size_t n_series, const char *quantity, const char *unit,
                        const char *of_what);

/** A line. */
typedef struct plot_curve {
    const char *name; /**< a short word of ours, or symbols of elements */
    const double *x, *y;
    size_t n;
} plot_curve;

typedef struct plot_axes {
    const char *x, *y; /**< labels with units; words of ours */
    double highest;    /**< y above it is cut off; INFINITY: nothing is */
    bool log_x, log_y; /**< logarithmic */
} plot_axes;

enum { PLOT_MAX_CURVES = 6 };

/** Points over two axes, each with its number from 1 on beside it; logarithmic in x where x spans more than a factor of
 * three. Points with x <= 0 or that are not finite are left out. @return as plot_parity */
char *plot_numbered(const double *x, const double *y, size_t n, const plot_axes *axes);

/** Lines over common axes, told apart by color, lightness and dashes; few points are marked. A line with the name of a
 *  set looks as it does in the other plots. @return as plot_parity */
char *plot_curves(const plot_curve *curves, size_t n_curves, const plot_axes *axes);

#endif
