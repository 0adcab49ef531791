/* SPDX-License-Identifier: BSD-3-Clause */
/* XDATCAR; see xdatcar.h. */
#include "io/xdatcar.h"

#include "io/plain_frame.h"
#include "io/poscar.h"

#include <string.h>

typedef enum configuration { CONFIGURATION_NONE, CONFIGURATION_DIRECT, CONFIGURATION_CARTESIAN } configuration;

/* "Direct configuration=     1" */
static configuration configuration_of(text_slice line)
{
    const char *p = line.text, *end = line.text + line.n;
    text_slice kind, word;
    if (!slice_next_word(&p, end, &kind) || !slice_next_word(&p, end, &word)) return CONFIGURATION_NONE;
    if (!slice_begins_no_case(word, "configuration")) return CONFIGURATION_NONE;
    if (slice_equal_no_case(kind, "direct")) return CONFIGURATION_DIRECT;
    return slice_equal_no_case(kind, "cartesian") ? CONFIGURATION_CARTESIAN : CONFIGURATION_NONE;
}

/* A line that is no configuration begins a head. */
static mlsoap_status read_frame(text_reader *r, text_slice line, poscar_head *head, frame_set *set, mlsoap_error *error)
{
    long first_line = r->place.line;
    configuration kind = head->n_atoms > 0 ? configuration_of(line) : CONFIGURATION_NONE;
    char shown[48];
    if (kind == CONFIGURATION_NONE) {
        mlsoap_status status = poscar_head_read(head, r, line, error);
        if (status) return status;
        line = (text_slice){r->end, 0};
        text_next_filled_line(r, &line);
        kind = configuration_of(line);
    }
    if (kind == CONFIGURATION_NONE)
        return status_fail_at(
            error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
            "frame %zu: a line such as 'Direct configuration= 1' is needed above the positions; found "
            "'%s'",
            r->place.frame, slice_show(line, shown));
    return poscar_atoms_read(head, r, kind == CONFIGURATION_CARTESIAN, first_line, set, error);
}

/* The next line that is not blank, or the blank comment of a head. */
static bool next_frame_line(text_reader *r, text_slice *line)
{
    text_slice behind;
    while (text_next_line(r, line))
        if (!slice_is_blank(*line) || poscar_head_recognizes(line->text, (size_t)(r->end - line->text), &behind))
            return true;
    return false;
}

mlsoap_status xdatcar_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                           frame_set *set, mlsoap_error *error)
{
    static const char *const no_targets[N_FRAME_TARGETS] = {NULL};
    text_reader r = text_reader_new(bytes, n_bytes, name);
    text_slice line = {bytes, 0};
    poscar_head head = {0};
    bool take[N_FRAME_TARGETS];
    mlsoap_status status = plain_targets(options, no_targets, "XDATCAR", name, take, error);
    for (; !status && next_frame_line(&r, &line); r.place.frame++) status = read_frame(&r, line, &head, set, error);
    if (!status && r.place.frame == 0)
        status = status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0, "the file holds no frame");
    poscar_head_release(&head);
    return status;
}

bool xdatcar_recognizes(const char *bytes, size_t n_bytes)
{
    text_slice behind;
    return poscar_head_recognizes(bytes, n_bytes, &behind) && configuration_of(behind) != CONFIGURATION_NONE;
}

bool xdatcar_has_name(const char *base_name)
{
    return strncmp(base_name, "XDATCAR", 7) == 0;
}
