// SPDX-License-Identifier: BSD-3-Clause
// A fit that is linear in its unknowns against LAPACK's dense least squares of all rows.
#ifndef MLSOAP_DENSE_FIT_HPP
#define MLSOAP_DENSE_FIT_HPP

#include "training_fixtures.hpp"

#include <lapacke.h>

extern "C" {
#include "app/doctor/offsets.h"
#include "solvers/kernel_rows.h"
#include "solvers/sparse_points.h"
}

// The only term with these settings and sparse points from the frames of a fixture.
inline kernel_basis make_basis(training_fixture &t, sparse_gp_settings settings, size_t n_sparse)
{
    kernel_basis basis{};
    environment_counts counts;
    mlsoap_error error{};
    EXPECT_EQ(MLSOAP_SUCCESS, kernel_basis_new(&basis, 1, &error));
    basis.terms[0].features = &t.features;
    basis.terms[0].settings = settings;
    EXPECT_EQ(MLSOAP_SUCCESS, environments_count(&t.features, &t.data.train, &counts, &error)) << error.message;
    EXPECT_EQ(MLSOAP_SUCCESS, sparse_points_choose(&basis.terms[0], &t.data.train, &counts, "fps", n_sparse,
                                                   settings.constant < 0, nullptr, nullptr, &error))
        << error.message;
    EXPECT_EQ(MLSOAP_SUCCESS, kernel_basis_finish(&basis, &error)) << error.message;
    return basis;
}

// The basis of the terms of the configuration; that of a linear model, whose feature weights are 1,
// as a GP on explicit unit vectors.
inline kernel_basis make_basis(training_fixture &t, size_t n_sparse)
{
    kernel_basis basis{};
    mlsoap_error error{};
    EXPECT_EQ(MLSOAP_SUCCESS, kernel_basis_new(&basis, t.problem.n_terms, &error));
    for (size_t i = 0; i < t.problem.n_terms; i++) {
        const json_t *keys = config_term(t.c.root, i);
        const std::string type = schema_text(keys, "type");
        kernel_term &term = basis.terms[i];
        environment_counts counts;
        term.features = &t.terms[i].features;
        EXPECT_EQ(MLSOAP_SUCCESS, environments_count(term.features, &t.data.train, &counts, &error)) << error.message;
        term.settings = {1, schema_boolean(keys, "normalized"), 0, schema_real(keys, "delta")};
        if (type == "sparse_gp") {
            term.settings.zeta = (int)schema_integer(keys, "zeta");
            EXPECT_EQ(MLSOAP_SUCCESS, sparse_points_choose(&term, &t.data.train, &counts, "fps", n_sparse, false,
                                                           nullptr, nullptr, &error))
                << error.message;
            continue;
        }
        for (int z : t.elements) {
            size_t stride = term.features->stride, &n = term.n_points[z];
            term.points[z] = MEMORY_NEW(double, stride *stride);
            for (size_t f = 0; f < stride; f++)
                if (term.features->weights[f] == 1) term.points[z][n++ * stride + f] = 1;
        }
    }
    EXPECT_EQ(MLSOAP_SUCCESS, kernel_basis_finish(&basis, &error)) << error.message;
    return basis;
}

// Coefficients of a term in a potential against those of the columns of its basis.
inline void expect_coefficients(const training_fixture &t, const mlsoap_potential *p, const kernel_term &term, size_t i,
                                const std::vector<double> &y)
{
    double largest = 0, worst = 0;
    for (int z : t.elements) {
        const std::string prefix = "terms." + std::to_string(i) + "." + (z == 14 ? "Si" : "C");
        const tensor *alpha = tensor_find(&p->tensors, (prefix + ".alpha").c_str()),
                     *w = tensor_find(&p->tensors, (prefix + ".weights").c_str());
        ASSERT_TRUE(alpha || w) << prefix;
        for (size_t s = 0, f = 0; s < term.n_points[z]; s++, f++) {
            double dense = y[term.first_column[z] + s], delta2 = term.settings.delta * term.settings.delta;
            while (w && term.features->weights[f] == 0) f++;
            largest = std::max(largest, std::fabs(dense));
            worst = std::max(worst, std::fabs(dense - (w ? w->data[f] / delta2 : alpha->data[s])));
        }
    }
    EXPECT_LE(worst, 1e-9 * largest) << "term " << i;
}

// alpha by LAPACK's dense least squares of all rows with their sigmas, for the weights in the result of the fit.
inline void expect_equals_dense(training_fixture &t, size_t n_sparse, bool explicit_sigma)
{
    mlsoap_potential *p = t.potential(FIT_FINAL);
    const json_t *loss = json_object_get(p->description, "loss");
    auto number = [&](const char *section, const char *key) {
        return json_number_value(json_object_get(json_object_get(loss, section), key));
    };
    double noise = json_number_value(json_object_get(loss, "noise"));
    double jitter = json_number_value(json_object_get(loss, "jitter"));
    const char *names[] = {"energy", "forces", "virial"};
    kernel_basis basis = make_basis(t, n_sparse);
    kernel_rows rows;
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, kernel_rows_new(&rows, &basis, &error));
    size_t m = basis.n_columns, n_rows = 0;
    std::vector<double> A, y, K(m * m);
    auto add = [&](const double *row, double target, double sigma) {
        for (size_t k = 0; k < m; k++) A.push_back(row[k] / sigma);
        y.push_back(target / sigma);
        n_rows++;
    };
    for (size_t c = 0; c < t.data.train.n_frames; c++) {
        const frame &f = t.data.train.frames[c];
        double N = (double)f.structure.n_atoms, sigma[3];
        const training_frame *w = nullptr;
        for (size_t k = 0; k < t.data.n_fit; k++)
            if (t.data.fit[k].source == &f) w = &t.data.fit[k];
        for (size_t k = 0; k < t.data.n_validation; k++)
            if (t.data.validation[k].source == &f) w = &t.data.validation[k];
        for (int k = 0; k < 3; k++) { // spec training.md 3: both conventions
            double power = k == TARGET_FORCES ? 1 : explicit_sigma ? std::sqrt(N) : N;
            sigma[k] = explicit_sigma ? number("sigma", names[k]) * power
                                      : noise * power *
                                            std::sqrt(number("variance", names[k]) * number("weight", names[k]) /
                                                      (number("lambda", names[k]) * w->weight[k]));
        }
        ASSERT_EQ(MLSOAP_SUCCESS, kernel_rows_fill(&rows, &f.structure, true, &error));
        add(rows.energy,
            f.energy - offsets_energy(&f.structure, t.elements.data(), (int)t.elements.size(), t.offsets.data()),
            sigma[0]);
        for (size_t i = 0; i < 3 * f.structure.n_atoms; i++)
            add(rows.forces + i * rows.row_size, f.forces[i / 3][i % 3], sigma[1]);
        for (size_t k = 0; k < 6; k++) add(rows.virial + k * rows.row_size, f.virial[k], sigma[2]);
    }
    kernel_basis_matrix(&basis, K.data());
    for (size_t i = 0, first = 0; i < basis.n_terms; first += basis.terms[i++].n_columns) {
        double trace = 0, n = (double)basis.terms[i].n_columns;
        for (size_t k = first; k < first + basis.terms[i].n_columns; k++) trace += K[k * m + k];
        for (size_t k = first; k < first + basis.terms[i].n_columns; k++) K[k * m + k] += jitter * trace / n;
    }
    ASSERT_EQ(0, LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'U', (int)m, K.data(), (int)m));
    for (size_t i = 0; i < m; i++) {
        std::vector<double> row(m, 0);
        for (size_t k = i; k < m; k++) row[k] = K[i * m + k];
        add(row.data(), 0, 1);
    }
    ASSERT_EQ(0, LAPACKE_dgels(LAPACK_ROW_MAJOR, 'N', (int)n_rows, (int)m, 1, A.data(), (int)m, y.data(), 1));
    for (size_t i = 0; i < basis.n_terms; i++) expect_coefficients(t, p, basis.terms[i], i, y);
    mlsoap_potential_free(p);
    kernel_rows_release(&rows);
    kernel_basis_release(&basis);
}

#endif
