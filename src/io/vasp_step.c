/* SPDX-License-Identifier: BSD-3-Clause */
/* An ionic step of VASP; see vasp_step.h. */
#include "io/vasp_step.h"

#include "core/elements.h"
#include "core/memory.h"
#include "core/units.h"
#include "io/extxyz_targets.h"

#include <math.h>
#include <string.h>

static mlsoap_status count(frame_file *file, frame_target target, const char *name, const double *numbers, size_t n,
                           mlsoap_error *error)
{
    char text[32] = "";
    strncpy(text, name, sizeof text - 1);
    const target_key key = {.name = text, .target = target};
    return targets_count(&file->targets[target], &key, numbers, n, n, error);
}

static mlsoap_status fill_virial(const vasp_step *step, frame *f, const text_place *place, mlsoap_error *error)
{
    double factor = structure_volume(&f->structure) / EV_PER_CUBIC_ANGSTROM_IN_KBAR;
    f->has_virial = true;
    for (int k = 0; k < 6; k++) {
        f->virial[k] = step->kbar[k] * factor;
        if (!isfinite(f->virial[k]))
            return status_fail_at(error, MLSOAP_ERROR_VALUE, place->file, place->line,
                                  "frame %zu: a stress of %g kbar is no finite virial", place->frame, step->kbar[k]);
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status vasp_step_finish(const vasp_step *step, const char *const names[N_FRAME_TARGETS],
                               const bool take[N_FRAME_TARGETS], frame *f, frame_file *file, const text_place *place,
                               mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    if (step->has_energy && take[TARGET_ENERGY]) {
        f->has_energy = true;
        f->energy = step->energy;
        status = count(file, TARGET_ENERGY, names[TARGET_ENERGY], &step->energy, 1, error);
    }
    f->has_forces = f->forces && take[TARGET_FORCES];
    if (f->has_forces && !status)
        status = count(file, TARGET_FORCES, names[TARGET_FORCES], &f->forces[0][0], 3 * f->structure.n_atoms, error);
    if (!f->has_forces) {
        memory_free(f->forces);
        f->forces = NULL;
    }
    if (step->has_stress && take[TARGET_VIRIAL] && !status) {
        status = fill_virial(step, f, place, error);
        if (!status) status = count(file, TARGET_VIRIAL, names[TARGET_VIRIAL], step->kbar, 6, error);
    }
    if (!status && step->unconverged) file->n_unconverged++;
    return status;
}

mlsoap_status vasp_reals(const text_place *place, const char **position, const char *end, const char *what,
                         double *values, int n, mlsoap_error *error)
{
    for (int i = 0; i < n; i++) {
        text_slice word;
        if (!slice_next_word(position, end, &word))
            return text_reals(place, position, end, what, values + i, 1, error); /* says what is missing */
        for (size_t k = 1; k < word.n; k++) {
            bool exponent = strchr("eEdD", word.text[k - 1]) && word.text[k - 1];
            if (word.text[k] != '-' || exponent) continue;
            word.n = k;
            *position = word.text + k;
        }
        if (memchr(word.text, '*', word.n))
            return status_fail_at(error, MLSOAP_ERROR_VALUE, place->file, place->line,
                                  "frame %zu: %s is printed as asterisks: the number was too large for its field, and "
                                  "the step is of no use; remove it, or take the step from another output of VASP",
                                  place->frame, what);
        mlsoap_status status = text_real(place, word, what, &values[i], error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

int vasp_element(text_slice word)
{
    while (word.n > 0 && (*word.text == ' ' || *word.text == '\t')) {
        word.text++;
        word.n--;
    }
    size_t n = 0;
    while (n < word.n && !strchr("_.:/ \t\r", word.text[n])) n++;
    if (n == 1 && *word.text == 'r') return element_from_symbol("Zr", 2);
    int Z = element_from_symbol(word.text, n);
    return Z > 0 ? Z : 0;
}

bool vasp_has_name(const char *base_name, const char *word)
{
    size_t n = strlen(base_name), m = strlen(word);
    if (strncmp(base_name, word, m) == 0) return true;
    if (n > 3 && strcmp(base_name + n - 3, ".gz") == 0) n -= 3;
    return n > m && strncmp(base_name + n - m, word, m) == 0;
}
