/* SPDX-License-Identifier: BSD-3-Clause */
/* The audit: its parts and their order; see audit.h. */
#include "app/audit/audit.h"

#include "app/audit/audit_parts.h"
#include "app/predict.h"
#include "core/memory.h"

static mlsoap_status run(audit *a, mlsoap_error *error)
{
    mlsoap_status status = mlsoap_workspace_new(a->potential, &a->workspace, error);
    if (!status && a->data) status = predict_frames(a->potential, a->data, NULL, error);
    if (!status) status = audit_samples(a, error);
    if (!status) status = audit_symmetry(a, error);
    if (!status) status = audit_derivatives(a, error);
    if (!status) status = audit_distances(a, error);
    if (!status) status = audit_dynamics(a, error);
    if (!status) status = audit_aliasing(a, error);
    return status ? status : audit_cutoff_scan(a, error);
}

mlsoap_status audit_run(const mlsoap_potential *potential, frame_set *data, audit_report *report, mlsoap_error *error)
{
    audit a = {.potential = potential, .data = data, .report = report};
    mlsoap_status status = run(&a, error);
    for (size_t i = 0; i < a.n_samples; i++) structure_release(&a.samples[i]);
    memory_free(a.samples);
    mlsoap_workspace_free(a.workspace);
    return status;
}
