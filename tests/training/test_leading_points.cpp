// SPDX-License-Identifier: BSD-3-Clause
// Leading points (training/solvers/leading_points.c): a form of low rank comes back exactly, ranks leave out what they
// say, and a fitted potential does the same with them, its uncertainty to the last bit.
#include "training_fixtures.hpp"

extern "C" {
#include "app/predict.h"
#include "solvers/leading_points.h"
}

namespace
{

constexpr size_t STRIDE = 40, N_FEATURES = 37;
const sparse_gp_settings square = {2, 1, 0, 1};

/* Points of unit length near a subspace of this dimension, out of it by `out`. */
struct Points {
    std::vector<double> x, alpha;
    size_t n;

    /* Like none of them, as an atom alone is. */
    const double *isolated() const { return &x[n * STRIDE]; }

    Points(size_t n_points, size_t dimension, double out) : x((n_points + 1) * STRIDE), alpha(n_points), n(n_points)
    {
        std::mt19937_64 engine(5);
        std::normal_distribution<double> normal;
        std::vector<double> basis(dimension * STRIDE);
        for (size_t k = 0; k < dimension; k++)
            for (size_t f = 0; f < N_FEATURES; f++) basis[k * STRIDE + f] = normal(engine);
        for (size_t s = 0; s <= n; s++) {
            double *row = &x[s * STRIDE], squares = 0;
            for (size_t k = 0; k < dimension && s < n; k++) {
                double c = normal(engine);
                for (size_t f = 0; f < STRIDE; f++) row[f] += c * basis[k * STRIDE + f];
            }
            for (size_t f = 0; f < N_FEATURES; f++) row[f] += (s < n ? out : 1) * normal(engine);
            for (size_t f = 0; f < STRIDE; f++) squares += row[f] * row[f];
            for (size_t f = 0; f < STRIDE; f++) row[f] /= std::sqrt(squares);
            if (s < n) alpha[s] = 10 * normal(engine);
        }
    }
};

double energy(size_t n, const double *points, const double *alpha, const double *x)
{
    double sum = 0;
    for (size_t s = 0; s < n; s++) {
        double t = 0;
        for (size_t f = 0; f < STRIDE; f++) t += x[f] * points[s * STRIDE + f];
        sum += alpha[s] * t * t;
    }
    return sum;
}

/* Root of the mean squared difference of the energies of the points, and of the energies. */
void compare(const Points &p, const leading_points &l, double *difference, double *size)
{
    *difference = *size = 0;
    for (size_t s = 0; s < p.n; s++) {
        double e = energy(p.n, p.x.data(), p.alpha.data(), &p.x[s * STRIDE]);
        *difference += std::pow(energy(l.n, l.points, l.alpha, &p.x[s * STRIDE]) - e, 2) / double(p.n);
        *size += e * e / double(p.n);
    }
    *difference = std::sqrt(*difference);
    *size = std::sqrt(*size);
}

TEST(LeadingPoints, FormOfLowRankComesBack)
{
    const Points p(60, 5, 0);
    leading_points l;
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, leading_points_find(&square, p.n, STRIDE, p.x.data(), p.alpha.data(), p.isolated(),
                                                  LEADING_POINTS_AUTO, &l, &error));
    EXPECT_EQ(l.n, 8u) << "5, in groups of 8";
    EXPECT_LE(l.left_out, 1e-12);
    double difference, size;
    compare(p, l, &difference, &size);
    EXPECT_LE(difference, 1e-12 * size);
    for (size_t k = 0; k < l.n; k++) {
        double squares = 0;
        for (size_t f = 0; f < STRIDE; f++) squares += std::pow(l.points[k * STRIDE + f], 2);
        EXPECT_NEAR(squares, 1, 1e-12);
        for (size_t f = N_FEATURES; f < STRIDE; f++) EXPECT_EQ(l.points[k * STRIDE + f], 0) << "padding";
        EXPECT_TRUE(k == 0 || std::isfinite(l.alpha[k]));
    }
    leading_points_release(&l);
}

TEST(LeadingPoints, RankLeavesOutWhatItSays)
{
    const Points p(60, 6, 1e-2);
    double before = 1e300;
    for (size_t rank : {2, 4, 6, 12, 24, 37}) {
        leading_points l;
        ASSERT_EQ(MLSOAP_SUCCESS, leading_points_find(&square, p.n, STRIDE, p.x.data(), p.alpha.data(), p.isolated(),
                                                      rank, &l, nullptr));
        ASSERT_EQ(l.n, rank);
        double difference, size;
        compare(p, l, &difference, &size);
        EXPECT_LE(difference, 10 * l.left_out * size + 1e-12 * size) << rank;
        double alone = energy(p.n, p.x.data(), p.alpha.data(), p.isolated());
        EXPECT_NEAR(energy(l.n, l.points, l.alpha, p.isolated()), alone, 10 * l.left_out * size + 1e-12 * size) << rank;
        EXPECT_LT(l.left_out, before);
        before = l.left_out;
        leading_points_release(&l);
    }
    EXPECT_LE(before, 1e-14) << "all features";
}

TEST(LeadingPoints, PointsAreKeptWhereTheyAreBetter)
{
    auto found = [](const sparse_gp_settings &s, const Points &p, size_t rank) {
        leading_points l;
        EXPECT_EQ(MLSOAP_SUCCESS,
                  leading_points_find(&s, p.n, STRIDE, p.x.data(), p.alpha.data(), p.isolated(), rank, &l, nullptr));
        size_t n = l.n;
        leading_points_release(&l);
        return n;
    };
    const Points low(60, 5, 0), high(60, 37, 0), few(6, 6, 0);
    EXPECT_EQ(found(square, low, LEADING_POINTS_AUTO), 8u);
    EXPECT_EQ(found({4, 1, 0, 1}, low, LEADING_POINTS_AUTO), 0u) << "no quadratic form";
    EXPECT_EQ(found({2, 1, 0.5, 1}, low, LEADING_POINTS_AUTO), 0u) << "a linear term too";
    EXPECT_EQ(found(square, high, LEADING_POINTS_AUTO), 0u) << "more than half of the features";
    EXPECT_EQ(found(square, few, LEADING_POINTS_AUTO), 0u) << "no fewer than there are";
    EXPECT_EQ(found(square, low, LEADING_POINTS_NONE), 0u);
    EXPECT_EQ(found(square, low, 60), 0u);
    EXPECT_EQ(found(square, low, 3), 3u);
}

TEST(LeadingPoints, NoMemory)
{
    const Points p(60, 5, 0);
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status == MLSOAP_ERROR_MEMORY; n++) {
        leading_points l;
        memory_fail_after(n);
        status = leading_points_find(&square, p.n, STRIDE, p.x.data(), p.alpha.data(), p.isolated(), 4, &l, nullptr);
        memory_fail_after(0);
        leading_points_release(&l);
    }
    EXPECT_EQ(status, MLSOAP_SUCCESS);
}

/* The same fit with all its points and with leading ones. */
TEST(LeadingPoints, FittedPotentialDoesTheSame)
{
    const char *const soap = R"({"r_cut": 4.5, "n_max": 4, "l_max": 3, "sigma": 0.5})";
    const struct {
        const char *n_sparse, *rank;
        size_t n_stored; // with 10 of the uncertainty
        double tolerance;
    } cases[] = {{"model.n_sparse=70", "model.rank=full", 70, 0},
                 {"model.n_sparse=70", "model.rank=32", 42, 1e-4},
                 {"model.n_sparse=30", "model.rank=full", 30, 0},
                 {"model.n_sparse=30", "model.rank=28", 38, 1e-2}}; // more than there were
    std::vector<double> forces[4], uncertainties[4];
    for (int k = 0; k < 4; k++) {
        training_fixture t;
        mlsoap_error error{};
        add_random_frames(t.data.train, 12, 8, {14}, 3);
        for (size_t c = 0; c < t.data.train.n_frames; c++) {
            frame &f = t.data.train.frames[c];
            f.has_energy = true;
            f.energy = -40 + 0.1 * double(c);
            set_forces(f, 0.1 * double(c));
        }
        t.begin(soap, {cases[k].n_sparse, "model.noise=0.1", "loss.energy=1", cases[k].rank}, {14}, {-5});
        t.problem.n_uncertainty = 10;
        mlsoap_potential *p = t.potential(FIT_FINAL);
        ASSERT_NE(p, nullptr);
        EXPECT_EQ(tensor_find(&p->tensors, "terms.0.Si.sparse_points")->shape[0], cases[k].n_stored);
        ASSERT_EQ(MLSOAP_SUCCESS, predict_frames(p, &t.data.train, nullptr, &error)) << error.message;
        for (size_t c = 0; c < t.data.train.n_frames; c++) {
            const frame &f = t.data.train.frames[c];
            forces[k].push_back(f.predicted_energy);
            for (size_t i = 0; i < 3 * f.structure.n_atoms; i++) forces[k].push_back(f.predicted_forces[i / 3][i % 3]);
            for (size_t i = 0; i < f.structure.n_atoms; i++) uncertainties[k].push_back(f.predicted_uncertainty[i][0]);
        }
        mlsoap_potential_free(p);
    }
    for (int k = 1; k < 4; k += 2) {
        for (size_t i = 0; i < forces[k].size(); i++)
            EXPECT_NEAR(forces[k - 1][i], forces[k][i], cases[k].tolerance) << i;
        EXPECT_EQ(uncertainties[k - 1], uncertainties[k]) << "its points stay";
    }
}

} // namespace
