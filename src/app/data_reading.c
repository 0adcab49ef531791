/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading data files as a command says; see data_reading.h. */
#include "app/data_reading.h"

#include <string.h>

mlsoap_status data_reading_open(data_reading *data, const char *command, const arguments *a, mlsoap_error *error)
{
    mlsoap_status status = config_read(NULL, &data->c, error);
    for (size_t i = 0; i < a->n_keys && !status; i++) {
        if (strncmp(a->keys[i], "data.keys.", 10) && strncmp(a->keys[i], "data.ignore=", 12) &&
            strncmp(a->keys[i], "data.units.", 11))
            return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                               "--%s: %s takes only --data.keys.TARGET, --data.ignore and --data.units.UNIT",
                               a->keys[i], command);
        status = config_set(&data->c, a->keys[i], error);
    }
    if (!status) status = config_complete(&data->c, error);
    return status ? status : reading_of_config(&data->c, &data->reading, error);
}

mlsoap_status data_reading_file(const data_reading *data, const char *path, frame_set *set, mlsoap_error *error)
{
    if (!strcmp(path, "-"))
        return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                           "data from standard input (-) is not supported; give the name of a file");
    return frames_read(path, &data->reading.options, set, error);
}

void data_reading_close(data_reading *data)
{
    frame_set_release(&data->set);
    reading_release(&data->reading);
    config_release(&data->c);
}
