/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of the descriptor `soap` (design: section 10). Keys that not every mode has, or whose default depends on the
 * mode, stay absent here; soap_settings.c completes them. */
#include "descriptors/pooling.h"
#include "descriptors/soap/soap_settings.h"

const char *const soap_mode_names[] = {"smooth", "dscribe", "quip", NULL};
const char *const soap_basis_names[] = {"gaussians", "gto", "polynomial", NULL};
const char *const soap_projection_names[] = {"exact", "collocation", NULL};
const char *const soap_cutoff_names[] = {"cosine", "shifted_cosine", "poly", NULL};
const char *const soap_weighting_names[] = {"none", "poly", "pow", "exp", NULL};
const char *const soap_compression_names[] = {"none", "mu2", "mu1nu1", "crossover", "mix", NULL};
static const char *const mixing_names[] = {"fixed", "learned", NULL};
static const char *const average_names[] = {"none", "inner", "outer", NULL};
static const char *const type_names[] = {"soap", NULL};
static const char *const none_names[] = {"none", NULL};

#define END_OF_TABLE                                                                                                   \
    {                                                                                                                  \
        NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL                                                                    \
    }

const schema_key soap_cutoff_schema[] = {
    {"function", SCHEMA_TEXT, "\"shifted_cosine\"", NULL, 1, 0, soap_cutoff_names, NULL,
     "cutoff function: cosine, shifted_cosine or poly"},
    {"width", SCHEMA_REAL, "", "angstrom", 1e-3, 1e3, NULL, NULL, "shifted_cosine: width of the transition (1)"},
    {"m", SCHEMA_REAL, "", NULL, 1, 32, NULL, NULL, "poly: exponent (2)"},
    END_OF_TABLE};

static const schema_key scaling_schema[] = {
    {"r0", SCHEMA_REAL, NULL, "angstrom", 1e-3, 1e3, NULL, NULL, "distance at which the weight is one half"},
    {"m", SCHEMA_REAL, "4", NULL, 2, 32, NULL, NULL, "exponent"},
    END_OF_TABLE};

const schema_key soap_weighting_schema[] = {
    {"function", SCHEMA_TEXT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, soap_weighting_names, NULL,
     "radial weight: none, poly, pow or exp"},
    {"r0", SCHEMA_REAL, "", "angstrom", 1e-3, 1e3, NULL, NULL, "length of the weight"},
    {"c", SCHEMA_REAL, "1", NULL, -1e6, 1e6, NULL, NULL, "scale of the weight"},
    {"d", SCHEMA_REAL, "1", NULL, 0, 1e6, NULL, NULL, "pow, exp: constant in the denominator"},
    {"m", SCHEMA_REAL, "1", NULL, 0, 32, NULL, NULL, "poly, pow: exponent"},
    {"w0", SCHEMA_REAL, "", NULL, -1e6, 1e6, NULL, NULL,
     "weight of atoms at the center (default: the weight at r = 0)"},
    {"threshold", SCHEMA_REAL, "0.01", NULL, 1e-12, 1, NULL, NULL,
     "weight at which r_cut is put where it is not given"},
    END_OF_TABLE};

const schema_key soap_compression_schema[] = {
    {"type", SCHEMA_TEXT, "\"mix\"", NULL, 1, 0, soap_compression_names + 4, NULL, "mix"},
    {"channels", SCHEMA_INTEGER, "2", NULL, 1, 16, NULL, NULL, "mix: number of density channels"},
    {"mixing", SCHEMA_TEXT, "\"fixed\"", NULL, 1, 0, mixing_names, NULL,
     "mix: fixed (by the periodic table) or learned (train: by validation)"},
    {"matrix", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "mix: U [channels][species], set by mlsoap"},
    END_OF_TABLE};

const schema_key soap_bispectrum_schema[] = {
    {"channels", SCHEMA_INTEGER, "3", NULL, 1, BISPECTRUM_CHANNELS_MAX, NULL, NULL, "radial channels A of each degree"},
    {"l_max", SCHEMA_INTEGER, "4", NULL, 1, BISPECTRUM_L_MAX, NULL, NULL, "largest degree L"},
    {"phi", SCHEMA_REAL, "0.025", NULL, 1e-6, 1e3, NULL, NULL,
     "share of the block in the squared gradient of features"},
    {"matrix", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "U [l][channel][n], set by mlsoap from the data"},
    {"scale", SCHEMA_REAL, "", NULL, 1e-300, 1e300, NULL, NULL, "root mean square of |B|, set by mlsoap from the data"},
    {"weight", SCHEMA_REAL, "", NULL, 0, 1e300, NULL, NULL, "w_B, set by mlsoap from the data"},
    END_OF_TABLE};

const schema_key soap_schema[] = {
    {"name", SCHEMA_TEXT, "\"soap\"", NULL, 1, 0, NULL, NULL, "name that terms of the model refer to"},
    {"type", SCHEMA_TEXT, "\"soap\"", NULL, 1, 0, type_names, NULL, "kind of descriptor"},
    {"mode", SCHEMA_TEXT, "\"smooth\"", NULL, 1, 0, soap_mode_names, NULL,
     "convention: smooth (cutoff function in the density; the one for molecular dynamics), dscribe or quip"},
    {"species", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "elements in the density"},
    {"centers", SCHEMA_TEXT | SCHEMA_LIST, "\"atoms\"", NULL, 1, 0, NULL, NULL,
     "atoms, a list of central elements, midpoint, or a list of points [[x, y, z], ...]"},
    {"r_cut", SCHEMA_REAL, "", "angstrom", 1e-3, 100, NULL, NULL,
     "cutoff (required; mode dscribe with a weighting has a default)"},
    {"n_max", SCHEMA_INTEGER, NULL, NULL, 1, 16, NULL, NULL, "number of radial functions (polynomial: at most 10)"},
    {"l_max", SCHEMA_INTEGER, NULL, NULL, 0, 20, NULL, NULL, "largest degree of the spherical harmonics"},
    {"sigma", SCHEMA_REAL, NULL, "angstrom", 1e-2, 10, NULL, NULL, "width of the atomic density"},
    {"basis", SCHEMA_TEXT, "", NULL, 1, 0, soap_basis_names, NULL,
     "radial basis: gaussians (equispaced; default of smooth and quip), gto (default of dscribe) or polynomial"},
    {"projection", SCHEMA_TEXT, "", NULL, 1, 0, soap_projection_names, NULL,
     "gaussians: exact (default) or collocation (as QUIP)"},
    {"basis_error_exponent", SCHEMA_REAL, "", NULL, 0, 100, NULL, NULL,
     "gaussians: the basis reaches beyond r_cut by sigma sqrt(2 e ln 10); default: up to r_cut (quip: 10)"},
    {"bispectrum", SCHEMA_TEXT | SCHEMA_OBJECT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, none_names,
     soap_bispectrum_schema, "four-body block after the power spectrum, or none"},
    {"cutoff", SCHEMA_OBJECT, "", NULL, 1, 0, NULL, soap_cutoff_schema,
     "smooth, quip: cutoff function of the density (shifted_cosine; width 1, quip 0.5)"},
    {"radial_scaling", SCHEMA_OBJECT | SCHEMA_TEXT | SCHEMA_NULL, "", NULL, 1, 0, none_names, scaling_schema,
     "smooth: density weight 1/(1 + (r/r0)^m), or none"},
    {"weighting", SCHEMA_OBJECT | SCHEMA_TEXT | SCHEMA_NULL, "", NULL, 1, 0, none_names, soap_weighting_schema,
     "dscribe: radial weight, or none"},
    {"w0", SCHEMA_REAL, "", NULL, 0, 1e6, NULL, NULL, "smooth, quip: weight of the central atom (1)"},
    {"species_weights", SCHEMA_OBJECT, "{}", NULL, 1, 0, NULL, NULL, "weight of each element in the density (1)"},
    {"compression", SCHEMA_TEXT | SCHEMA_OBJECT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, soap_compression_names,
     soap_compression_schema,
     "which products of species enter: none (all), crossover, mu2, mu1nu1, or mixed channels (mix)"},
    {"average", SCHEMA_TEXT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, average_names, NULL,
     "describe: one row per structure, the mean of the features (outer) or those of the mean density (inner)"},
    POOLING_KEY,
    {"normalize", SCHEMA_BOOLEAN, "", NULL, 1, 0, NULL, NULL,
     "rows of unit length; models have their own switch (default: quip; when training also with a bispectrum, and of "
     "several SOAPs side by side)"},
    {"central_reference_all_species", SCHEMA_BOOLEAN, "", NULL, 1, 0, NULL, NULL,
     "quip: the central atom counts in the density of every species (default: only where there is one species)"},
    {"covariance_sigma0", SCHEMA_REAL, "", NULL, 0, 1e6, NULL, NULL, "quip: last feature (0)"},
    END_OF_TABLE};
