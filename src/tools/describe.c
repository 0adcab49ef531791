/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap describe`: descriptors of structures and their derivatives, as NumPy files. */
#include "app/arguments.h"
#include "app/config.h"
#include "app/console.h"
#include "app/describe_centers.h"
#include "app/describe_output.h"
#include "core/elements.h"
#include "io/io.h"
#include "potential/potential.h"
#include "tools/tools.h"

#include <stdio.h>
#include <string.h>

static const option_row options[] = {
    {"output", 'o', OPTION_VALUE, "FILE.npy", "features, float64 [rows][features] (required)"},
    {"derivatives", 0, OPTION_VALUE, "FILE.npy|.npz", "derivatives with respect to the atoms"},
    {"derivatives-format", 0, OPTION_VALUE, "dense|sparse", "dense (default): [row][atom][3][feature]; sparse: .npz"},
    {"centers", 0, OPTION_VALUE, "CENTERS", "file of points, \"x,y,z; ...\" or atoms:0,3 (zero-based)"},
    {"names", 0, OPTION_VALUE, "FILE.txt", "names of the features, one per line"},
    {0}};

static const command_description command = {
    .name = "mlsoap describe",
    .synopsis = "CONFIG.yaml|POT.mlsoap DATA -o FILE.npy",
    .summary =
        "Writes the descriptors of the structures of DATA: a row per center, frame by frame; descriptors side by "
        "side.\n"
        "Of a configuration only `elements`, `descriptors` and `data.units` are read. Dense derivatives of several "
        "frames are a "
        ".npz\n"
        "with frame_0, frame_1, ...; sparse ones hold values [nnz][3][feature], row, atom [nnz] and image [nnz][3].",
    .options = options,
    .n_min = 2,
    .n_max = 2,
    .takes_keys = true,
    .example = "mlsoap describe train.yaml test.xyz -o features.npy --names features.txt --descriptors.0.r_cut=5"};

/* Everything that one run holds. */
typedef struct describe_session {
    config c;
    frame_set set;
    describe_centers centers;
    describer d;
} describe_session;

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && !strcmp(text + n - m, end);
}

/* What is wrong with the options themselves; NULL: nothing. */
static const char *usage_fault(const arguments *a)
{
    const char *output = arguments_value(a, "output"), *derivatives = arguments_value(a, "derivatives");
    const char *format = arguments_value(a, "derivatives-format");
    if (!output || !ends_in(output, ".npy")) return "-o FILE.npy is required";
    if (derivatives && !ends_in(derivatives, ".npy") && !describe_is_archive(derivatives))
        return "--derivatives needs a name that ends in .npy or .npz";
    if (format && strcmp(format, "dense") && strcmp(format, "sparse")) return "--derivatives-format is dense or sparse";
    if (format && !derivatives) return "--derivatives-format needs --derivatives FILE";
    if (format && !strcmp(format, "sparse") && !describe_is_archive(derivatives))
        return "sparse derivatives need a name that ends in .npz";
    if (!strcmp(a->positional[1], "-")) return "data from standard input (-) is not supported; give the name of a file";
    return NULL;
}

/* Elements and descriptors of a potential, as a configuration. */
static mlsoap_status config_of_potential(const char *path, config *c, mlsoap_error *error)
{
    mlsoap_potential *p = NULL;
    mlsoap_status status = mlsoap_potential_read_file(path, &p, error);
    if (!status) status = config_read(NULL, c, error);
    if (!status) {
        json_t *elements = json_deep_copy(json_object_get(p->description, "elements"));
        json_t *list = json_deep_copy(json_object_get(p->description, "descriptors"));
        if (json_object_set_new(c->root, "elements", elements) || json_object_set_new(c->root, "descriptors", list))
            status = status_no_memory(error, sizeof(void *), path);
        c->source.name = path;
    }
    mlsoap_potential_free(p);
    return status;
}

static mlsoap_status read_config(const arguments *a, config *c, mlsoap_error *error)
{
    static const char *const read_keys[] = {"elements", "descriptors", "data", NULL};
    const char *path = a->positional[0];
    mlsoap_status status = ends_in(path, ".mlsoap") ? config_of_potential(path, c, error) : config_read(path, c, error);
    for (size_t i = 0; i < a->n_keys && !status; i++) status = config_set(c, a->keys[i], error);
    if (status) return status;
    config_keep(c, read_keys);
    return config_complete(c, error);
}

/* Elements of the data for a configuration that names none. */
static mlsoap_status set_elements(config *c, const frame_set *set, mlsoap_error *error)
{
    int seen[ELEMENT_MAX + 1] = {0}, numbers[ELEMENT_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < set->n_frames; i++)
        for (size_t j = 0; j < set->frames[i].structure.n_atoms; j++) seen[set->frames[i].structure.species[j]] = 1;
    for (int z = 1; z <= ELEMENT_MAX; z++)
        if (seen[z]) numbers[n++] = z;
    return config_set_elements(c, numbers, n, error);
}

/* --centers takes the place of the key `centers` of every descriptor. */
static mlsoap_status choose_centers(describe_session *session, const char *text, mlsoap_error *error)
{
    json_t *list = json_object_get(session->c.root, "descriptors");
    mlsoap_status status = text ? describe_centers_read(text, &session->centers, error) : MLSOAP_SUCCESS;
    for (size_t i = 0; !status && session->centers.points && i < json_array_size(list); i++)
        if (json_object_set(json_array_get(list, i), "centers", session->centers.points))
            status = status_no_memory(error, sizeof(void *), "centers");
    if (!status) status = describer_new(list, &session->c.source, &session->d, error);
    if (status || session->centers.n_atoms == 0) return status;
    return describer_choose_atoms(&session->d, session->centers.atoms, session->centers.n_atoms, error);
}

static mlsoap_status run(describe_session *session, const arguments *a, mlsoap_error *error)
{
    const char *format = arguments_value(a, "derivatives-format");
    describe_files files = {arguments_value(a, "output"), arguments_value(a, "derivatives"),
                            format && !strcmp(format, "sparse"), arguments_value(a, "names")};
    read_options reading = {.structures_only = true};
    size_t n_rows;
    mlsoap_status status = read_config(a, &session->c, error);
    if (!status) config_units(&session->c, &reading.length_unit, &reading.energy_unit);
    if (!status) status = frames_read(a->positional[1], &reading, &session->set, error);
    if (!status) status = set_elements(&session->c, &session->set, error);
    if (!status) status = choose_centers(session, arguments_value(a, "centers"), error);
    if (status) return status;
    progress *bar = progress_begin("describing", session->set.n_frames);
    status = describe_write(&session->d, &session->set, &files, bar, &n_rows, error);
    progress_end(bar);
    if (!status)
        printf("%s: %zu rows of %zu features, %zu frames\n", files.values, n_rows, session->d.n_features,
               session->set.n_frames);
    return status;
}

int describe_command(int argc, char **argv)
{
    arguments a;
    describe_session session = {0};
    mlsoap_error error = {0};
    int code = arguments_parse(&command, argc, argv, &a);
    if (code >= 0) return code;
    const char *fault = usage_fault(&a);
    if (fault)
        code = console_usage(command.name, "%s", fault);
    else
        code = run(&session, &a, &error) ? console_fail(command.name, &error) : EXIT_GOOD;
    describer_release(&session.d);
    describe_centers_release(&session.centers);
    frame_set_release(&session.set);
    config_release(&session.c);
    arguments_release(&a);
    return console_finish(command.name, code);
}
