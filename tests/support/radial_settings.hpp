// SPDX-License-Identifier: BSD-3-Clause
// Settings of radial bases that the tests of generator and table run through.
#ifndef MLSOAP_TEST_RADIAL_SETTINGS_HPP
#define MLSOAP_TEST_RADIAL_SETTINGS_HPP

#include <cmath>
#include <ostream>

extern "C" {
#include "math/radial_table.h"
}

inline radial_settings make_radial(radial_basis basis, int n_max, int l_max, double sigma, double r_cut,
                                   double basis_error_exponent = NAN, double beyond = 0)
{
    radial_settings s = {};
    s.basis = basis;
    s.r_cut = r_cut;
    s.n_max = n_max;
    s.l_max = l_max;
    s.sigma = sigma;
    s.basis_error_exponent = basis_error_exponent;
    s.r_max = r_cut + beyond;
    return s;
}

inline void PrintTo(const radial_settings &s, std::ostream *out)
{
    *out << "basis " << s.basis << " n_max " << s.n_max << " l_max " << s.l_max << " sigma " << s.sigma << " r_cut "
         << s.r_cut << " e " << s.basis_error_exponent << " r_max " << s.r_max;
}

#endif
