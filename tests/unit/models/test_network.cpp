// SPDX-License-Identifier: BSD-3-Clause
// Networks as a model (src/models/network): values against formulas written out here, gradients by differences,
// members, parameters that do not fit.
#include <gtest/gtest.h>

#include "support/potentials.hpp"

extern "C" {
#include "core/memory.h"
#include "models/model_tensors.h"
#include "models/network/activation.h"
}

using namespace testing_support;

namespace
{

constexpr size_t n_features = 21, stride = 24;

struct Sample {
    explicit Sample(const std::string &settings, double size = 0.7) : json(complete_model(settings))
    {
        features.stride = stride;
        features.weights.assign(stride, 0);
        for (size_t f = 0; f < n_features; f++) features.weights[f] = f % 3 ? 1 : std::sqrt(2.0);
        EXPECT_EQ(add_wave_network(&tensors, "m", json.value, features, size, 0, nullptr), MLSOAP_SUCCESS);
    }
    ~Sample()
    {
        model_free(m);
        tensor_set_release(&tensors);
    }
    Sample(const Sample &) = delete;
    Sample &operator=(const Sample &) = delete;
    mlsoap_status create(mlsoap_error *error = nullptr)
    {
        return network_class.create(json.value, &tensors, "m", n_features, stride, features.weights.data(), &m, error);
    }
    double *data(const char *name) { return tensor_find(&tensors, (std::string("m.") + name).c_str())->data; }
    std::vector<double> evaluate(const std::vector<double> &D, std::vector<double> *g = nullptr) const
    {
        const int rows = int(D.size() / stride);
        auto aligned = [](size_t n) { return std::shared_ptr<double>(MEMORY_NEW(double, n), memory_free); };
        auto scratch = aligned(m->class_->workspace_size(m, rows)), row = aligned(D.size()),
             gradient = aligned(D.size());
        std::copy(D.begin(), D.end(), row.get());
        std::vector<double> eps(size_t(rows), NAN);
        m->class_->evaluate(m, scratch.get(), rows, row.get(), eps.data(), g ? gradient.get() : nullptr);
        if (g) g->assign(gradient.get(), gradient.get() + D.size());
        return eps;
    }
    std::vector<double> members(const std::vector<double> &D) const
    {
        auto aligned = [](size_t n) { return std::shared_ptr<double>(MEMORY_NEW(double, n), memory_free); };
        auto scratch = aligned(m->class_->workspace_size(m, 1)), row = aligned(stride);
        std::copy(D.begin(), D.end(), row.get());
        std::vector<double> eps(size_t(network_n_members(m)), NAN);
        network_member_energies(m, scratch.get(), 1, row.get(), eps.data());
        return eps;
    }

    Features features;
    Json json;
    tensor_set tensors{};
    model *m = nullptr;
};

std::vector<double> rows(size_t n, double phase = 0)
{
    std::vector<double> D(n * stride);
    for (size_t i = 0; i < n; i++)
        for (size_t f = 0; f < n_features; f++) D[i * stride + f] = 0.4 + 0.5 * wave(i * n_features + f, phase);
    return D;
}

// eps of one member from the stored tensors, by loops that know nothing of blocks.
double direct(Sample &s, const std::vector<double> &D, size_t member)
{
    const json_t *hidden = json_object_get(s.json.value, "hidden");
    std::vector<double> h = D;
    double norm = 0;
    for (size_t f = 0; f < stride; f++) norm += std::pow(s.features.weights[f] * D[f], 2);
    if (schema_boolean(s.json.value, "normalized"))
        for (double &x : h) x /= std::sqrt(norm);
    double eps = s.data("constant")[8 * member];
    for (size_t f = 0; f < stride; f++) eps += s.data("skip")[member * stride + f] * h[f];
    for (size_t t = 0; t < json_array_size(hidden); t++) {
        const std::string number = std::to_string(t + 1);
        const size_t n = padded_to_8(size_t(json_integer_value(json_array_get(hidden, t))));
        const double *W = s.data(("weights_" + number).c_str()) + member * h.size() * n;
        const double *b = s.data(("biases_" + number).c_str()) + member * n;
        std::vector<double> next(n);
        for (size_t j = 0; j < n; j++) {
            double u = b[j];
            for (size_t i = 0; i < h.size(); i++) u += h[i] * W[i * n + j];
            next[j] = t == 0 ? u / (1 + std::exp(-u)) : std::tanh(u);
        }
        h = next;
    }
    for (size_t j = 0; j < h.size(); j++) eps += s.data("output")[member * h.size() + j] * h[j];
    return eps;
}

const char *const two_layers = R"({"type":"network","hidden":[11,5],"activations":["silu","tanh"],"members":3})";

TEST(Network, ValuesMatchTheFormula)
{
    const double tolerance = 1e-14;
    for (const char *normalized : {"false", "true"}) {
        Sample s(std::string(R"({"type":"network","hidden":[11,5],"activations":["silu","tanh"],"members":3,)") +
                 "\"normalized\":" + normalized + "}");
        ASSERT_EQ(s.create(), MLSOAP_SUCCESS);
        auto D = rows(1);
        double mean = 0;
        auto members = s.members(D);
        for (size_t k = 0; k < 3; k++) {
            mean += direct(s, D, k) / 3;
            EXPECT_LE(std::fabs(members[k] - direct(s, D, k)), tolerance * s.m->magnitude);
        }
        EXPECT_LE(std::fabs(s.evaluate(D)[0] - mean), tolerance * s.m->magnitude);
        EXPECT_GE(s.m->magnitude, std::fabs(mean));
        EXPECT_EQ(s.m->n_parameters, 3 * (n_features * 11 + 11 + 11 * 5 + 5 + 5 + n_features + 1));
    }
}

TEST(Network, SpreadOfTheMembers)
{
    Sample s(R"({"type":"network","hidden":[11,5],"activations":["silu","tanh"],"members":3,"uncertainty":true})");
    ASSERT_EQ(s.create(), MLSOAP_SUCCESS);
    EXPECT_TRUE(s.m->has_uncertainty);
    auto D = rows(1), eps = s.members(D);
    double mean = (eps[0] + eps[1] + eps[2]) / 3, expected = 0, variance = NAN;
    for (double e : eps) expected += (e - mean) * (e - mean) / 2;
    std::shared_ptr<double> row(MEMORY_NEW(double, stride), memory_free);
    std::shared_ptr<double> scratch(MEMORY_NEW(double, s.m->class_->workspace_size(s.m, 1)), memory_free);
    std::copy(D.begin(), D.end(), row.get());
    s.m->class_->variance(s.m, scratch.get(), 1, row.get(), &variance);
    EXPECT_NEAR(variance / expected, 1, 1e-12);
    Sample alone(R"({"type":"network","hidden":[5],"activations":["silu"],"uncertainty":true})");
    mlsoap_error error{};
    EXPECT_EQ(alone.create(&error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("single network"), std::string::npos);
}

TEST(Network, GradientOfEveryActivation)
{
    const double h = 1e-5, tolerance = 1e-9;
    for (const char *const *name = activation_names(); *name; name++)
        for (const char *normalized : {"false", "true"}) {
            Sample s(std::string(R"({"type":"network","hidden":[6,4],"activations":[")") + *name + R"(","silu"],)" +
                     "\"normalized\":" + normalized + "}");
            ASSERT_EQ(s.create(), MLSOAP_SUCCESS) << *name;
            std::vector<double> D = rows(1), g;
            s.evaluate(D, &g);
            for (size_t f = 0; f < stride; f++) {
                auto plus = D, minus = D;
                plus[f] += h;
                minus[f] -= h;
                if (f >= n_features) continue; // padding
                double difference = (s.evaluate(plus)[0] - s.evaluate(minus)[0]) / (2 * h);
                EXPECT_LE(std::fabs(difference - g[f]), tolerance * std::max(1.0, std::fabs(g[f])))
                    << *name << " " << f;
            }
            EXPECT_EQ(s.m->is_discontinuous, std::string(*name) == "relu");
        }
}

TEST(Network, BlocksEqualRows)
{
    Sample s(two_layers);
    ASSERT_EQ(s.create(), MLSOAP_SUCCESS);
    std::vector<double> D = rows(13), g, one;
    auto eps = s.evaluate(D, &g);
    for (size_t i = 0; i < 13; i++) {
        std::vector<double> row(D.begin() + long(i * stride), D.begin() + long((i + 1) * stride));
        EXPECT_EQ(s.evaluate(row, &one)[0], eps[i]);
        for (size_t f = 0; f < stride; f++) EXPECT_EQ(one[f], g[i * stride + f]);
    }
}

TEST(Network, ZeroRowAndNaN)
{
    Sample s(R"({"type":"network","hidden":[5],"activations":["silu"],"normalized":true})");
    ASSERT_EQ(s.create(), MLSOAP_SUCCESS);
    std::vector<double> D(stride), g;
    EXPECT_TRUE(std::isfinite(s.evaluate(D, &g)[0]));
    for (double x : g) EXPECT_EQ(x, 0);
    D[3] = NAN;
    EXPECT_TRUE(std::isnan(s.evaluate(D)[0]));
}

TEST(Network, RefusesWhatDoesNotFit)
{
    struct Case {
        const char *what;
        std::function<void(Sample &)> damage;
        mlsoap_status status;
        const char *message;
    };
    auto settings = [](const char *key, const char *value) {
        return [=](Sample &s) { json_object_set_new(s.json.value, key, json_of(value)); };
    };
    const Case cases[] = {
        {"no layer", settings("hidden", "[]"), MLSOAP_ERROR_VALUE, "0 hidden layers"},
        {"too few activations", settings("activations", R"(["tanh"])"), MLSOAP_ERROR_VALUE, "1 activations"},
        {"no neuron", settings("hidden", "[11,0]"), MLSOAP_ERROR_VALUE, "hidden layer 2 must have 1 to"},
        {"unknown activation", settings("activations", R"(["tanh","swish"])"), MLSOAP_ERROR_VALUE, "'swish'"},
        {"other sizes", settings("hidden", "[19,5]"), MLSOAP_ERROR_FORMAT, "m.weights_1"},
        {"weight in the padding of columns", [](Sample &s) { s.data("weights_1")[11] = 1; }, MLSOAP_ERROR_VALUE,
         "column 11 is padding"},
        {"weight in the padding of features", [](Sample &s) { s.data("weights_1")[n_features * 16] = 1; },
         MLSOAP_ERROR_VALUE, "row 21 is padding"},
        {"weight in the padding of neurons", [](Sample &s) { s.data("weights_2")[11 * 8] = 1; }, MLSOAP_ERROR_VALUE,
         "row 11 is padding"},
        {"skip in the padding", [](Sample &s) { s.data("skip")[n_features] = 1; }, MLSOAP_ERROR_VALUE, "m.skip"},
        {"constant", [](Sample &s) { s.data("constant")[1] = 1; }, MLSOAP_ERROR_VALUE, "m.constant"},
        {"not finite", [](Sample &s) { s.data("output")[0] = NAN; }, MLSOAP_ERROR_VALUE, "must be finite"},
        {"missing", [](Sample &s) { tensor_remove(&s.tensors, "m.biases_2"); }, MLSOAP_ERROR_FORMAT, "m.biases_2"},
    };
    for (const Case &c : cases) {
        Sample s(two_layers);
        mlsoap_error error{};
        c.damage(s);
        EXPECT_EQ(s.create(&error), c.status) << c.what;
        EXPECT_NE(std::string(error.message).find(c.message), std::string::npos) << c.what << ": " << error.message;
    }
}

TEST(Network, FailsCleanlyWithoutMemory)
{
    for (long n = 1;; n++) {
        Sample s(two_layers);
        memory_fail_after(n);
        mlsoap_status status = s.create();
        memory_fail_after(0);
        if (status == MLSOAP_SUCCESS) break;
        ASSERT_EQ(status, MLSOAP_ERROR_MEMORY);
        ASSERT_LT(n, 100);
    }
}

TEST(Network, ActivationsByNameAndLetter)
{
    EXPECT_EQ(activation_find("t"), activation_find("tanh"));
    EXPECT_EQ(activation_find("S"), activation_find("reverse_logistic"));
    EXPECT_EQ(activation_find("swish"), nullptr);
    EXPECT_EQ(activation_find(""), nullptr);
    EXPECT_EQ(activation_find(nullptr), nullptr);
}

} // namespace
