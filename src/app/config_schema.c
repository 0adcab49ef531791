/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of a configuration (design: section 10), one row each; those of a descriptor belong to its kind. */
#include "app/config.h"

#include <string.h>

/* min > max: no limit */
#define NO_LIMIT 1, 0
#define LARGEST  1e30
#define END_OF_TABLE                                                                                                   \
    {                                                                                                                  \
        NULL, 0, NULL, NULL, NO_LIMIT, NULL, NULL, NULL                                                                \
    }

enum { LIST_OR_TEXT = SCHEMA_LIST | SCHEMA_TEXT, REAL_OR_TEXT = SCHEMA_REAL | SCHEMA_TEXT };

static const char *const auto_only[] = {"auto", NULL};
static const char *const lengths[] = {"angstrom", "bohr", NULL};
static const char *const energies[] = {"eV", "hartree", NULL};
static const char *const offsets_words[] = {"auto", "isolated", "least_squares", "mean", NULL};
static const char *const model_types[] = {"sparse_gp", "network", "linear", NULL};
static const char *const input_methods[] = {"pca", "standardize", "none", NULL};
static const char *const optimizers[] = {"auto", "adam", "lbfgs", "levenberg_marquardt", NULL};
static const char *const factorizations[] = {"auto", "local", "distributed", NULL};
static const char *const selections[] = {"fps", "cur", NULL};

static const schema_key keys_schema[] = {
    {"energy", SCHEMA_TEXT | SCHEMA_NULL, "\"auto\"", NULL, NO_LIMIT, NULL, NULL,
     "key of the total energy in the data; auto = the usual spellings, none = do not use it"},
    {"forces", SCHEMA_TEXT | SCHEMA_NULL, "\"auto\"", NULL, NO_LIMIT, NULL, NULL, "key of the forces"},
    {"virial", SCHEMA_TEXT | SCHEMA_NULL, "\"auto\"", NULL, NO_LIMIT, NULL, NULL, "key of the virial or the stress"},
    END_OF_TABLE};

static const schema_key units_schema[] = {{"length", SCHEMA_TEXT, "\"angstrom\"", NULL, NO_LIMIT, lengths, NULL,
                                           "of formats that state none (RuNNer input.data)"},
                                          {"energy", SCHEMA_TEXT, "\"eV\"", NULL, NO_LIMIT, energies, NULL,
                                           "of formats that state none; forces: energy/length"},
                                          END_OF_TABLE};

static const schema_key data_schema[] = {
    {"train", LIST_OR_TEXT, "[]", NULL, NO_LIMIT, NULL, NULL, "files to train on"},
    {"test", LIST_OR_TEXT, "[]", NULL, NO_LIMIT, NULL, NULL, "files to test on, read once, at the end"},
    {"validation", REAL_OR_TEXT | SCHEMA_LIST | SCHEMA_NULL, "0.1", NULL, 0, 0.9, NULL, NULL,
     "fraction of the training frames, by seed and stratified by config_type; or files"},
    {"keys", SCHEMA_OBJECT, "{}", NULL, NO_LIMIT, NULL, keys_schema, "which keys of the files are the targets"},
    {"ignore", LIST_OR_TEXT, "[]", NULL, NO_LIMIT, NULL, NULL, "keys that look like targets and are none"},
    {"units", SCHEMA_OBJECT, "{}", NULL, NO_LIMIT, NULL, units_schema, "units of formats that state none"},
    END_OF_TABLE};

static const schema_key sigma_schema[] = {
    {"energy", SCHEMA_REAL, NULL, "eV/sqrt(atom)", 1e-12, LARGEST, NULL, NULL, "expected error of energies"},
    {"forces", SCHEMA_REAL, NULL, "eV/angstrom", 1e-12, LARGEST, NULL, NULL, "expected error of force components"},
    {"virial", SCHEMA_REAL, "", "eV/sqrt(atom)", 1e-12, LARGEST, NULL, NULL, "expected error of virials"},
    END_OF_TABLE};

/* Rows that every kind of model has. */
#define MODEL_ROWS                                                                                                     \
    {"on", SCHEMA_LIST, "", NULL, NO_LIMIT, NULL, NULL, "names of the descriptors that it acts on: all"},              \
    {                                                                                                                  \
        "type", SCHEMA_TEXT, "\"sparse_gp\"", NULL, NO_LIMIT, model_types, NULL, "kind of model"                       \
    }

/* Of models with a least-squares problem. */
#define FACTORIZATION_ROW                                                                                              \
    {                                                                                                                  \
        "factorization", SCHEMA_TEXT, "\"auto\"", NULL, NO_LIMIT, factorizations, NULL,                                \
            "of the least-squares problem: on each rank (local), over all ranks by ScaLAPACK, without an uncertainty " \
            "(distributed), or auto: over all ranks where `memory` asks for it"                                        \
    }

static const schema_key sparse_gp_schema[] = {
    MODEL_ROWS,
    {"zeta", SCHEMA_INTEGER, "2", NULL, 1, 16, NULL, NULL, "exponent of the kernel"},
    {"normalized", SCHEMA_BOOLEAN, "", NULL, NO_LIMIT, NULL, NULL,
     "kernel of features of unit length (default: true; false for acsf, of which an atom without neighbors has none)"},
    {"constant", REAL_OR_TEXT, "", NULL, 0, LARGEST, auto_only, NULL,
     "c of the inhomogeneous kernel (c + x.s)^zeta; auto = mean |x|^2 (default: 0; auto for acsf)"},
    {"delta", SCHEMA_REAL, "1", "eV", 1e-12, LARGEST, NULL, NULL, "size of the energies that the kernel describes"},
    {"n_sparse", SCHEMA_INTEGER, "1000", NULL, 1, 1000000, NULL, NULL, "sparse points per central species"},
    {"selection", SCHEMA_TEXT, "\"fps\"", NULL, NO_LIMIT, selections, NULL,
     "choice of the sparse points: farthest points, or CUR decomposition"},
    {"sparse_points", SCHEMA_TEXT, "", NULL, NO_LIMIT, NULL, NULL,
     "X.triangles whose sparse points are taken, instead of a selection"},
    FACTORIZATION_ROW,
    {"jitter", SCHEMA_REAL, "1e-8", NULL, 0, 1, NULL, NULL, "added to K_MM, relative to the mean of its diagonal"},
    {"noise", REAL_OR_TEXT, "\"auto\"", NULL, 1e-12, LARGEST, auto_only, NULL,
     "overall noise scale s of the variance-weighted loss; auto = by validation"},
    {"sigma", SCHEMA_OBJECT, "", NULL, NO_LIMIT, NULL, sigma_schema, "expected errors, instead of loss and noise"},
    {"keep_triangles", SCHEMA_BOOLEAN, "false", NULL, NO_LIMIT, NULL, NULL,
     "write X.triangles, into which `--from X.mlsoap` folds more data"},
    END_OF_TABLE};

static const schema_key network_schema[] = {
    MODEL_ROWS,
    {"hidden", SCHEMA_LIST, "[64, 64]", NULL, NO_LIMIT, NULL, NULL, "neurons of each hidden layer"},
    {"activation", LIST_OR_TEXT, "\"silu\"", NULL, NO_LIMIT, NULL, NULL,
     "of the hidden layers: tanh, silu, softplus, logistic, gaussian, cos, ..., or a list with one for each"},
    {"linear_skip", SCHEMA_BOOLEAN, "true", NULL, NO_LIMIT, NULL, NULL, "a linear model is added to the network"},
    {"committee", SCHEMA_INTEGER, "1", NULL, 1, 64, NULL, NULL, "networks whose mean is the energy"},
    {"normalized", SCHEMA_BOOLEAN, "", NULL, NO_LIMIT, NULL, NULL,
     "features of unit length (default: true; false for acsf, of which an atom without neighbors has none)"},
    {"inputs", SCHEMA_TEXT, "\"pca\"", NULL, NO_LIMIT, input_methods, NULL,
     "scaling of the features: principal components, mean 0 and deviation 1, or none"},
    {"n_inputs", SCHEMA_INTEGER | SCHEMA_TEXT, "\"auto\"", NULL, 1, 1000000, auto_only, NULL,
     "principal components that are used; auto = all that vary"},
    {"pca_exponent", SCHEMA_REAL, "0.1", NULL, 0, 0.5, NULL, NULL,
     "q: components are divided by the q-th power of their variance"},
    {"optimizer", SCHEMA_TEXT, "\"auto\"", NULL, NO_LIMIT, optimizers, NULL,
     "adam, lbfgs or levenberg_marquardt (auto: where there are few parameters)"},
    {"epochs", SCHEMA_INTEGER | SCHEMA_TEXT, "\"auto\"", NULL, 1, 1000000, auto_only, NULL,
     "passes over the training frames (auto: 100; iterations of lbfgs and levenberg_marquardt: at most 1000)"},
    {"batch", SCHEMA_INTEGER, "2", NULL, 1, 1000000, NULL, NULL, "frames of one step of adam"},
    {"learning_rate", SCHEMA_REAL, "3e-3", NULL, 1e-12, 1, NULL, NULL,
     "largest step of adam; it falls to 0 at the end"},
    {"weight_decay", REAL_OR_TEXT, "\"auto\"", NULL, 0, 1e3, auto_only, NULL,
     "pull of all weights to 0; auto = 0 or 0.1, by validation"},
    {"averaging", SCHEMA_REAL, "0.99", NULL, 0, 0.999999, NULL, NULL, "of the weights over the last steps of adam"},
    END_OF_TABLE};

static const schema_key linear_schema[] = {
    MODEL_ROWS,
    {"normalized", SCHEMA_BOOLEAN, "", NULL, NO_LIMIT, NULL, NULL,
     "features of unit length (default: true; false for acsf, of which an atom without neighbors has none)"},
    {"delta", SCHEMA_REAL, "1", "eV", 1e-12, LARGEST, NULL, NULL,
     "expected size of the weights: of the energies where the features have unit length"},
    FACTORIZATION_ROW,
    {"noise", REAL_OR_TEXT, "\"auto\"", NULL, 1e-12, LARGEST, auto_only, NULL,
     "overall noise scale s of the variance-weighted loss, the regularization; auto = by validation"},
    {"sigma", SCHEMA_OBJECT, "", NULL, NO_LIMIT, NULL, sigma_schema, "expected errors, instead of loss and noise"},
    {"keep_triangles", SCHEMA_BOOLEAN, "false", NULL, NO_LIMIT, NULL, NULL,
     "write X.triangles, into which `--from X.mlsoap` folds more data"},
    END_OF_TABLE};

static const schema_key loss_schema[] = {
    {"energy", REAL_OR_TEXT, "\"auto\"", NULL, 0, LARGEST, auto_only, NULL,
     "factor of the energy term; auto = by validation"},
    {"forces", REAL_OR_TEXT, "1", NULL, 0, LARGEST, auto_only, NULL, "factor of the force term"},
    {"virial", REAL_OR_TEXT, "\"auto\"", NULL, 0, LARGEST, auto_only, NULL, "factor of the virial term"},
    {"config_type", SCHEMA_OBJECT, "{}", NULL, NO_LIMIT, NULL, NULL,
     "further factors by config_type: {NAME: {energy, forces, virial}}"},
    END_OF_TABLE};

static const schema_key zbl_schema[] = {
    {"r_inner", SCHEMA_REAL, NULL, "angstrom", 1e-3, 100, NULL, NULL, "full repulsion of all pairs up to here"},
    {"r_outer", SCHEMA_REAL, NULL, "angstrom", 1e-3, 100, NULL, NULL, "none from here on"},
    END_OF_TABLE};

static const schema_key uncertainty_schema[] = {{"n_points", SCHEMA_INTEGER, "300", NULL, 1, 100000, NULL, NULL,
                                                 "sparse_gp: most sparse points per central species that it uses"},
                                                END_OF_TABLE};

static const schema_key report_schema[] = {
    {"learning_curve", SCHEMA_INTEGER, "0", NULL, 0, 12, NULL, NULL,
     "halvings of the training frames that are fitted too: errors over the number of frames"},
    END_OF_TABLE};

const schema_key config_schema[] = {
    {"data", SCHEMA_OBJECT, "{}", NULL, NO_LIMIT, NULL, data_schema, "the data"},
    {"elements", SCHEMA_LIST, "", NULL, NO_LIMIT, NULL, NULL, "elements of the potential; default: those in the data"},
    {"offsets", SCHEMA_TEXT | SCHEMA_OBJECT, "\"auto\"", "eV", NO_LIMIT, offsets_words, NULL,
     "energy of each element: auto (isolated atoms, else least squares), isolated, least_squares, mean, or values"},
    {"zbl", SCHEMA_TEXT | SCHEMA_OBJECT | SCHEMA_NULL, "\"auto\"", NULL, NO_LIMIT, auto_only, zbl_schema,
     "repulsive core between close atoms; auto = below the shortest distances of the data"},
    {"descriptors", SCHEMA_LIST, "[]", NULL, NO_LIMIT, NULL, NULL, "descriptors; default: one chosen from the data"},
    {"model", SCHEMA_OBJECT | SCHEMA_LIST, "{}", NULL, NO_LIMIT, NULL, NULL,
     "the model on all descriptors side by side, or a list of models on some of them each, whose energies add"},
    {"loss", SCHEMA_OBJECT, "{}", NULL, NO_LIMIT, NULL, loss_schema, "factors on the variance-weighted terms"},
    {"uncertainty", SCHEMA_TEXT | SCHEMA_OBJECT | SCHEMA_NULL, "\"auto\"", NULL, NO_LIMIT, auto_only,
     uncertainty_schema, "uncertainty of the predictions, stored in the potential"},
    {"report", SCHEMA_OBJECT, "{}", NULL, NO_LIMIT, NULL, report_schema, "further work for the report"},
    {"seed", SCHEMA_INTEGER, "1", NULL, 0, 2147483647, NULL, NULL, "of every random choice"},
    {"memory", SCHEMA_TEXT, "\"8 GiB\"", NULL, NO_LIMIT, NULL, NULL, "most memory to use"},
    {"checkpoint", SCHEMA_TEXT | SCHEMA_NULL, "\"10 min\"", NULL, NO_LIMIT, NULL, NULL,
     "time between checkpoints (s, min, h), from which --resume goes on; none: only at signals"},
    {"output", SCHEMA_TEXT, "", NULL, NO_LIMIT, NULL, NULL, "potential file to write"},
    END_OF_TABLE};

const schema_key *config_model_schema(const json_t *term)
{
    const char *type = json_string_value(json_object_get(term, "type"));
    if (type && strcmp(type, "network") == 0) return network_schema;
    return type && strcmp(type, "linear") == 0 ? linear_schema : sparse_gp_schema;
}
