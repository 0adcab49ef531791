/* SPDX-License-Identifier: BSD-3-Clause */
/** @file soap_settings.h
 *  What the files that build a SOAP descriptor from its settings share. */
#ifndef MLSOAP_SOAP_SETTINGS_H
#define MLSOAP_SOAP_SETTINGS_H

#include "descriptors/soap/soap.h"

/* soap_schema.c; names in the order of the enumerations that they stand for */
extern const char *const soap_mode_names[], *const soap_basis_names[], *const soap_projection_names[];
extern const char *const soap_cutoff_names[], *const soap_weighting_names[], *const soap_compression_names[];
extern const schema_key soap_cutoff_schema[], soap_weighting_schema[], soap_compression_schema[],
    soap_bispectrum_schema[];

/** Where messages point to. */
typedef struct soap_place {
    const char *path;
    const schema_source *source;
    mlsoap_error *error;
} soap_place;

/* soap_channels.c: channels, products, features, their weights and their arrangement */
mlsoap_status soap_set_channels(soap *s, json_t *settings, soap_place at);

/* soap_harmonics.c */
mlsoap_status soap_set_harmonics(soap *s, mlsoap_error *error);

#endif
