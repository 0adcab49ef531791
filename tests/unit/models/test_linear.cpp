// SPDX-License-Identifier: BSD-3-Clause
// The linear model (src/models/linear.c) and the table of models (src/models/model.c).
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <jansson.h>

extern "C" {
#include "core/memory.h"
#include "models/linear.h"
}

namespace
{

constexpr size_t n_features = 13, stride = 16;

double wave(size_t i, double phase)
{
    return std::sin(1.0 + 2.3 * double(i) + phase);
}

struct Linear {
    explicit Linear(bool normalized)
    {
        for (size_t f = 0; f < n_features; f++) {
            weights[f] = 1;
            w[f] = wave(f, 0.2);
        }
        EXPECT_EQ(linear_add_tensors(&tensors, "m", stride, w.data(), 0.75, nullptr), MLSOAP_SUCCESS);
        json.reset(json_pack("{s:s,s:b}", "type", "linear", "normalized", normalized), json_decref);
    }
    ~Linear()
    {
        model_free(m);
        tensor_set_release(&tensors);
    }
    Linear(const Linear &) = delete;
    Linear &operator=(const Linear &) = delete;
    mlsoap_status create(mlsoap_error *error = nullptr)
    {
        return linear_class.create(json.get(), &tensors, "m", n_features, stride, weights.data(), &m, error);
    }
    double evaluate(const std::vector<double> &D, std::vector<double> *g = nullptr) const
    {
        double eps;
        std::vector<double> gradient(stride);
        EXPECT_EQ(m->class_->workspace_size(m, 16), 0u);
        m->class_->evaluate(m, nullptr, 1, D.data(), &eps, g ? gradient.data() : nullptr);
        if (g) *g = gradient;
        return eps;
    }

    std::vector<double> weights = std::vector<double>(stride), w = std::vector<double>(stride);
    tensor_set tensors{};
    std::shared_ptr<json_t> json;
    model *m = nullptr;
};

std::vector<double> row()
{
    std::vector<double> D(stride);
    for (size_t f = 0; f < n_features; f++) D[f] = 0.5 + 0.5 * wave(f, 0.7);
    return D;
}

TEST(LinearModel, ValueAndGradient)
{
    for (bool normalized : {false, true}) {
        Linear l(normalized);
        ASSERT_EQ(l.create(), MLSOAP_SUCCESS);
        EXPECT_EQ(l.m->n_parameters, n_features + 1);
        std::vector<double> D = row(), g;
        double expected = 0, norm = 0;
        for (size_t f = 0; f < stride; f++) {
            expected += l.w[f] * D[f];
            norm += D[f] * D[f];
        }
        expected = 0.75 + (normalized ? expected / std::sqrt(norm) : expected);
        EXPECT_LE(std::fabs(l.evaluate(D, &g) - expected), 1e-14);
        for (size_t f = 0; f < n_features; f++) {
            auto at = [&](double h) {
                auto moved = D;
                moved[f] += h;
                return l.evaluate(moved);
            };
            EXPECT_LE(std::fabs((at(1e-5) - at(-1e-5)) / 2e-5 - g[f]), 1e-9) << f;
        }
    }
}

TEST(LinearModel, ZeroFeaturesAndNaN)
{
    for (bool normalized : {false, true}) {
        Linear l(normalized);
        ASSERT_EQ(l.create(), MLSOAP_SUCCESS);
        std::vector<double> g;
        EXPECT_EQ(l.evaluate(std::vector<double>(stride), &g), 0.75);
        for (size_t f = 0; f < stride; f++) EXPECT_EQ(g[f], normalized ? 0 : l.w[f]);
        auto D = row();
        D[0] = NAN;
        EXPECT_TRUE(std::isnan(l.evaluate(D)));
    }
}

TEST(LinearModel, Refusals)
{
    struct Change {
        const char *tensor;
        size_t index;
        double value;
        const char *text;
    };
    for (const Change &c :
         {Change{"m.weights", 14, 1.0, "column 14"}, Change{"m.weights", 2, INFINITY, "number 2 is inf"},
          Change{"m.constant", 5, 1.0, "number 5 is padding"}}) {
        Linear l(false);
        mlsoap_error error{};
        tensor_find(&l.tensors, c.tensor)->data[c.index] = c.value;
        EXPECT_EQ(l.create(&error), MLSOAP_ERROR_VALUE);
        EXPECT_NE(std::string(error.message).find(c.text), std::string::npos) << error.message;
    }
    Linear l(false);
    tensor_remove(&l.tensors, "m.constant");
    EXPECT_EQ(l.create(), MLSOAP_ERROR_FORMAT);
    for (long n = 1; n <= 2; n++) {
        Linear other(false);
        memory_fail_after(n);
        EXPECT_EQ(other.create(), MLSOAP_ERROR_MEMORY);
        memory_fail_after(0);
    }
}

TEST(ModelTable, NamesAndClassesAgree)
{
    size_t n = 0;
    for (const char *const *name = model_class_names(); *name; name++, n++) {
        const model_class *c = model_class_find(*name);
        ASSERT_NE(c, nullptr) << *name;
        EXPECT_STREQ(c->type, *name);
        EXPECT_NE(c->parameters[0], nullptr);
    }
    EXPECT_EQ(n, 3u);
    EXPECT_EQ(model_class_find("network of the future"), nullptr);
    model_free(nullptr);
}

} // namespace
