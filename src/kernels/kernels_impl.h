/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of one instruction set: a kernels_<isa>.c defines KERNEL(name) and ISA_NAME and includes this. */
#include "kernels/bispectrum_kernels_impl.h"
#include "kernels/jacobian_kernels_impl.h"
#include "kernels/matrix_kernels_impl.h"
#include "kernels/soap_density_kernels_impl.h"
#include "kernels/soap_force_kernels_impl.h"
#include "kernels/soap_neighbor_kernels_impl.h"
#include "kernels/soap_power_kernels_impl.h"

#include "kernels/acsf_kernels_impl.h" /* uses sine_cosine of the SOAP kernels */

#include "kernels/activation_kernels_impl.h" /* uses exponential of the ACSF kernels, and sine_cosine */

extern const kernels KERNEL(kernels_table);
const kernels KERNEL(kernels_table) = {
    .isa = ISA_NAME,
    .soap_weights = KERNEL(soap_weights),
    .soap_geometry = KERNEL(soap_geometry),
    .soap_harmonics = KERNEL(soap_harmonics),
    .soap_radial = KERNEL(soap_radial),
    .soap_density = KERNEL(soap_density),
    .combine = KERNEL(combine),
    .soap_power = KERNEL(soap_power),
    .soap_power_adjoint = KERNEL(soap_power_adjoint),
    .soap_fields = KERNEL(soap_fields),
    .soap_forces = KERNEL(soap_forces),
    .soap_projections = KERNEL(soap_projections),
    .soap_power_slopes = KERNEL(soap_power_slopes),
    .acsf_weights = KERNEL(acsf_weights),
    .acsf_pairs = KERNEL(acsf_pairs),
    .acsf_lengths = KERNEL(acsf_lengths),
    .acsf_split = KERNEL(acsf_split),
    .acsf_gather = KERNEL(acsf_gather),
    .acsf_factors = KERNEL(acsf_factors),
    .acsf_angles = KERNEL(acsf_angles),
    .acsf_products = KERNEL(acsf_products),
    .acsf_sum = KERNEL(acsf_sum),
    .acsf_features = KERNEL(acsf_features),
    .acsf_slopes = KERNEL(acsf_slopes),
    .bispectrum_channels = KERNEL(bispectrum_channels),
    .bispectrum_channels_adjoint = KERNEL(bispectrum_channels_adjoint),
    .bispectrum = KERNEL(bispectrum),
    .bispectrum_adjoint = KERNEL(bispectrum_adjoint),
    .activation = KERNEL(activation),
    .matrix_multiply = KERNEL(matrix_multiply),
};
