/* SPDX-License-Identifier: BSD-3-Clause */
/* Energies over distances: smoothness at the cutoff, repulsion of dimers and of compressed cells; see audit_parts.h. */
#include "app/audit/audit_parts.h"
#include "app/dimer.h"
#include "core/elements.h"

#include <math.h>
#include <string.h>

enum { N_DIMER = 240, N_COMPRESSION = 41 };
static const double SHORTEST = 0.3;           /* Angstrom */
static const double CORE = 0.75, DEEP = 0.65; /* of the shortest distance that was trained, or of a bond: where atoms
 must repel each other; below the second a hole is a warning */
static const double JUMP = 1e-5;              /* Angstrom on either side of the cutoff */
static const double ENERGY_JUMP = 1e-6, FORCE_JUMP = 1e-4; /* eV, eV/Angstrom */
static const double SMALLEST_SCALE = 0.7;                  /* of lengths */
static const double COMPRESSED = 0.9;                      /* of lengths: a tenth shorter must cost energy */

/* ------------------------------------------------------------------------------------------------ cutoff */

static mlsoap_status check_cutoff(audit *a, mlsoap_error *error)
{
    double r_cut = a->potential->r_cut, energies[2], forces[2], energy_jump = 0, force_jump = 0;
    const double around[2] = {r_cut - JUMP, r_cut + JUMP};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int i = 0; i < a->potential->n_elements; i++)
        for (int j = i; j < a->potential->n_elements && !status; j++) {
            const int species[2] = {a->potential->elements[i], a->potential->elements[j]};
            status = dimer_scan(a->potential, a->workspace, species, 2, around, energies, forces, error);
            if (status) return status;
            double gaps[2] = {fabs(energies[1] - energies[0]), fabs(forces[1] - forces[0])};
            if (!(gaps[0] <= energy_jump)) energy_jump = gaps[0];
            if (!(gaps[1] <= force_jump)) force_jump = gaps[1];
        }
    if (status) return status;
    double worst = fmax(energy_jump / ENERGY_JUMP, force_jump / FORCE_JUMP);
    if (isnan(energy_jump) || isnan(force_jump)) worst = NAN;
    return audit_report_add(a->report, "cutoff", worst, 1, "of limit", AUDIT_FAIL, error,
                            "dimers at %.3f +- %.0e angstrom: energies differ by %.1e eV, forces by %.1e eV/angstrom",
                            r_cut, JUMP, energy_jump, force_jump);
}

/* ------------------------------------------------------------------------------------------------ dimers */

/* The shortest distance that the training data had, or a bond. */
static double known_distance(const audit *a, const int species[2], bool *trained)
{
    char name[16];
    const json_t *domain = json_object_get(json_object_get(a->potential->description, "provenance"), "domain");
    const json_t *distances = json_object_get(domain, "shortest_distances"), *value;
    snprintf(name, sizeof name, "%s-%s", element_symbol(species[0]), element_symbol(species[1]));
    value = json_object_get(distances, name);
    *trained = json_is_number(value);
    if (*trained) return json_number_value(value);
    return element_bond_length(species[0], species[1]);
}

static mlsoap_status scan_dimer(audit *a, const int species[2], mlsoap_error *error)
{
    double r[N_DIMER], energies[N_DIMER], forces[N_DIMER], r_cut = a->potential->r_cut;
    char name[16];
    bool trained;
    for (int k = 0; k < N_DIMER; k++) r[k] = SHORTEST + (r_cut - SHORTEST) * k / (N_DIMER - 1);
    mlsoap_status status = dimer_scan(a->potential, a->workspace, species, N_DIMER, r, energies, forces, error);
    if (status) return status;
    double far = energies[N_DIMER - 1], known = known_distance(a, species, &trained), core = CORE * known;
    for (int k = 0; k < N_DIMER; k++) energies[k] -= far;
    double attractive = 0; /* the longest distance in the core at which the atoms attract each other */
    int lowest = 0;
    for (int k = 0; k < N_DIMER; k++) {
        if (r[k] <= core && !(forces[k] > 0)) attractive = r[k];
        if (energies[k] < energies[lowest]) lowest = k;
    }
    snprintf(name, sizeof name, "%s-%s", element_symbol(species[0]), element_symbol(species[1]));
    status = audit_report_add_curve(a->report, "dimer", name, r, energies, N_DIMER, error);
    if (status) return status;
    return audit_report_add(a->report, "dimer", attractive, 0, "angstrom",
                            attractive > DEEP * known ? AUDIT_FAIL : AUDIT_WARN, error,
                            "%s: %s below %.2f angstrom (0.75 of %s, %.2f); lowest at %.2f angstrom, %.3f eV", name,
                            attractive > 0 ? "attracts each other somewhere" : "repels each other everywhere", core,
                            trained ? "the shortest distance trained" : "a bond", known, r[lowest], energies[lowest]);
}

/* ------------------------------------------------------------------------------------------------ compression */

/* Energy must rise all the way below COMPRESSED; *softest is the longest scale below it at which it does not. */
static mlsoap_status scan_compression(audit *a, const structure *s, bool keep, double *softest, mlsoap_error *error)
{
    double scale[N_COMPRESSION], energies[N_COMPRESSION];
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int k = 0; k < N_COMPRESSION && !status; k++) {
        scale[k] = SMALLEST_SCALE + (1.05 - SMALLEST_SCALE) * k / (N_COMPRESSION - 1);
        status = audit_evaluate_scaled(a, s, scale[k], &energies[k], error);
        energies[k] /= (double)s->n_atoms;
    }
    if (status) return status;
    for (int k = 0; k + 1 < N_COMPRESSION; k++)
        if (scale[k + 1] <= COMPRESSED && !(energies[k] > energies[k + 1])) *softest = fmax(*softest, scale[k + 1]);
    return keep ? audit_report_add_curve(a->report, "compression", "cell", scale, energies, N_COMPRESSION, error)
                : MLSOAP_SUCCESS;
}

static mlsoap_status check_compression(audit *a, mlsoap_error *error)
{
    double softest = 0;
    size_t n = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t c = 0; c < a->n_samples && !status; c++) {
        const structure *s = &a->samples[c];
        if (!s->pbc[0] || !s->pbc[1] || !s->pbc[2] || s->n_atoms > 110) continue;
        status = scan_compression(a, s, n == 0, &softest, error);
        n++;
    }
    if (status) return status;
    if (n == 0)
        return audit_report_say(a->report, "compression", AUDIT_SKIPPED, error,
                                "no structure is periodic in all directions");
    return audit_report_add(
        a->report, "compression", softest, 0, "scale", softest > 0.8 ? AUDIT_FAIL : AUDIT_WARN, error,
        softest > 0 ? "%zu cells scaled from %.2f to %.2f of their lengths: below %.2f of them some cell "
                      "gains energy"
                    : "%zu cells scaled from %.2f to %.2f of their lengths: the energy rises all the way",
        n, COMPRESSED, SMALLEST_SCALE, softest);
}

mlsoap_status audit_distances(audit *a, mlsoap_error *error)
{
    mlsoap_status status = check_cutoff(a, error);
    for (int i = 0; i < a->potential->n_elements; i++)
        for (int j = i; j < a->potential->n_elements && !status; j++) {
            const int species[2] = {a->potential->elements[i], a->potential->elements[j]};
            status = scan_dimer(a, species, error);
        }
    return status ? status : check_compression(a, error);
}
