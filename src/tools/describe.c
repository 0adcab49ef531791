/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap describe`: descriptors of structures and their derivatives, as NumPy files. */
#include "app/arguments.h"
#include "app/console.h"
#include "app/describe_output.h"
#include "app/describe_session.h"
#include "app/npy.h"
#include "app/structure_kernel.h"
#include "core/memory.h"
#include "core/parse.h"
#include "tools/tools.h"

#include <stdio.h>
#include <string.h>

static const option_row options[] = {
    {"output", 'o', OPTION_VALUE, "FILE.npy", "features, float64 [rows][features] (required)"},
    {"derivatives", 0, OPTION_VALUE, "FILE.npy|.npz", "derivatives with respect to the atoms"},
    {"derivatives-format", 0, OPTION_VALUE, "dense|sparse", "dense (default): [row][atom][3][feature]; sparse: .npz"},
    {"centers", 0, OPTION_VALUE, "CENTERS", "file of points, \"x,y,z; ...\" or atoms:0,3 (zero-based)"},
    {"names", 0, OPTION_VALUE, "FILE.txt", "names of the features, one per line"},
    {"kernel", 0, OPTION_VALUE, "FILE.npy", "average kernel between the frames, float64 [frames][frames]"},
    {"kernel-zeta", 0, OPTION_VALUE, "N", "its exponent (2)"},
    {0}};

static const command_description command = {
    .name = "mlsoap describe",
    .synopsis = "CONFIG.yaml|POT.mlsoap DATA -o FILE.npy",
    .summary =
        "Writes the descriptors of the structures of DATA: a row per center, frame by frame; descriptors side by "
        "side;\n"
        "a row per frame where all of them are averaged or pooled (keys `average`, `pooling`) or describe whole\n"
        "structures (coulomb_matrix, sine_matrix, ewald_sum_matrix). Of a configuration only `elements`,\n"
        "`descriptors` and `data` (units) are read. Dense derivatives of several frames are a .npz with frame_0,\n"
        "frame_1, ...; sparse ones hold values [nnz][3][feature], row, atom [nnz] and image [nnz][3].\n"
        "The average kernel of frames A and B is the mean over their centers of (D_i.D_j/|D_i||D_j|)^zeta,\n"
        "normalized so that that of a frame with itself is 1.",
    .options = options,
    .n_min = 2,
    .n_max = 2,
    .takes_keys = true,
    .example = "mlsoap describe train.yaml test.xyz -o features.npy --names features.txt --descriptors.0.r_cut=5"};

/* What is wrong with the options themselves; NULL: nothing. */
static const char *usage_fault(const arguments *a)
{
    const char *output = arguments_value(a, "output"), *derivatives = arguments_value(a, "derivatives");
    const char *format = arguments_value(a, "derivatives-format"), *kernel = arguments_value(a, "kernel");
    const char *zeta = arguments_value(a, "kernel-zeta");
    long value;
    if (!output || !describe_ends_in(output, ".npy")) return "-o FILE.npy is required";
    if (derivatives && !describe_ends_in(derivatives, ".npy") && !describe_is_archive(derivatives))
        return "--derivatives needs a name that ends in .npy or .npz";
    if (format && strcmp(format, "dense") && strcmp(format, "sparse")) return "--derivatives-format is dense or sparse";
    if (format && !derivatives) return "--derivatives-format needs --derivatives FILE";
    if (format && !strcmp(format, "sparse") && !describe_is_archive(derivatives))
        return "sparse derivatives need a name that ends in .npz";
    if (kernel && !describe_ends_in(kernel, ".npy")) return "--kernel needs a name that ends in .npy";
    if (zeta && !kernel) return "--kernel-zeta needs --kernel FILE.npy";
    if (zeta && parse_integer(zeta, strlen(zeta), 1, 100, &value) != PARSE_OK) return "--kernel-zeta is 1 to 100";
    if (!strcmp(a->positional[1], "-")) return "data from standard input (-) is not supported; give the name of a file";
    return NULL;
}

static mlsoap_status write_kernel(describe_session *session, const arguments *a, mlsoap_error *error)
{
    const char *path = arguments_value(a, "kernel"), *text = arguments_value(a, "kernel-zeta");
    size_t n = session->set.n_frames, size;
    long zeta = 2;
    if (!path) return MLSOAP_SUCCESS;
    if (text) parse_integer(text, strlen(text), 1, 100, &zeta);
    double *K = size_multiply(n, n, &size) ? MEMORY_NEW(double, size) : NULL;
    if (!K) return status_no_memory(error, n * n * sizeof *K, "the kernel");
    progress *bar = progress_begin("kernel", n);
    mlsoap_status status = structure_kernel(&session->d, &session->set, (int)zeta, bar, K, error);
    progress_end(bar);
    npy_writer *writer = NULL;
    npy_shape shape = {NPY_FLOAT64, 2, {n, n}};
    if (!status) status = npy_open(path, 0, &writer, error);
    if (!status) status = npy_begin(writer, "", &shape, error);
    if (!status) status = npy_write(writer, K, size, error);
    if (status)
        npy_discard(writer);
    else
        status = npy_commit(writer, error);
    memory_free(K);
    return status;
}

static mlsoap_status run(describe_session *session, const arguments *a, mlsoap_error *error)
{
    const char *format = arguments_value(a, "derivatives-format");
    describe_files files = {arguments_value(a, "output"), arguments_value(a, "derivatives"),
                            format && !strcmp(format, "sparse"), arguments_value(a, "names")};
    describe_request request = {.settings = a->positional[0],
                                .data = a->positional[1],
                                .keys = a->keys,
                                .n_keys = a->n_keys,
                                .centers = arguments_value(a, "centers"),
                                .structures_only = true};
    size_t n_rows;
    mlsoap_status status = describe_session_open(session, &request, error);
    if (status) return status;
    if ((status = write_kernel(session, a, error))) return status;
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
    describe_session_close(&session);
    arguments_release(&a);
    return console_finish(command.name, code);
}
