/* SPDX-License-Identifier: BSD-3-Clause */
/* The version of the library is that of the header, and a missing file is an error in words. */
#include <mlsoap.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    mlsoap_error error = {0};
    mlsoap_potential *potential = NULL;
    if (strcmp(mlsoap_version(), MLSOAP_VERSION) != 0) return 1;
    if (mlsoap_potential_read_file("/nonexistent/x.mlsoap", &potential, &error) != MLSOAP_ERROR_FILE) return 2;
    if (potential || !strstr(error.message, "/nonexistent/x.mlsoap")) return 3;
    printf("%s %s: %s\n", mlsoap_version(), mlsoap_isa(), error.message);
    return 0;
}
