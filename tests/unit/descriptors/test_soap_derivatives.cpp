// SPDX-License-Identifier: BSD-3-Clause
// Adjoint, tangent and Jacobian of every variant of SOAP: the tests of support/derivative_tests.hpp.
#include "support/derivative_tests.hpp"

using namespace testing_support;

INSTANTIATE_TEST_SUITE_P(Soap, DescriptorDerivatives, testing::ValuesIn(soap_variants()), name_of_variant);
