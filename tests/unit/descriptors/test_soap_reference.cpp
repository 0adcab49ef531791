// SPDX-License-Identifier: BSD-3-Clause
// SOAP against reference numbers (tests/reference/README.md) and against the direct, untabulated sum: the oracle.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/soap_reference.hpp"

extern "C" {
#include "math/cutoff_function.h"
#include "math/radial_table.h"
#include "math/spherical_harmonics.h"
}

using namespace testing_support;

namespace
{

// The three smooth modes: poly comes from DScribe, the others from an independent implementation. No tolerance in the
// file: 1e-9 of the largest value.
TEST(SoapReference, SmoothModes)
{
    Json file(read_json("soap_smooth.json"));
    Structure s = structure_from_json(file["structure"]);
    const std::map<std::string, std::string> cutoffs = {
        {"cosine", R"({"function":"cosine"})"},
        {"shifted_cosine_width1", R"({"function":"shifted_cosine","width":1.0})"},
        {"poly_m2", R"({"function":"poly","m":2})"}};
    for (const auto &[name, cutoff] : cutoffs) {
        Described described(
            make_descriptor(settings_start(file["parameters"]) + ",\"basis\":\"gto\",\"cutoff\":" + cutoff + "}"), s);
        const json_t *p = json_object_get(json_object_get(file["modes"], name.c_str()), "p");
        ASSERT_EQ(json_array_size(p), s.species.size());
        for (size_t i = 0; i < s.species.size(); i++)
            expect_row(described.row(i), numbers(json_array_get(p, i)), 1e-9, name);
    }
}

// soap_gaussians.json: tolerance 1e-12 of the largest value for values of the generator; through the table 1e-10, the
// bound of the table's error times two factors c in a product. Case d says 1e-12 too, with beta in extended precision.
TEST(SoapReference, Gaussians)
{
    Json file(read_json("soap_gaussians.json"));
    size_t i_case;
    json_t *c;
    json_array_foreach(file["cases"], i_case, c)
    {
        const json_t *p = json_object_get(c, "settings");
        std::string basis = json_string_value(json_object_get(p, "basis"));
        std::string text = settings_start(p) + ",\"basis\":\"" + basis + "\",\"compression\":\"" +
                           json_string_value(json_object_get(p, "compression")) +
                           "\",\"cutoff\":{\"function\":\"shifted_cosine\",\"width\":" +
                           real(json_number_value(json_object_get(p, "width"))) + "}";
        if (basis == "gaussians") text += ",\"projection\":\"collocation\"";
        if (json_is_number(json_object_get(p, "basis_error_exponent")))
            text += ",\"basis_error_exponent\":" + real(json_number_value(json_object_get(p, "basis_error_exponent")));
        const json_t *scaling = json_object_get(p, "radial_scaling");
        if (json_is_object(scaling))
            text += ",\"radial_scaling\":{\"r0\":" + real(json_number_value(json_object_get(scaling, "r0"))) +
                    ",\"m\":" + real(json_number_value(json_object_get(scaling, "m"))) + "}";
        Structure s = structure_from_json(
            json_object_get(file["structures"], json_string_value(json_object_get(c, "structure"))));
        auto d = make_descriptor(text + "}");
        EXPECT_EQ(d->n_features, size_t(json_integer_value(json_object_get(p, "n_features"))));
        Described described(d, s);
        size_t i_row;
        json_t *reference;
        json_array_foreach(json_object_get(c, "p"), i_row, reference)
        {
            size_t center = size_t(json_integer_value(json_object_get(reference, "centre")));
            const double *row = described.row(center);
            auto first = numbers(json_object_get(reference, "p_first")),
                 last = numbers(json_object_get(reference, "p_last"));
            double scale = std::max(largest(first), largest(last));
            for (size_t f = 0; f < first.size(); f++) EXPECT_LE(std::fabs(row[f] - first[f]), 1e-10 * scale) << text;
            for (size_t f = 0; f < last.size(); f++)
                EXPECT_LE(std::fabs(row[d->n_features - last.size() + f] - last[f]), 1e-10 * scale) << text;
            double sum = 0;
            for (size_t f = 0; f < d->n_features; f++) sum += row[f];
            EXPECT_LE(std::fabs(sum - numbers(json_object_get(reference, "p_sums"))[0]),
                      1e-10 * scale * double(d->n_features))
                << text;
        }
    }
}

TEST(SoapReference, GaussiansExact)
{
    Json file(read_json("soap_gaussians_exact.json")), structures(read_json("soap_gaussians.json"));
    Structure s = structure_from_json(json_object_get(structures["structures"], "Si4"));
    Described described(
        make_descriptor(
            R"({"species":["Si"],"r_cut":4.5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})"),
        s);
    expect_row(described.row(0), numbers(json_object_get(file["p"], "center_0")), 1e-10, "exact");
    double sum = 0, norm = 0;
    for (size_t f = 0; f < 252; f++) {
        sum += described.row(2)[f];
        norm += described.row(2)[f] * described.row(2)[f];
    }
    EXPECT_NEAR(sum, json_number_value(json_object_get(file["p"], "center_2_sum")), 1e-9 * std::sqrt(norm));
    EXPECT_NEAR(std::sqrt(norm), json_number_value(json_object_get(file["p"], "center_2_norm")),
                1e-10 * std::sqrt(norm));
}

// DScribe with weighting poly and r0 = r_cut is mode smooth with cutoff poly: the padding shell has weight 0.
// Polynomial basis: DScribe's own precision is 2e-10 at n_max 3, 4 (spec soap.md 9).
TEST(SoapReference, DScribePoly)
{
    Json file(read_json("soap_dscribe.json"));
    size_t i_case, n_compared = 0;
    json_t *c;
    json_array_foreach(file["cases"], i_case, c)
    {
        const json_t *p = json_object_get(c, "parameters"), *w = json_object_get(p, "weighting");
        if (!w || !json_object_get(w, "function") || json_object_get(w, "w0") ||
            std::string(json_string_value(json_object_get(w, "function"))) != "poly")
            continue;
        bool polynomial = json_object_get(p, "rbf") != nullptr;
        std::string text =
            settings_start(p) + ",\"basis\":\"" + (polynomial ? "polynomial" : "gto") +
            "\",\"cutoff\":{\"function\":\"poly\",\"m\":" + real(json_number_value(json_object_get(w, "m"))) + "}}";
        Structure s = structure_from_json(
            json_object_get(file["structures"], json_string_value(json_object_get(c, "structure"))));
        Described described(make_descriptor(text), s);
        auto centers = numbers(json_object_get(c, "centers"));
        for (size_t i = 0; i < centers.size(); i++)
            expect_row(described.row(size_t(centers[i])), numbers(json_array_get(json_object_get(c, "values"), i)),
                       1e-9, json_string_value(json_object_get(c, "name")));
        n_compared++;
    }
    EXPECT_EQ(n_compared, 2u);
}

// The dimer of the teaching material: center in the middle, no atom there.
TEST(SoapReference, MidpointOfDimerAgainstDScribe)
{
    Json file(read_json("h2_dimer.json"));
    auto distances = numbers(file["distances"]);
    // mode smooth multiplies by its cutoff function; the atoms are at 1.25 to 2.5 Angstrom, where a narrow one is 1
    auto d = make_descriptor(R"({"species":["H"],"r_cut":5.0,"n_max":3,"l_max":0,"sigma":0.5,"basis":"gto",
                                 "centers":"midpoint","cutoff":{"function":"shifted_cosine","width":0.5}})");
    for (size_t k : {size_t(0), size_t(77), size_t(199)}) {
        Structure s;
        s.species = {1, 1};
        s.positions = {{distances[k] / 2, 0, 0}, {-distances[k] / 2, 0, 0}};
        Described described(d, s, {{0, 0, 0}});
        expect_row(described.row(0), numbers(json_array_get(file["D"], k)), 1e-9, "dimer");
    }
}

/* The direct sum: generator without table, plain loops over neighbors, (n, l, m). */
std::vector<double> oracle(const descriptor *d, const Described &described, size_t i, const radial_settings &radial,
                           const cutoff_function &cutoff)
{
    size_t n_max = size_t(radial.n_max), l_max = size_t(radial.l_max), n_lm = (l_max + 1) * (l_max + 1);
    radial_generator *generator = nullptr;
    EXPECT_EQ(radial_generator_new(&radial, &generator, nullptr), MLSOAP_SUCCESS);
    std::vector<std::vector<double>> c(size_t(d->n_species), std::vector<double>(n_max * n_lm));
    std::vector<double> R(n_max * (l_max + 1)), Y(n_lm);
    auto index = [&](int z) { return size_t(std::find(d->species, d->species + d->n_species, z) - d->species); };
    const neighbor_list &list = described.list;
    radial_generator_evaluate(generator, 0, R.data(), nullptr, nullptr);
    for (size_t n = 0; n < n_max; n++) c[index(list.center_species[i])][n * n_lm] += R[n] / std::sqrt(4 * M_PI);
    for (int p = list.first[i]; p < list.first[i + 1]; p++) {
        double r = std::sqrt(list.dx[p] * list.dx[p] + list.dy[p] * list.dy[p] + list.dz[p] * list.dz[p]);
        double u[3] = {list.dx[p] / r, list.dy[p] / r, list.dz[p] / r};
        radial_generator_evaluate(generator, r, R.data(), nullptr, nullptr);
        spherical_harmonics(int(l_max), u, Y.data());
        double w = cutoff_function_evaluate(&cutoff, r, nullptr);
        for (size_t n = 0; n < n_max; n++)
            for (size_t l = 0; l <= l_max; l++)
                for (size_t lm = l * l; lm < (l + 1) * (l + 1); lm++)
                    c[index(list.species[p])][n * n_lm + lm] += w * R[l * n_max + n] * Y[lm];
    }
    radial_generator_free(generator);
    std::vector<double> features;
    for (size_t a = 0; a < c.size(); a++)
        for (size_t b = a; b < c.size(); b++)
            for (size_t l = 0; l <= l_max; l++)
                for (size_t n = 0; n < n_max; n++)
                    for (size_t k = a == b ? n : 0; k < n_max; k++) {
                        double sum = 0;
                        for (size_t lm = l * l; lm < (l + 1) * (l + 1); lm++)
                            sum += c[a][n * n_lm + lm] * c[b][k * n_lm + lm];
                        features.push_back(M_PI * std::sqrt(8.0 / double(2 * l + 1)) * sum);
                    }
    return features;
}

// Table error below 1e-10 relative, for every basis: the engine with tables against the direct sum.
TEST(SoapReference, TablesAgainstDirectSum)
{
    Structure s = small_cell();
    struct {
        radial_basis basis;
        const char *name;
        int n_max, l_max;
        double sigma;
    } cases[] = {{RADIAL_GAUSSIANS_EXACT, "gaussians", 8, 6, 0.5},
                 {RADIAL_GAUSSIANS_EXACT, "gaussians", 12, 9, 0.4},
                 {RADIAL_GAUSSIANS_COLLOCATION, "gaussians\",\"projection\":\"collocation", 8, 6, 0.5},
                 {RADIAL_GTO, "gto", 8, 6, 0.5},
                 {RADIAL_POLYNOMIAL, "polynomial", 8, 6, 0.5},
                 {RADIAL_POLYNOMIAL, "polynomial", 4, 12, 0.3}};
    for (const auto &c : cases) {
        std::string text = R"({"species":["H","C","O"],"r_cut":4.5,"n_max":)" + std::to_string(c.n_max) +
                           ",\"l_max\":" + std::to_string(c.l_max) + ",\"sigma\":" + real(c.sigma) + ",\"basis\":\"" +
                           c.name + R"(","cutoff":{"function":"cosine"},"radial_scaling":{"r0":2.5,"m":4}})";
        auto d = make_descriptor(text);
        Described described(d, s);
        radial_settings radial{c.basis, 4.5, c.n_max, c.l_max, c.sigma, NAN, 4.5};
        cutoff_function cutoff{CUTOFF_COSINE, 4.5, 0, 0, 0, 0, 0, 2.5, 4};
        for (size_t i : {size_t(0), size_t(3)}) {
            auto expected = oracle(d.get(), described, i, radial, cutoff);
            ASSERT_EQ(expected.size(), d->n_features);
            expect_row(described.row(i), expected, 1e-10, text);
        }
    }
}

} // namespace
