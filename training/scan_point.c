/* SPDX-License-Identifier: BSD-3-Clause */
/* What one fit of a scan gives; see scan_point.h. */
#include "scan_point.h"

#include "app/cost.h"

#include <string.h>

mlsoap_status scan_point_measure(scan_point *point, const mlsoap_potential *potential, const error_table *table,
                                 const frame_set *timed, mlsoap_error *error)
{
    evaluation_cost cost;
    mlsoap_status status = cost_measure(potential, timed, &cost, error);
    if (status) return status;
    memcpy(point->measures, table->total.measures, sizeof point->measures);
    point->us_per_atom = cost.us_per_atom;
    point->r_cut = potential->r_cut;
    point->n_bytes = strlen(potential->description_text);
    for (int i = 0; i < potential->n_descriptors; i++) point->n_features += potential->descriptors[i]->n_features;
    for (size_t i = 0; i < potential->tensors.n; i++)
        point->n_bytes += tensor_size(&potential->tensors.items[i]) * sizeof(double);
    return MLSOAP_SUCCESS;
}
