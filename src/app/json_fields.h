/* SPDX-License-Identifier: BSD-3-Clause */
/** @file json_fields.h
 *  Fields of JSON objects that are shown to people. */
#ifndef MLSOAP_JSON_FIELDS_H
#define MLSOAP_JSON_FIELDS_H

#include <jansson.h>

/** "" where there is none. */
static inline const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/** 0 where there is none. */
static inline long long count_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

#endif
