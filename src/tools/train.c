/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap train`: becomes the program mlsoap-train, which lies beside this one. It is a program of its own because it
 * knows MPI and a BLAS, and the other commands do not need them. */
#include "app/arguments.h"
#include "app/console.h"
#include "tools/tools.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int train_command(int argc, char **argv)
{
    char path[PATH_MAX];
    mlsoap_error error;
    static char name[] = "mlsoap-train";
    (void)argc; /* argv ends with NULL */
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof name);
    path[n > 0 ? n : 0] = '\0';
    char *end = strrchr(path, '/');
    strcpy(end ? end + 1 : path, name);
    argv[0] = name;
    if (end)
        execv(path, argv);
    else
        execvp(name, argv);
    status_fail(&error, MLSOAP_ERROR_FILE, "%s could not be started: %s; it belongs beside the program mlsoap", path,
                strerror(errno));
    return console_fail("mlsoap train", &error);
}
