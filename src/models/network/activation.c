/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of activation functions; see activation.h. */
#include "models/network/activation.h"

#include "kernels/kernels.h"

#include <string.h>

static const activation table[] = {
    {"tanh", 't', 1, ACTIVATION_TANH},
    {"silu", 0, 1, ACTIVATION_SILU},
    {"softplus", 'p', 1, ACTIVATION_SOFTPLUS},
    {"logistic", 's', 1, ACTIVATION_LOGISTIC},
    {"reverse_logistic", 'S', 1, ACTIVATION_REVERSE_LOGISTIC},
    {"gaussian", 'g', 1, ACTIVATION_GAUSSIAN},
    {"cos", 'c', 1, ACTIVATION_COSINE},
    {"exponential", 'e', 1, ACTIVATION_EXPONENTIAL},
    {"square", 'h', 1, ACTIVATION_SQUARE},
    {"linear", 'l', 1, ACTIVATION_LINEAR},
    {"relu", 'r', 0, ACTIVATION_RELU},
};

static const char *const names[] = {"tanh",     "silu", "softplus",    "logistic", "reverse_logistic",
                                    "gaussian", "cos",  "exponential", "square",   "linear",
                                    "relu",     NULL};

const activation *activation_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0 || (name[0] && !name[1] && name[0] == table[i].letter)) return &table[i];
    return NULL;
}

const char *const *activation_names(void)
{
    return names;
}

void activation_evaluate(const activation *a, size_t n, const double *u, double *h, double *slope, double *curvature)
{
    kernels_active()->activation(a->shape, (int)n, u, h, slope, curvature);
}
