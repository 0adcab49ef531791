// SPDX-License-Identifier: BSD-3-Clause
// The bispectrum block: reference numbers, invariance, and what it takes from data.
#include "support/soap_reference.hpp"

extern "C" {
#include "descriptors/soap/bispectrum.h"
}

using namespace testing_support;

namespace
{

std::shared_ptr<bispectrum> make_block(int channels, int l_max)
{
    bispectrum *b = nullptr;
    if (bispectrum_new(channels, l_max, channels, nullptr, &b, nullptr)) throw std::bad_alloc();
    return {b, bispectrum_free};
}

/* B of one center by the scalar kernel. */
std::vector<double> evaluate(const bispectrum *b, const std::vector<double> &d)
{
    std::shared_ptr<double> lanes(MEMORY_NEW(double, b->n_coefficients *DESCRIPTOR_BLOCK), memory_free);
    std::shared_ptr<double> B(MEMORY_NEW(double, b->n_features *DESCRIPTOR_BLOCK), memory_free);
    for (size_t i = 0; i < d.size(); i++) lanes.get()[i * DESCRIPTOR_BLOCK + 5] = d[i];
    std::shared_ptr<double> T(MEMORY_NEW(double, size_t(b->plan.n_rows) * DESCRIPTOR_BLOCK), memory_free);
    kernels_available()[0]->bispectrum(&b->plan, lanes.get(), T.get(), B.get());
    std::vector<double> out;
    for (size_t f = 0; f < b->n_features; f++) out.push_back(B.get()[f * DESCRIPTOR_BLOCK + 5]);
    return out;
}

// d by the formula of the file; B to 1e-12 of the largest: quadrature in double on both sides.
TEST(Bispectrum, Reference)
{
    Json file(read_json("bispectrum.json"));
    size_t i_case;
    json_t *c;
    json_array_foreach(file["cases"], i_case, c)
    {
        int A = int(json_integer_value(json_object_get(c, "channels")));
        int L = int(json_integer_value(json_object_get(c, "l_max")));
        auto b = make_block(A, L);
        ASSERT_EQ(b->n_features, size_t(json_integer_value(json_object_get(c, "n_features"))));
        std::vector<double> d(b->n_coefficients);
        for (int l = 1; l <= L; l++)
            for (int a = 0; a < A; a++)
                for (int m = -l; m <= l; m++)
                    d[size_t(A * (l * l - 1) + a * (2 * l + 1) + m + l)] =
                        sin(1 + 0.7 * (l * l + l + m) + 1.3 * a) / (1 + l);
        auto found = evaluate(b.get(), d);
        auto expected = numbers(json_object_get(c, "B"));
        if (expected.size() == found.size()) expect_row(found.data(), expected, 1e-12, "B");
        double sum = 0, norm = 0;
        for (double x : found) {
            sum += x;
            norm += x * x;
        }
        EXPECT_NEAR(std::sqrt(norm), json_number_value(json_object_get(c, "norm")), 1e-12 * std::sqrt(norm));
        EXPECT_NEAR(sum, json_number_value(json_object_get(c, "sum")), 1e-12 * std::sqrt(norm) * double(found.size()));
    }
    EXPECT_EQ(i_case, 3u);
}

TEST(Bispectrum, CountsOfTheSpecification)
{
    EXPECT_EQ(make_block(2, 4)->n_features, 54u);
    EXPECT_EQ(make_block(3, 3)->n_features, 73u);
    EXPECT_EQ(make_block(3, 4)->n_features, 164u);
    EXPECT_EQ(make_block(4, 5)->n_features, 640u);
}

/* Settings completed from a few random structures. */
json_t *fitted(const std::string &text, std::initializer_list<unsigned> seeds)
{
    std::vector<Structure> all;
    for (unsigned seed : seeds) all.push_back(random_structure(seed, {1, 8, 1, 6, 8, 1}, 4.6));
    std::vector<structure> views;
    for (const auto &s : all) views.push_back(s.view());
    std::vector<const structure *> pointers;
    for (const auto &v : views) pointers.push_back(&v);
    json_t *settings = json_loads(text.c_str(), 0, nullptr);
    mlsoap_error error{};
    EXPECT_EQ(descriptor_fit(settings, "descriptors.0", nullptr, pointers.data(), pointers.size(), &error),
              MLSOAP_SUCCESS)
        << error.message;
    return settings;
}

std::shared_ptr<descriptor> built(json_t *settings)
{
    char *dump = json_dumps(settings, JSON_REAL_PRECISION(17));
    auto d = make_descriptor(dump);
    free(dump);
    return d;
}

const char *const with_block =
    R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"bispectrum":{"channels":2,"l_max":3}})";

// The channels are orthonormal, the root mean square of |B|/scale over the data is 1, and the squared gradients have
// the ratio phi: what the specification asks.
TEST(Bispectrum, FitGivesOrthonormalChannelsAndScales)
{
    Json settings(fitted(with_block, {3, 4}));
    json_t *block = settings["bispectrum"];
    auto U = numbers(json_object_get(block, "matrix"));
    ASSERT_EQ(U.size(), size_t(3 * 2 * 4));
    for (size_t l = 0; l < 3; l++)
        for (size_t a = 0; a < 2; a++)
            for (size_t b = 0; b < 2; b++) {
                double dot = 0;
                for (size_t n = 0; n < 4; n++) dot += U[(l * 2 + a) * 4 + n] * U[(l * 2 + b) * 4 + n];
                EXPECT_NEAR(dot, a == b, 1e-14);
            }
    double weight = json_number_value(json_object_get(block, "weight"));
    auto d = built(settings.value);
    double B2 = 0, dB2 = 0, dp2 = 0;
    size_t n_centers = 0, n_power = d->n_features - 24;
    for (unsigned seed : {3, 4}) {
        Described described(d, random_structure(seed, {1, 8, 1, 6, 8, 1}, 4.6));
        for (size_t i = 0; i < 6; i++, n_centers++) {
            const double *row = described.row(i);
            for (size_t f = n_power; f < d->n_features; f++) B2 += row[f] * row[f];
            double norm2 = 0;
            for (size_t f = 0; f < n_power; f++) norm2 += std::pow(d->weights[f] * row[f], 2);
            auto J = described.jacobian(i);
            for (size_t p = 0; p < J.size() / d->stride; p++) {
                double square = 0, along = 0;
                for (size_t f = 0; f < n_power; f++) {
                    square += std::pow(d->weights[f] * J[p * d->stride + f], 2);
                    along += std::pow(d->weights[f], 2) * J[p * d->stride + f] * row[f];
                }
                dp2 += (square - along * along / norm2) / norm2;
                for (size_t f = n_power; f < d->n_features; f++) dB2 += std::pow(J[p * d->stride + f], 2);
            }
        }
    }
    EXPECT_NEAR(std::sqrt(B2 / double(n_centers)) / weight, 1, 1e-9);
    EXPECT_NEAR(dB2 / dp2, 0.025, 1e-9);
}

// A fitted block stays as it is, and the completed settings build the same descriptor.
TEST(Bispectrum, FitKeepsWhatIsGiven)
{
    Json settings(fitted(with_block, {3, 4}));
    Json before(json_deep_copy(settings.value));
    Structure other = random_structure(9, {1, 8}, 4.6);
    structure view = other.view();
    const structure *pointer = &view;
    ASSERT_EQ(descriptor_fit(settings.value, "d", nullptr, &pointer, 1, nullptr), MLSOAP_SUCCESS);
    EXPECT_TRUE(json_equal(before.value, settings.value));
}

// Rotations and reflections of the environment leave B alone; a mirror image is told apart by nothing of even parity.
TEST(Bispectrum, IsInvariant)
{
    Json settings(fitted(with_block, {3, 4}));
    auto d = built(settings.value);
    Structure s = small_cell(), turned = s;
    const double c = std::cos(0.7), n = std::sin(0.7);
    auto turn = [&](const Vector &v) {
        Vector u{c * v[0] - n * v[1], n * v[0] + c * v[1], -v[2]}; // a rotation and a reflection
        return Vector{u[0], c * u[1] - n * u[2], n * u[1] + c * u[2]};
    };
    for (auto &x : turned.positions) x = turn(x);
    for (auto &x : turned.cell) x = turn(x);
    Described before(d, s), after(d, turned);
    for (size_t i = 0; i < s.species.size(); i++) {
        std::vector<double> row(before.row(i), before.row(i) + d->n_features);
        expect_row(after.row(i), row, 1e-12, "rotated");
    }
}

TEST(Bispectrum, NormalizedJointVector)
{
    std::string text = with_block;
    text.insert(1, "\"normalize\":true,");
    Json settings(fitted(text, {3, 4}));
    auto d = built(settings.value);
    double w = json_number_value(json_object_get(settings["bispectrum"], "weight"));
    Described described(d, small_cell());
    double norm2 = 0;
    for (size_t f = 0; f + 24 < d->n_features; f++) norm2 += std::pow(d->weights[f] * described.row(2)[f], 2);
    EXPECT_NEAR(norm2, 1 / (1 + w * w), 1e-13);
}

TEST(Bispectrum, WrongSettingsAreNamed)
{
    const std::string start = R"({"species":["H"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"bispectrum":)";
    const struct {
        const char *block, *named;
    } cases[] = {{R"({"channels":2,"l_max":3}})", "matrix"},
                 {R"({"channels":5,"l_max":3,"scale":1,"weight":1,"matrix":[]}})", "n_max"},
                 {R"({"channels":2,"l_max":4,"scale":1,"weight":1,"matrix":[]}})", "l_max"},
                 {R"({"channels":2,"l_max":1,"scale":1,"weight":1,"matrix":[[[1,0,0,0]]]}})", "matrix"},
                 {R"({"chanels":2}})", "channels"}};
    for (const auto &c : cases) {
        Json settings(json_loads((start + c.block).c_str(), 0, nullptr));
        ASSERT_NE(settings.value, nullptr) << c.block;
        descriptor *d = nullptr;
        mlsoap_error error{};
        EXPECT_NE(descriptor_new(settings.value, "descriptors.0", nullptr, &d, &error), MLSOAP_SUCCESS);
        EXPECT_NE(std::string(error.message).find(c.named), std::string::npos) << error.message;
        descriptor_free(d);
    }
}

// An isolated atom has no neighbors: nothing to take scales from.
TEST(Bispectrum, DataWithoutNeighborsCannotFit)
{
    Structure alone;
    alone.species = {1};
    alone.positions = {{0, 0, 0}};
    structure view = alone.view();
    const structure *pointer = &view;
    Json settings(json_loads(with_block, 0, nullptr));
    mlsoap_error error{};
    EXPECT_EQ(descriptor_fit(settings.value, "d", nullptr, &pointer, 1, &error), MLSOAP_ERROR_VALUE);
}

} // namespace
