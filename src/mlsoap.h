/* SPDX-License-Identifier: BSD-3-Clause */
/** @file mlsoap.h
 *  mlsoap: evaluation of machine-learned interatomic potentials and of their descriptors. The only public header.
 *
 *  Units are eV and Angstrom everywhere. Vectors between atoms are r_ij = r_j - r_i. The virial is
 *  W_ab = -dE/d(strain_ab) = -sum_ij r_ij,a dE_i/dr_ij,b in eV, in the order xx yy zz xy xz yz.
 *
 *  A potential is read once and then only read: any number of threads may share it. A workspace belongs to one
 *  thread at a time. The library starts no threads, never exits, aborts or prints, and touches neither the locale
 *  nor the floating-point environment.
 *
 *  Every call that can fail returns a status (MLSOAP_SUCCESS = 0) and, where the caller passes an mlsoap_error,
 *  fills it with a message that says what, where, the value found, what is allowed and what to do. */
#ifndef MLSOAP_H
#define MLSOAP_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define MLSOAP_API
#else
#define MLSOAP_API __attribute__((visibility("default")))
#endif

#define MLSOAP_VERSION_MAJOR 0
#define MLSOAP_VERSION_MINOR 1
#define MLSOAP_VERSION_PATCH 0
#define MLSOAP_VERSION       "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/** Status of a call. Values are never renumbered. */
typedef enum mlsoap_status {
    MLSOAP_SUCCESS = 0,
    MLSOAP_ERROR_ARGUMENT = 1,     /**< an argument makes no sense (NULL, negative count, wrong struct size) */
    MLSOAP_ERROR_MEMORY = 2,       /**< allocation failed or a size overflowed */
    MLSOAP_ERROR_FILE = 3,         /**< a file could not be opened, read or written */
    MLSOAP_ERROR_FORMAT = 4,       /**< a file or text is not of the form it claims to be */
    MLSOAP_ERROR_VALUE = 5,        /**< a value is out of its range, not finite or contradicts another */
    MLSOAP_ERROR_SPECIES = 6,      /**< a chemical element that the potential or the settings do not know */
    MLSOAP_ERROR_CAPACITY = 7,     /**< more data than a limit of the library allows */
    MLSOAP_ERROR_CHECKSUM = 8,     /**< contents do not match their checksum or their golden values */
    MLSOAP_ERROR_VERSION = 9,      /**< a format version that this library does not know */
    MLSOAP_ERROR_UNSUPPORTED = 10, /**< a valid request that this build or this use cannot serve */
    MLSOAP_ERROR_NUMERICS = 11,    /**< a computation lost its meaning (NaN, singular matrix) */
    MLSOAP_ERROR_INTERRUPTED = 12, /**< stopped by a signal or by a callback of the caller */
    MLSOAP_ERROR_INTERNAL = 13     /**< a fault of mlsoap itself: please report it */
} mlsoap_status;

/** What went wrong and where. `file` and `line` are the place in the input (empty and 0 where there is none). */
typedef struct mlsoap_error {
    mlsoap_status code;
    long line;
    char file[256];
    char message[1024];
} mlsoap_error;

/** Version of the library that runs, "major.minor.patch". Thread-safe. */
MLSOAP_API const char *mlsoap_version(void);

/** Short English name of a status, such as "value out of range". Never NULL. Thread-safe. */
MLSOAP_API const char *mlsoap_status_text(mlsoap_status status);

/** Name of the instruction set whose kernels run ("avx512", "avx2", "scalar"); chosen once, by the machine or by the
 *  environment variable MLSOAP_ISA. Thread-safe. */
MLSOAP_API const char *mlsoap_isa(void);

/* ------------------------------------------------------------------------------------------------ potential */

/** A loaded potential: opaque, read-only, shared by threads. */
typedef struct mlsoap_potential mlsoap_potential;

/** Read a potential file (.mlsoap); checks the header, every tensor and every checksum before use.
 *  @param[in]  path       file name
 *  @param[out] potential  new handle, to be freed with mlsoap_potential_free; NULL on failure
 *  @param[out] error      NULL allowed
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_FILE, _FORMAT, _CHECKSUM, _VERSION, _VALUE, _SPECIES, _UNSUPPORTED, _MEMORY.
 *  Thread-safe. */
MLSOAP_API mlsoap_status mlsoap_potential_read_file(const char *path, mlsoap_potential **potential,
                                                    mlsoap_error *error);

/** The same from the bytes of such a file in memory (for MPI: one rank reads, all parse). The bytes are copied as
 *  needed: the caller may free them afterwards.
 *  @param[in] bytes [n_bytes]   @param[in] name used in messages, NULL allowed */
MLSOAP_API mlsoap_status mlsoap_potential_read_memory(const void *bytes, size_t n_bytes, const char *name,
                                                      mlsoap_potential **potential, mlsoap_error *error);

/** Free a potential. NULL is allowed. No workspace made for it may be used afterwards. */
MLSOAP_API void mlsoap_potential_free(mlsoap_potential *potential);

/** Largest distance, Angstrom, at which a neighbor acts on a central atom. Thread-safe. */
MLSOAP_API double mlsoap_potential_cutoff(const mlsoap_potential *potential);

/** Number of elements, and the atomic number of each (index 0 ... n-1, ascending; 0 for an index out of range). */
MLSOAP_API int mlsoap_potential_n_elements(const mlsoap_potential *potential);
MLSOAP_API int mlsoap_potential_element(const mlsoap_potential *potential, int index);

/** Identity: SHA-256 of description and tensors as 64 hexadecimal digits; owned by the potential. */
MLSOAP_API const char *mlsoap_potential_identity(const mlsoap_potential *potential);

/** The whole description as JSON text (potentials/FORMAT.md); owned by the potential. */
MLSOAP_API const char *mlsoap_potential_description(const mlsoap_potential *potential);

/** 1 where the potential can drive molecular dynamics; 0 where centers are points in space (midpoint, given points) or
 *  a descriptor jumps at its cutoff (symmetry functions with the hard cutoff, type 0). */
MLSOAP_API int mlsoap_potential_drives_md(const mlsoap_potential *potential);

/** One line that a program which runs dynamics should show: energy and forces jump where an atom crosses the cutoff
 *  (descriptors of mode dscribe, which have no cutoff function). NULL where there is nothing to say; owned by the
 *  potential. */
MLSOAP_API const char *mlsoap_potential_warning(const mlsoap_potential *potential);

/** Recompute the golden frames stored in the file and compare.
 *  @param[out] max_force_error   largest deviation of a force component, eV/Angstrom; NULL allowed
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_CHECKSUM where a number deviates (NaN included); MLSOAP_ERROR_MEMORY.
 *  Thread-safe. */
MLSOAP_API mlsoap_status mlsoap_potential_check(const mlsoap_potential *potential, double *max_force_error,
                                                mlsoap_error *error);

/* ------------------------------------------------------------------------------------------------ workspace */

/** Scratch memory of one thread for one potential. Grows on demand, so that repeated calls do not allocate. */
typedef struct mlsoap_workspace mlsoap_workspace;

/** @param[out] workspace to be freed with mlsoap_workspace_free.
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_MEMORY; MLSOAP_ERROR_ARGUMENT. Thread-safe. */
MLSOAP_API mlsoap_status mlsoap_workspace_new(const mlsoap_potential *potential, mlsoap_workspace **workspace,
                                              mlsoap_error *error);
MLSOAP_API void mlsoap_workspace_free(mlsoap_workspace *workspace);

/* ------------------------------------------------------------------------------------------------ evaluation */

/** Environments of some central atoms, by an external neighbor list. Set `size` to sizeof(mlsoap_environments).
 *  The neighbors of center i are the entries first[i] ... first[i+1]-1; entries beyond the cutoff contribute nothing;
 *  the center itself (r = 0) must not be listed, its periodic images must. */
typedef struct mlsoap_environments {
    size_t size;
    int n_centers;
    const int *center_species;  /**< [n_centers] atomic numbers */
    const int *first;           /**< [n_centers + 1], first[0] = 0, ascending */
    const int *species;         /**< [first[n_centers]] atomic numbers of the neighbors */
    const double *dx, *dy, *dz; /**< [first[n_centers]] r_ij = r_j - r_i, Angstrom */
} mlsoap_environments;

/** Energies of central atoms and their derivatives with respect to the neighbor vectors: E_i = e0 + sum of terms,
 *  dE_i/dr_ij by the adjoint of the descriptor (Bartok 2013, doi:10.1103/PhysRevB.87.184115). Forces follow as
 *  F_i += f_ij, F_j -= f_ij, W -= r_ij (x) f_ij with f_ij = dE_i/dr_ij.
 *  Any number of centers; 8 to 64 at a time is efficient.
 *  @param[in]     potential     shared by threads, not modified
 *  @param[in,out] workspace     of the calling thread, made for this potential
 *  @param[in]     environments  see there
 *  @param[out]    energies      [n_centers] E_i, eV
 *  @param[out]    dE_dr         [first[n_centers]][3], eV/Angstrom; NULL = energies only
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_SPECIES (element unknown to the potential, the message names it);
 *          MLSOAP_ERROR_MEMORY; MLSOAP_ERROR_ARGUMENT; MLSOAP_ERROR_UNSUPPORTED (centers are points in space);
 *          MLSOAP_ERROR_NUMERICS (an energy is not finite: coinciding atoms or NaN positions). */
MLSOAP_API mlsoap_status mlsoap_evaluate_environments(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                                      const mlsoap_environments *environments, double *energies,
                                                      double *dE_dr, mlsoap_error *error);

/** A structure, arrays of the caller. Set `size` to sizeof(mlsoap_structure_view). */
typedef struct mlsoap_structure_view {
    size_t size;
    size_t n_atoms;
    const int *species;      /**< [n_atoms] atomic numbers */
    const double *positions; /**< [n_atoms][3], Angstrom, need not be wrapped */
    const double *cell;      /**< [3][3], rows a, b, c; NULL where no direction is periodic */
    const int *pbc;          /**< [3], 0 or 1; NULL = none */
} mlsoap_structure_view;

/** Energy, forces and virial of a structure; builds the neighbor list itself (cells of any size, self-images
 *  included).
 *  @param[out] energy    eV; NULL allowed
 *  @param[out] energies  [n_atoms], eV, they add up to the energy; NULL allowed
 *  @param[out] forces    [n_atoms][3], eV/Angstrom; NULL allowed
 *  @param[out] virial    [6], eV, xx yy zz xy xz yz; NULL allowed
 *  @return as mlsoap_evaluate_environments, and MLSOAP_ERROR_VALUE (singular cell, positions not finite, coinciding
 *          atoms). On failure outputs are undefined. */
MLSOAP_API mlsoap_status mlsoap_evaluate_structure(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                                   const mlsoap_structure_view *structure, double *energy,
                                                   double *energies, double *forces, double *virial,
                                                   mlsoap_error *error);

/* ------------------------------------------------------------------------------------------------ uncertainty */

/** 1 where the potential stores an uncertainty of its predictions (DTC standard deviation of a sparse GP,
 * Quinonero-Candela and Rasmussen 2005, J. Mach. Learn. Res. 6, 1939; spread of a committee; ...), 0 where it does not.
 * Thread-safe. */
MLSOAP_API int mlsoap_potential_has_uncertainty(const mlsoap_potential *potential);

/** Uncertainty of central atoms: the expected error of the energy of each, and of the force on it. Costs descriptors
 * and some small matrix products, no derivatives; to be called besides mlsoap_evaluate_environments where it is wanted.
 *  Any number of centers; 8 to 64 at a time is efficient.
 *  @param[in]     potential      shared by threads, not modified
 *  @param[in,out] workspace      of the calling thread, made for this potential
 *  @param[in]     environments   as for mlsoap_evaluate_environments
 *  @param[out]    uncertainties  [n_centers] eV, >= 0: standard deviation of the atomic energy of the model, times a
 * factor that fits its mean over a cell to the error of E/N on the validation data of the fit
 *  @param[out]    force_uncertainties  [n_centers] eV/Angstrom, >= 0: expected length of the error of the force on the
 *                                atom, by a map fitted on the same data (potentials/FORMAT.md); NULL = not wanted
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_UNSUPPORTED (the potential has none, or centers are points in space);
 *          MLSOAP_ERROR_SPECIES; MLSOAP_ERROR_MEMORY; MLSOAP_ERROR_ARGUMENT; MLSOAP_ERROR_NUMERICS (not finite:
 *          positions that are no numbers). On failure outputs are undefined. */
MLSOAP_API mlsoap_status mlsoap_uncertainty_environments(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                                         const mlsoap_environments *environments, double *uncertainties,
                                                         double *force_uncertainties, mlsoap_error *error);

/** The same for the atoms of a structure; builds the neighbor list itself.
 *  @param[out] uncertainties        [n_atoms] eV
 *  @param[out] force_uncertainties  [n_atoms] eV/Angstrom; NULL = not wanted
 *  @return as above, and MLSOAP_ERROR_VALUE (singular cell, positions not finite, coinciding atoms) */
MLSOAP_API mlsoap_status mlsoap_uncertainty_structure(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                                      const mlsoap_structure_view *structure, double *uncertainties,
                                                      double *force_uncertainties, mlsoap_error *error);

/* ------------------------------------------------------------------------------------------------ descriptors */

/** A descriptor without a potential: environments in, features D_i out (SOAP: Bartok, Kondor, Csanyi 2013,
 *  doi:10.1103/PhysRevB.87.184115; symmetry functions: Behler 2011, doi:10.1063/1.3553717). Opaque, read-only, shared
 * by threads. */
typedef struct mlsoap_descriptor mlsoap_descriptor;

/** Make a descriptor.
 *  @param[in]  settings    JSON text: one entry of the section `descriptors` of a configuration file, such as
 *                          {"type": "soap", "species": ["H", "O"], "r_cut": 5, "n_max": 8, "l_max": 6, "sigma": 0.5};
 *                          keys that are left out have the defaults of `mlsoap describe`
 *  @param[out] descriptor  new handle, to be freed with mlsoap_descriptor_free; NULL on failure
 *  @param[out] error       NULL allowed; the message names the key
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_FORMAT (no JSON); MLSOAP_ERROR_VALUE (an unknown key, a value out of range, one
 *          row per structure: `average`, `pooling`); MLSOAP_ERROR_CAPACITY; MLSOAP_ERROR_MEMORY; MLSOAP_ERROR_ARGUMENT.
 *  Thread-safe. */
MLSOAP_API mlsoap_status mlsoap_descriptor_new(const char *settings, mlsoap_descriptor **descriptor,
                                               mlsoap_error *error);

/** Free a descriptor. NULL is allowed. No workspace made for it may be used afterwards. */
MLSOAP_API void mlsoap_descriptor_free(mlsoap_descriptor *descriptor);

/** Distance, Angstrom, up to which neighbors must be listed (mode dscribe: r_cut and the reach of a Gaussian beyond
 * it). Thread-safe. */
MLSOAP_API double mlsoap_descriptor_cutoff(const mlsoap_descriptor *descriptor);

/** Number of features. Thread-safe. */
MLSOAP_API size_t mlsoap_descriptor_n_features(const mlsoap_descriptor *descriptor);

/** Name of a feature, such as "Si-O n1 n2 l3", always closed by a 0.
 *  @param[out] text [size]; empty for an index out of range. Thread-safe. */
MLSOAP_API void mlsoap_descriptor_feature_name(const mlsoap_descriptor *descriptor, size_t i_feature, char *text,
                                               size_t size);

/** Scratch memory of one thread for one descriptor. Grows on demand, so that repeated calls do not allocate. */
typedef struct mlsoap_descriptor_workspace mlsoap_descriptor_workspace;

/** @param[out] workspace to be freed with mlsoap_descriptor_workspace_free; NULL on failure
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_MEMORY; MLSOAP_ERROR_ARGUMENT. Thread-safe. */
MLSOAP_API mlsoap_status mlsoap_descriptor_workspace_new(const mlsoap_descriptor *descriptor,
                                                         mlsoap_descriptor_workspace **workspace, mlsoap_error *error);
MLSOAP_API void mlsoap_descriptor_workspace_free(mlsoap_descriptor_workspace *workspace);

/** Features of centers and their derivatives with respect to each neighbor vector. The derivative with respect to a
 *  center that is an atom is minus the sum over its neighbors.
 *  @param[in]     descriptor    shared by threads, not modified
 *  @param[in,out] workspace     of the calling thread, made for this descriptor
 *  @param[in]     environments  see there; where centers are points in space, center_species is not looked at and an
 * atom on the point (r = 0) is a neighbor
 *  @param[out]    values        [n_centers][n_features]
 *  @param[out]    derivatives   [first[n_centers]][3][n_features] dD_i/dr_ij, per Angstrom; NULL = values only
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_SPECIES (an element that the settings do not list, or a center that they
 *          exclude); MLSOAP_ERROR_NUMERICS (a feature is not finite: positions that are no numbers);
 *          MLSOAP_ERROR_MEMORY; MLSOAP_ERROR_ARGUMENT. On failure outputs are undefined. */
MLSOAP_API mlsoap_status mlsoap_describe_environments(const mlsoap_descriptor *descriptor,
                                                      mlsoap_descriptor_workspace *workspace,
                                                      const mlsoap_environments *environments, double *values,
                                                      double *derivatives, mlsoap_error *error);

/** The adjoint of the derivatives, without forming them: dE/dr_ij = sum_f dE/dD_if dD_if/dr_ij, which turns the
 * gradient of any function of the features into forces (F_i += dE/dr_ij, F_j -= dE/dr_ij) at about the cost of the
 * values, which it makes again.
 *  @param[in]  dE_dD  [n_centers][n_features]
 *  @param[out] dE_dr  [first[n_centers]][3]
 *  @return as mlsoap_describe_environments. */
MLSOAP_API mlsoap_status mlsoap_describe_adjoint(const mlsoap_descriptor *descriptor,
                                                 mlsoap_descriptor_workspace *workspace,
                                                 const mlsoap_environments *environments, const double *dE_dD,
                                                 double *dE_dr, mlsoap_error *error);

#ifdef __cplusplus
}
#endif
#endif
