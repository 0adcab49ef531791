// SPDX-License-Identifier: BSD-3-Clause
// Settings in JSON from the parameters of a reference file, and the comparison of a row with it.
#ifndef MLSOAP_TEST_SOAP_REFERENCE_HPP
#define MLSOAP_TEST_SOAP_REFERENCE_HPP

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/structures.hpp"

namespace testing_support
{

inline std::string species_list(const json_t *atomic_numbers)
{
    static const std::map<int, const char *> symbols = {{1, "H"}, {6, "C"}, {8, "O"}, {14, "Si"}};
    std::string text;
    for (double z : numbers(atomic_numbers))
        text += (text.empty() ? "\"" : ",\"") + std::string(symbols.at(int(z))) + "\"";
    return "[" + text + "]";
}

inline std::string real(double x)
{
    char text[32];
    snprintf(text, sizeof text, "%.17g", x);
    return text;
}

inline std::string settings_start(const json_t *p)
{
    auto n = [&](const char *key) { return real(json_number_value(json_object_get(p, key))); };
    auto i = [&](const char *key) { return std::to_string(json_integer_value(json_object_get(p, key))); };
    return "{\"species\":" + species_list(json_object_get(p, "species")) + ",\"r_cut\":" + n("r_cut") +
           ",\"n_max\":" + i("n_max") + ",\"l_max\":" + i("l_max") + ",\"sigma\":" + n("sigma");
}

inline double largest(const std::vector<double> &v)
{
    double m = 0;
    for (double x : v) m = std::max(m, std::fabs(x));
    return m;
}

inline void expect_row(const double *row, const std::vector<double> &expected, double tolerance,
                       const std::string &what)
{
    double scale = largest(expected);
    for (size_t f = 0; f < expected.size(); f++)
        EXPECT_LE(std::fabs(row[f] - expected[f]), tolerance * scale) << what << " feature " << f;
}

} // namespace testing_support

#endif
