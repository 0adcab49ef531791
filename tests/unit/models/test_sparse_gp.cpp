// SPDX-License-Identifier: BSD-3-Clause
// The sparse GP (src/models/sparse_gp): against the formula in long double, gradients against central differences, the
// collapse against the sum, the row transforms of the trainer against the model, and every refusal.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <jansson.h>

extern "C" {
#include "core/memory.h"
#include "kernels/kernels.h"
#include "models/sparse_gp/sparse_gp.h"
}

namespace
{

constexpr size_t n_features = 21, stride = 24;

double wave(size_t i, double phase)
{
    return std::sin(1.0 + 2.3 * double(i) + phase);
}

/* Memory aligned as the library's own. */
struct Aligned {
    explicit Aligned(size_t n) : data(MEMORY_NEW(double, n)) {}
    ~Aligned() { memory_free(data); }
    Aligned(const Aligned &) = delete;
    Aligned &operator=(const Aligned &) = delete;
    double *data;
};

struct Settings {
    int zeta;
    bool normalized;
    double constant;
    size_t n_sparse; // below stride/2: a sum for zeta 2; above: collapsed
};

class SparseGP
{
  public:
    explicit SparseGP(const Settings &s) : s_(s), weights(stride), points(s.n_sparse * stride), alpha(s.n_sparse)
    {
        settings = {s.zeta, s.normalized, s.constant, 0.8};
        for (size_t f = 0; f < n_features; f++) weights[f] = f % 3 ? std::sqrt(2.0) : 1;
        for (size_t i = 0; i < s.n_sparse; i++) {
            std::vector<double> D = row(100 + i);
            sparse_gp_transform(&settings, stride, weights.data(), D.data(), &points[i * stride]);
            alpha[i] = 3 * wave(i, 0.4);
        }
        EXPECT_EQ(sparse_gp_add_tensors(&tensors, "m", s.n_sparse, stride, points.data(), alpha.data(), nullptr),
                  MLSOAP_SUCCESS);
        json.reset(json_pack("{s:s,s:i,s:b,s:f,s:f}", "type", "sparse_gp", "zeta", s.zeta, "normalized", s.normalized,
                             "constant", s.constant, "delta", 0.8),
                   json_decref);
    }
    ~SparseGP()
    {
        model_free(m);
        tensor_set_release(&tensors);
    }
    SparseGP(const SparseGP &) = delete;
    SparseGP &operator=(const SparseGP &) = delete;

    mlsoap_status create(mlsoap_error *error = nullptr)
    {
        return sparse_gp_class.create(json.get(), &tensors, "m", n_features, stride, weights.data(), &m, error);
    }
    static std::vector<double> row(size_t i)
    {
        std::vector<double> D(stride);
        for (size_t f = 0; f < n_features; f++) D[f] = 0.5 + 0.5 * wave(f, 0.37 * double(i));
        return D;
    }
    /* The formula of the specification. */
    long double oracle(const std::vector<double> &D) const
    {
        long double norm = 0, sum = 0;
        for (size_t f = 0; f < stride; f++) norm += (long double)(weights[f] * D[f]) * (weights[f] * D[f]);
        norm = s_.normalized ? sqrtl(norm) : 1;
        for (size_t i = 0; i < s_.n_sparse; i++) {
            long double dot = 0;
            for (size_t f = 0; f < stride; f++)
                dot += norm == 0 ? 0 : weights[f] * (long double)D[f] / norm * points[i * stride + f];
            sum += alpha[i] * 0.64L * powl(s_.constant + dot, s_.zeta);
        }
        return sum;
    }
    std::vector<double> evaluate(const std::vector<std::vector<double>> &rows, std::vector<double> *gradient = nullptr)
    {
        int n = int(rows.size());
        Aligned D(rows.size() * stride), g(rows.size() * stride), scratch(m->class_->workspace_size(m, n));
        for (size_t i = 0; i < rows.size(); i++) std::copy(rows[i].begin(), rows[i].end(), D.data + i * stride);
        std::vector<double> eps(rows.size());
        m->class_->evaluate(m, scratch.data, n, D.data, eps.data(), gradient ? g.data : nullptr);
        if (gradient) gradient->assign(g.data, g.data + rows.size() * stride);
        return eps;
    }

    Settings s_;
    sparse_gp_settings settings{};
    std::vector<double> weights, points, alpha;
    tensor_set tensors{};
    std::shared_ptr<json_t> json;
    model *m = nullptr;
};

const std::vector<Settings> all_settings = {
    {1, true, 0, 5},   {1, true, 0.7, 5},  {1, false, 0, 5},    {1, false, 0.7, 40}, {2, true, 0, 5},
    {2, true, 0.7, 5}, {2, true, 0, 40},   {2, true, 0.7, 40},  {2, false, 0, 7},    {2, false, 0.7, 40},
    {3, true, 0, 9},   {3, true, 0.7, 17}, {3, false, 0, 9},    {3, false, 0.7, 8},  {4, true, 0, 33},
    {4, true, 0.7, 9}, {4, false, 0, 9},   {4, false, 0.7, 16}, {7, true, 0.1, 10},
};

class SparseGPModels : public testing::TestWithParam<size_t>
{
  protected:
    SparseGPModels() : gp(all_settings[GetParam()]) { EXPECT_EQ(gp.create(), MLSOAP_SUCCESS); }
    SparseGP gp;
};

/* Zeta 1, and zeta 2 with many points, are collapsed: the oracle is the sum. */
TEST_P(SparseGPModels, EqualsTheFormula)
{
    std::vector<std::vector<double>> rows;
    for (size_t i = 0; i < 16; i++) rows.push_back(SparseGP::row(i));
    auto eps = gp.evaluate(rows);
    for (size_t i = 0; i < rows.size(); i++)
        EXPECT_LE(std::fabs(eps[i] - double(gp.oracle(rows[i]))), 1e-12 * gp.m->magnitude) << i;
    EXPECT_EQ(gp.m->n_parameters, gp.s_.n_sparse);
    EXPECT_EQ(gp.m->n_uncertainty, 0u);
}

TEST_P(SparseGPModels, GradientIsTheDerivative)
{
    std::vector<double> g, D = SparseGP::row(3);
    gp.evaluate({D}, &g);
    for (size_t f = 0; f < n_features; f++) {
        auto at = [&](double h) {
            auto moved = D;
            moved[f] += h;
            return gp.oracle(moved);
        };
        double h = 1e-5, difference = double((at(h) - at(-h)) / (2 * (long double)h));
        EXPECT_LE(std::fabs(difference - g[f]), 1e-8 * std::max(1.0, gp.m->magnitude)) << f;
    }
    for (size_t f = n_features; f < stride; f++) EXPECT_EQ(g[f], 0) << "padding";
}

/* A row alone gives the same bits as in a block of any size. */
TEST_P(SparseGPModels, RowsAreIndependent)
{
    std::vector<std::vector<double>> rows;
    for (size_t i = 0; i < 13; i++) rows.push_back(SparseGP::row(i));
    std::vector<double> g, g1;
    auto eps = gp.evaluate(rows, &g);
    for (size_t i = 0; i < rows.size(); i++) {
        auto eps1 = gp.evaluate({rows[i]}, &g1);
        EXPECT_EQ(eps1[0], eps[i]);
        for (size_t f = 0; f < stride; f++) EXPECT_EQ(g1[f], g[i * stride + f]);
    }
    EXPECT_EQ(gp.evaluate(rows), eps) << "energies alone are the same";
}

TEST_P(SparseGPModels, ZeroFeatures)
{
    std::vector<double> g, zero(stride);
    double eps = gp.evaluate({zero}, &g)[0];
    EXPECT_LE(std::fabs(eps - double(gp.oracle(zero))), 1e-12 * gp.m->magnitude);
    if (gp.s_.constant == 0) {
        EXPECT_EQ(eps, 0);
    }
    for (double x : g) EXPECT_TRUE(std::isfinite(x) && (!gp.s_.normalized || x == 0));
}

TEST_P(SparseGPModels, NotANumberIsSeen)
{
    auto rows = std::vector<std::vector<double>>{SparseGP::row(0), SparseGP::row(1)};
    rows[0][4] = NAN;
    auto eps = gp.evaluate(rows);
    EXPECT_TRUE(std::isnan(eps[0]));
    EXPECT_TRUE(std::isfinite(eps[1]));
}

/* The trainer's transforms give the model's energy and gradient, and the tangent is the adjoint's transpose. */
TEST_P(SparseGPModels, TransformsOfTheTrainer)
{
    std::vector<double> D = SparseGP::row(8), v = SparseGP::row(50), x(stride), dx(stride), h(stride), g(stride), gm;
    double eps_model = gp.evaluate({D}, &gm)[0], eps = 0, along = 0, h_dx = 0, g_v = 0, gm_v = 0;
    double inverse = sparse_gp_transform(&gp.settings, stride, gp.weights.data(), D.data(), x.data());
    sparse_gp_transform_tangent(&gp.settings, stride, gp.weights.data(), x.data(), inverse, v.data(), dx.data());
    std::vector<double> t(gp.s_.n_sparse), dk(gp.s_.n_sparse);
    for (size_t s = 0; s < t.size(); s++)
        for (size_t f = 0; f < stride; f++) t[s] += x[f] * gp.points[s * stride + f];
    sparse_gp_kernel(&gp.settings, t.size(), t.data(), t.data(), dk.data());
    for (size_t s = 0; s < t.size(); s++) {
        eps += gp.alpha[s] * t[s];
        for (size_t f = 0; f < stride; f++) {
            h[f] += gp.alpha[s] * dk[s] * gp.points[s * stride + f];
            along += gp.alpha[s] * dk[s] * dx[f] * gp.points[s * stride + f];
        }
    }
    sparse_gp_transform_adjoint(&gp.settings, stride, gp.weights.data(), x.data(), inverse, h.data(), g.data());
    for (size_t f = 0; f < stride; f++) {
        h_dx += h[f] * dx[f];
        g_v += g[f] * v[f];
        gm_v += gm[f] * v[f];
        EXPECT_LE(std::fabs(g[f] - gm[f]), 1e-11 * std::max(1.0, gp.m->magnitude));
    }
    double tolerance = 1e-11 * std::max(1.0, gp.m->magnitude);
    EXPECT_LE(std::fabs(eps - eps_model), tolerance);
    EXPECT_LE(std::fabs(h_dx - g_v), tolerance);
    EXPECT_LE(std::fabs(along - gm_v), tolerance);
}

INSTANTIATE_TEST_SUITE_P(All, SparseGPModels, testing::Range(size_t(0), all_settings.size()));

/* Expect a failure whose message contains a text. */
void expect_refusal(SparseGP &gp, mlsoap_status status, const std::string &text)
{
    mlsoap_error error{};
    EXPECT_EQ(gp.create(&error), status);
    EXPECT_NE(std::string(error.message).find(text), std::string::npos) << error.message;
}

TEST(SparseGPRefusals, MissingTensor)
{
    SparseGP gp({2, true, 0, 9});
    tensor_remove(&gp.tensors, "m.alpha");
    expect_refusal(gp, MLSOAP_ERROR_FORMAT, "m.alpha is missing");
}

TEST(SparseGPRefusals, Shape)
{
    SparseGP gp({2, true, 0, 9});
    tensor_remove(&gp.tensors, "m.alpha");
    const size_t nine = 9;
    ASSERT_EQ(tensor_add(&gp.tensors, "m.alpha", 1, &nine, nullptr, nullptr, nullptr), MLSOAP_SUCCESS);
    expect_refusal(gp, MLSOAP_ERROR_FORMAT, "dimension 0 is 9; by the description it must be 16");
}

TEST(SparseGPRefusals, Numbers)
{
    struct Change {
        const char *tensor;
        size_t index;
        double value;
        const char *text;
    };
    const Change changes[] = {
        {"m.alpha", 3, NAN, "number 3 is nan"},
        {"m.alpha", 12, 0.5, "pads 9 sparse points"},
        {"m.sparse_points", 2 * stride + 22, 1e-3, "row 2, column 22"},
        {"m.sparse_points", 5, 3.0, "must have length 1"},
        {"m.alpha", 0, 1e308, "overflows"},
    };
    for (const Change &c : changes) {
        SparseGP gp({2, true, 2.0, 9});
        tensor_find(&gp.tensors, c.tensor)->data[c.index] = c.value;
        if (std::string(c.text) == "overflows") tensor_find(&gp.tensors, c.tensor)->data[1] = c.value;
        expect_refusal(gp, MLSOAP_ERROR_VALUE, c.text);
    }
}

TEST(SparseGPRefusals, NoMemory)
{
    for (Settings s : {Settings{1, true, 0, 9}, {2, true, 0, 40}, {3, true, 0, 9}}) {
        mlsoap_status status = MLSOAP_ERROR_MEMORY;
        for (long n = 1; status == MLSOAP_ERROR_MEMORY && n < 50; n++) {
            SparseGP gp(s);
            memory_fail_after(n);
            status = gp.create();
            memory_fail_after(0);
            EXPECT_EQ(gp.m == nullptr, status == MLSOAP_ERROR_MEMORY);
        }
        EXPECT_EQ(status, MLSOAP_SUCCESS);
    }
}

/* The stored sum over points is what loading would compute: the same bits, and the points are not multiplied again. */
TEST(SparseGPStoredSum, GivesTheSameBits)
{
    std::vector<std::vector<double>> rows;
    for (size_t i = 0; i < 16; i++) rows.push_back(SparseGP::row(i));
    for (const Settings &s : all_settings) {
        SparseGP computed(s), stored(s);
        ASSERT_EQ(computed.create(), MLSOAP_SUCCESS);
        ASSERT_EQ(sparse_gp_add_square_sum(&stored.tensors, "m", &stored.settings, nullptr), MLSOAP_SUCCESS);
        EXPECT_EQ(tensor_find(&stored.tensors, "m.square_sum") != nullptr, s.zeta == 2 && s.n_sparse > stride / 2);
        ASSERT_EQ(stored.create(), MLSOAP_SUCCESS);
        std::vector<double> g, h;
        EXPECT_EQ(computed.evaluate(rows, &g), stored.evaluate(rows, &h));
        EXPECT_EQ(g, h);
    }
    SparseGP other({2, true, 0, 40}); // off the diagonal, which the trace does not see
    sparse_gp_add_square_sum(&other.tensors, "m", &other.settings, nullptr);
    tensor_find(&other.tensors, "m.square_sum")->data[1] += 1;
    ASSERT_EQ(other.create(), MLSOAP_SUCCESS);
    EXPECT_GT(std::fabs(other.evaluate(rows)[0] - double(other.oracle(rows[0]))), 1e-6) << "it is what is evaluated";
}

/* Points of alpha 0 serve the uncertainty alone: the model is that of the others, and as fast. */
TEST(SparseGPTerms, PointsWithoutWeightAreLeftOut)
{
    std::vector<std::vector<double>> rows;
    for (size_t i = 0; i < 5; i++) rows.push_back(SparseGP::row(i));
    for (int zeta : {2, 3}) {
        SparseGP few({zeta, true, 0, 9}), many({zeta, true, 0, 30});
        double *alpha = tensor_find(&many.tensors, "m.alpha")->data;
        double *points = tensor_find(&many.tensors, "m.sparse_points")->data;
        for (size_t s = 0; s < 30; s++) alpha[s] = 0;
        for (size_t s = 0; s < 9; s++) { // every third has a weight
            alpha[3 * s + 1] = few.alpha[s];
            std::copy(&few.points[s * stride], &few.points[s * stride] + stride, points + (3 * s + 1) * stride);
        }
        ASSERT_EQ(few.create(), MLSOAP_SUCCESS);
        ASSERT_EQ(sparse_gp_add_square_sum(&many.tensors, "m", &many.settings, nullptr), MLSOAP_SUCCESS);
        EXPECT_EQ(tensor_find(&many.tensors, "m.square_sum"), nullptr) << "9 terms do not collapse";
        ASSERT_EQ(many.create(), MLSOAP_SUCCESS);
        std::vector<double> g, h;
        EXPECT_EQ(few.evaluate(rows, &g), many.evaluate(rows, &h));
        EXPECT_EQ(g, h);
        EXPECT_EQ(few.m->class_->workspace_size(few.m, 8), many.m->class_->workspace_size(many.m, 8));
        EXPECT_EQ(many.m->n_parameters, 9u);
        EXPECT_EQ(many.m->n_uncertainty, 21u);
    }
    SparseGP none({2, true, 0, 9}); // all 0: a model that gives 0
    for (size_t s = 0; s < 9; s++) tensor_find(&none.tensors, "m.alpha")->data[s] = 0;
    ASSERT_EQ(none.create(), MLSOAP_SUCCESS);
    EXPECT_EQ(none.evaluate(rows), std::vector<double>(5));
}

TEST(SparseGPStoredSum, Refusals)
{
    SparseGP trace({2, true, 0, 40}), shape({2, true, 0, 40}), few({2, true, 0, 9});
    sparse_gp_add_square_sum(&trace.tensors, "m", &trace.settings, nullptr);
    tensor_find(&trace.tensors, "m.square_sum")->data[2] += 1e-3;
    expect_refusal(trace, MLSOAP_ERROR_VALUE, "that of the sparse points is");
    const size_t eight = 8;
    ASSERT_EQ(tensor_add(&shape.tensors, "m.square_sum", 1, &eight, nullptr, nullptr, nullptr), MLSOAP_SUCCESS);
    expect_refusal(shape, MLSOAP_ERROR_FORMAT, "by the description it must be 304");
    ASSERT_EQ(tensor_add(&few.tensors, "m.square_sum", 1, &eight, nullptr, nullptr, nullptr), MLSOAP_SUCCESS);
    expect_refusal(few, MLSOAP_ERROR_FORMAT, "only models with zeta 2");
}

/* The products of every instruction set of this machine against the plain sum. */
TEST(MatrixMultiply, EqualsThePlainSumOnEveryIsa)
{
    for (const kernels *const *k = kernels_available(); *k; k++)
        for (int m : {1, 2, 3, 7, 8, 11, 16})
            for (int n : {8, 16, 24, 40}) {
                const int depth = 37;
                Aligned A(16 * 40), B(40 * 40), C(16 * 40);
                for (size_t i = 0; i < 16 * 40; i++) A.data[i] = wave(i, 0.1);
                for (size_t i = 0; i < 40 * 40; i++) B.data[i] = wave(i, 0.9);
                (*k)->matrix_multiply(m, n, depth, A.data, 39, B.data, 40, C.data, 40);
                for (int i = 0; i < m; i++)
                    for (int j = 0; j < n; j++) {
                        double sum = 0;
                        for (int p = 0; p < depth; p++) sum += A.data[39 * i + p] * B.data[40 * p + j];
                        EXPECT_LE(std::fabs(sum - C.data[40 * i + j]), 1e-13) << (*k)->isa << m << n;
                    }
                for (int i = 0; i < m; i++)
                    for (int j = n; j < 40; j++) EXPECT_EQ(C.data[40 * i + j], 0) << "nothing beyond n is written";
            }
}

} // namespace
