// SPDX-License-Identifier: BSD-3-Clause
// The public functions on descriptors against the descriptors themselves, against differences, and with bad arguments.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "support/structures.hpp"

using namespace testing_support;

namespace
{

const char *const water =
    R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"compression":"mu1nu1"})";

struct Handle {
    mlsoap_descriptor *descriptor = nullptr;
    mlsoap_descriptor_workspace *workspace = nullptr;

    explicit Handle(const std::string &settings)
    {
        mlsoap_error error{};
        if (mlsoap_descriptor_new(settings.c_str(), &descriptor, &error) ||
            mlsoap_descriptor_workspace_new(descriptor, &workspace, &error))
            throw std::runtime_error(error.message);
    }
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;
    ~Handle()
    {
        mlsoap_descriptor_workspace_free(workspace);
        mlsoap_descriptor_free(descriptor);
    }
    size_t n() const { return mlsoap_descriptor_n_features(descriptor); }
};

/* Environments that a test may change. */
struct Environments {
    std::vector<int> centers, first, species;
    std::vector<double> dx, dy, dz;

    explicit Environments(const neighbor_list &list)
        : centers(list.center_species, list.center_species + list.n_centers),
          first(list.first, list.first + list.n_centers + 1), species(list.species, list.species + first.back()),
          dx(list.dx, list.dx + first.back()), dy(list.dy, list.dy + first.back()), dz(list.dz, list.dz + first.back())
    {
    }
    mlsoap_environments view() const
    {
        return {sizeof(mlsoap_environments),
                int(centers.size()),
                centers.data(),
                first.data(),
                species.data(),
                dx.data(),
                dy.data(),
                dz.data()};
    }
    size_t n_pairs() const { return species.size(); }
};

/* More centers than a block holds: 24 atoms. */
Structure many_atoms()
{
    std::vector<int> species;
    for (int i = 0; i < 8; i++) species.insert(species.end(), {1, 8, 6});
    return random_structure(3, species, 7.5);
}

class DescriptorApi : public testing::TestWithParam<const char *>
{
};

TEST_P(DescriptorApi, EqualsTheDescriptor)
{
    Handle h(GetParam());
    auto d = make_descriptor(GetParam());
    Described described(d, many_atoms());
    Environments e(described.list);
    auto view = e.view();
    ASSERT_EQ(h.n(), d->n_features);
    EXPECT_EQ(mlsoap_descriptor_cutoff(h.descriptor), d->r_cut);
    ASSERT_GT(e.centers.size(), size_t(DESCRIPTOR_BLOCK));
    /* One place more than needed, to see that nothing is written beyond. */
    std::vector<double> values(e.centers.size() * h.n() + 1, -7), only(values.size()),
        J(3 * e.n_pairs() * h.n() + 1, -7);
    mlsoap_error error{};
    ASSERT_EQ(mlsoap_describe_environments(h.descriptor, h.workspace, &view, values.data(), J.data(), &error), 0)
        << error.message;
    ASSERT_EQ(mlsoap_describe_environments(h.descriptor, h.workspace, &view, only.data(), nullptr, &error), 0);
    EXPECT_EQ(values.back(), -7);
    EXPECT_EQ(J.back(), -7);
    EXPECT_TRUE(std::equal(only.begin(), only.end() - 1, values.begin()));
    std::vector<double> g(e.centers.size() * h.n()), f(3 * e.n_pairs(), NAN);
    std::mt19937 generator(2);
    std::normal_distribution<double> normal;
    for (double &x : g) x = normal(generator);
    ASSERT_EQ(mlsoap_describe_adjoint(h.descriptor, h.workspace, &view, g.data(), f.data(), &error), 0);
    for (size_t i = 0; i < e.centers.size(); i++) {
        auto jacobian = described.jacobian(i);
        double scale = 0;
        for (double x : jacobian) scale = std::max(scale, std::fabs(x));
        for (size_t k = 0; k < h.n(); k++) EXPECT_EQ(values[i * h.n() + k], described.row(i)[k]);
        for (size_t row = 0; row < jacobian.size() / d->stride; row++) {
            size_t at = 3 * size_t(e.first[i]) + row;
            double sum = 0;
            for (size_t k = 0; k < h.n(); k++) {
                ASSERT_LE(std::fabs(J[at * h.n() + k] - jacobian[row * d->stride + k]), 1e-14 * scale);
                sum += g[i * h.n() + k] * J[at * h.n() + k];
            }
            EXPECT_LE(std::fabs(f[at] - sum), 1e-12 * scale * double(h.n()));
        }
    }
}

TEST_P(DescriptorApi, NeighborsBeyondTheCutoffHaveNoDerivative)
{
    Handle h(GetParam());
    const int oxygen = 8, first[2] = {0, 2}, species[2] = {1, 6};
    const double x[2] = {1, 9}, y[2] = {0.2, 0}, z[2] = {0, 0};
    const mlsoap_environments e{sizeof e, 1, &oxygen, first, species, x, y, z};
    std::vector<double> values(h.n()), J(6 * h.n(), -7);
    ASSERT_EQ(mlsoap_describe_environments(h.descriptor, h.workspace, &e, values.data(), J.data(), nullptr), 0);
    EXPECT_TRUE(std::any_of(J.begin(), J.begin() + long(3 * h.n()), [](double v) { return v != 0; }));
    EXPECT_TRUE(std::all_of(J.begin() + long(3 * h.n()), J.end(), [](double v) { return v == 0; }));
}

TEST_P(DescriptorApi, DerivativesAgainstDifferences)
{
    Handle h(GetParam());
    auto d = make_descriptor(GetParam());
    Described described(d, small_cell());
    Environments e(described.list);
    auto view = e.view();
    std::vector<double> plus(e.centers.size() * h.n()), minus(plus), J(3 * e.n_pairs() * h.n());
    auto values = [&](std::vector<double> &out, double *derivatives) {
        return mlsoap_describe_environments(h.descriptor, h.workspace, &view, out.data(), derivatives, nullptr);
    };
    ASSERT_EQ(values(plus, J.data()), 0);
    size_t i = 2, pair = size_t(e.first[i]) + 1;
    double worst[2] = {0, 0}, scale = 0;
    for (size_t axis = 0; axis < 3; axis++)
        for (int k = 0; k < 2; k++) {
            double h_step = k ? 1e-3 : 2e-3, &x = (axis == 0 ? e.dx : axis == 1 ? e.dy : e.dz)[pair], x0 = x;
            x = x0 + h_step;
            ASSERT_EQ(values(plus, nullptr), 0);
            x = x0 - h_step;
            ASSERT_EQ(values(minus, nullptr), 0);
            x = x0;
            for (size_t f = 0; f < h.n(); f++) {
                double exact = J[(3 * pair + axis) * h.n() + f];
                double error = std::fabs((plus[i * h.n() + f] - minus[i * h.n() + f]) / (2 * h_step) - exact);
                if (error > worst[k] || std::isnan(error)) worst[k] = error;
                scale = std::max(scale, std::fabs(exact));
            }
        }
    EXPECT_GT(scale, 0);
    EXPECT_LE(worst[0], 1e-3 * scale);
    EXPECT_LE(worst[1], worst[0] / 3.5 + 1e-9 * scale);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, DescriptorApi,
    testing::Values(
        water, R"({"type":"soap","species":["H","C","O"],"r_cut":4.2,"n_max":3,"l_max":2,"sigma":0.5})",
        R"({"mode":"quip","species":["O","H","C"],"r_cut":4.0,"n_max":3,"l_max":3,"sigma":0.5})",
        R"({"mode":"dscribe","species":["H","C","O"],"r_cut":3.0,"n_max":9,"l_max":1,"sigma":0.3})",
        R"({"type":"acsf","mode":"dscribe","species":["H","C","O"],"r_cut":4.0,"g2":[[1,0],[2,1]],"g4":[[0.1,1,1]]})"));

TEST(DescriptorApiNames, NameTheFeatures)
{
    Handle h(R"({"species":["O","H"],"r_cut":4,"n_max":2,"l_max":1,"sigma":0.5})");
    char text[64] = "x";
    ASSERT_EQ(h.n(), 20u);
    mlsoap_descriptor_feature_name(h.descriptor, 4, text, sizeof text);
    EXPECT_STREQ(text, "H-H n1 n2 l1");
    mlsoap_descriptor_feature_name(h.descriptor, 4, text, 4);
    EXPECT_STREQ(text, "H-H");
    mlsoap_descriptor_feature_name(h.descriptor, 20, text, sizeof text);
    EXPECT_STREQ(text, "");
}

// An atom on a point in space is what the central atom is to an atom; its derivative (that of the harmonics of degree
// 1) is that of the functions beside the point.
TEST(DescriptorApiCenters, PointsMayCoincideWithAtoms)
{
    for (const char *basis : {"gto", "gaussians", "polynomial"}) {
        std::string settings =
            R"({"species":["H"],"r_cut":4,"n_max":3,"l_max":3,"sigma":0.5,"basis":")" + std::string(basis) + "\"";
        Handle h(settings + R"(,"centers":"midpoint"})"), atoms(settings + "}");
        const int nothing = 0, hydrogen = 1, first[2] = {0, 2}, one[2] = {0, 1}, species[2] = {1, 1};
        double x[2] = {0, 0.3}, y[2] = {0, 0.4}, z[2] = {0, 1};
        mlsoap_environments point{sizeof point, 1, &nothing, first, species, x, y, z};
        mlsoap_environments atom{sizeof atom, 1, &hydrogen, one, species, x + 1, y + 1, z + 1};
        size_t n = h.n();
        std::vector<double> a(n), b(n), J(6 * n), plus(n), minus(n);
        auto values = [&](const Handle &with, const mlsoap_environments &e, std::vector<double> &D, double *dD) {
            return mlsoap_describe_environments(with.descriptor, with.workspace, &e, D.data(), dD, nullptr);
        };
        ASSERT_EQ(values(h, point, a, J.data()), 0);
        ASSERT_EQ(values(atoms, atom, b, nullptr), 0);
        double scale = 0;
        for (double v : b) scale = std::max(scale, std::fabs(v));
        for (size_t f = 0; f < n; f++) EXPECT_LE(std::fabs(a[f] - b[f]), 1e-14 * scale) << basis;
        double *coordinates[3] = {x, y, z};
        for (size_t axis = 0; axis < 3; axis++) {
            const double step = 1e-4;
            *coordinates[axis] = step;
            ASSERT_EQ(values(h, point, plus, nullptr), 0);
            *coordinates[axis] = -step;
            ASSERT_EQ(values(h, point, minus, nullptr), 0);
            *coordinates[axis] = 0;
            for (size_t f = 0; f < n; f++)
                EXPECT_LE(std::fabs((plus[f] - minus[f]) / (2 * step) - J[axis * n + f]), 1e-6 * scale) << basis;
        }
    }
}

TEST(DescriptorApiErrors, Settings)
{
    const struct {
        const char *settings;
        mlsoap_status status;
        const char *words;
    } cases[] = {
        {"{\"species\": [\"Si\"],", MLSOAP_ERROR_FORMAT, "not JSON: line 1"},
        {"[1]", MLSOAP_ERROR_VALUE, "a mapping of keys"},
        {R"({"type":"sonata"})", MLSOAP_ERROR_VALUE, "unknown descriptor 'sonata'"},
        {R"({"species":["Si"],"r_cut":-1,"n_max":4,"l_max":2,"sigma":0.5})", MLSOAP_ERROR_VALUE, "r_cut"},
        {R"({"species":["Si"],"r_cut":0,"n_max":4,"l_max":2,"sigma":0.5})", MLSOAP_ERROR_VALUE, "r_cut"},
        {R"({"species":["Si"],"r_cut":1e9,"n_max":4,"l_max":2,"sigma":0.5})", MLSOAP_ERROR_VALUE, "r_cut"},
        {R"({"species":["Si"],"r_cut":5,"n_max":4,"l_max":21,"sigma":0.5})", MLSOAP_ERROR_VALUE, "l_max"},
        {R"({"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5})", MLSOAP_ERROR_VALUE, "species"},
        {R"({"species":["Si"],"r_cut":5,"n_max":99,"l_max":2,"sigma":0.5})", MLSOAP_ERROR_VALUE, "n_max"},
        {R"({"species":["Si"],"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5,"average":"outer"})", MLSOAP_ERROR_VALUE,
         "average"},
        {R"({"species":["Si"],"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5,"pooling":{"type":"sum"}})", MLSOAP_ERROR_VALUE,
         "pooling"},
    };
    for (const auto &c : cases) {
        mlsoap_error error{};
        mlsoap_descriptor *d = reinterpret_cast<mlsoap_descriptor *>(1);
        EXPECT_EQ(mlsoap_descriptor_new(c.settings, &d, &error), c.status) << c.settings;
        EXPECT_EQ(d, nullptr);
        EXPECT_NE(std::string(error.message).find(c.words), std::string::npos) << error.message;
    }
    EXPECT_EQ(mlsoap_descriptor_new(nullptr, nullptr, nullptr), MLSOAP_ERROR_ARGUMENT);
    EXPECT_EQ(mlsoap_descriptor_workspace_new(nullptr, nullptr, nullptr), MLSOAP_ERROR_ARGUMENT);
    mlsoap_descriptor_free(nullptr);
    mlsoap_descriptor_workspace_free(nullptr);
}

TEST(DescriptorApiErrors, Environments)
{
    Handle h(R"({"species":["H","O"],"centers":["O"],"r_cut":4,"n_max":2,"l_max":1,"sigma":0.5})"), other(water);
    const double x[2] = {1, 1.5}, nan[2] = {1, NAN};
    const int oxygen[2] = {8, 8}, hydrogen[2] = {1, 8}, first[3] = {0, 1, 2}, bad[3] = {0, 2, 1}, helium[2] = {1, 2};
    const mlsoap_environments good{sizeof good, 2, oxygen, first, hydrogen, x, x, x};
    std::vector<double> values(2 * h.n()), f(6);
    auto expect = [&](const mlsoap_environments &e, mlsoap_status status, const char *words) {
        mlsoap_error error{};
        EXPECT_EQ(mlsoap_describe_environments(h.descriptor, h.workspace, &e, values.data(), nullptr, &error), status);
        EXPECT_NE(std::string(error.message).find(words), std::string::npos) << error.message;
        EXPECT_EQ(mlsoap_describe_adjoint(h.descriptor, h.workspace, &e, values.data(), f.data(), &error), status);
    };
    expect(good, MLSOAP_SUCCESS, "");
    auto e = good;
    e.size = 8;
    expect(e, MLSOAP_ERROR_ARGUMENT, "set size to sizeof(mlsoap_environments)");
    e = good;
    e.first = bad;
    expect(e, MLSOAP_ERROR_ARGUMENT, "entry 2 is 1 after 2");
    e = good;
    e.dy = nullptr;
    expect(e, MLSOAP_ERROR_ARGUMENT, "an array of neighbors is NULL");
    e = good;
    e.center_species = hydrogen;
    expect(e, MLSOAP_ERROR_SPECIES, "center 0 has atomic number 1 (H)");
    e = good;
    e.species = helium;
    expect(e, MLSOAP_ERROR_SPECIES, "neighbor 1 has atomic number 2 (He)");
    e = good;
    e.dz = nan;
    expect(e, MLSOAP_ERROR_NUMERICS, "of center 1 is nan");
    const double zero[2] = {0, 0};
    e = good; // an atom on the central atom
    e.dx = e.dy = e.dz = zero;
    expect(e, MLSOAP_ERROR_NUMERICS, "center 0");
    e = good;
    e.n_centers = 0;
    expect(e, MLSOAP_SUCCESS, "");
    mlsoap_error error{};
    EXPECT_EQ(mlsoap_describe_environments(h.descriptor, other.workspace, &good, values.data(), nullptr, &error),
              MLSOAP_ERROR_ARGUMENT);
    EXPECT_NE(std::string(error.message).find("another descriptor"), std::string::npos) << error.message;
    EXPECT_EQ(mlsoap_describe_environments(h.descriptor, h.workspace, &good, nullptr, nullptr, &error),
              MLSOAP_ERROR_ARGUMENT);
    EXPECT_EQ(mlsoap_describe_adjoint(h.descriptor, h.workspace, &good, values.data(), nullptr, &error),
              MLSOAP_ERROR_ARGUMENT);
}

TEST(DescriptorApiErrors, EveryFailingAllocationIsReported)
{
    const int oxygen = 8, first[2] = {0, 1};
    const double x = 1;
    const mlsoap_environments e{sizeof e, 1, &oxygen, first, &oxygen, &x, &x, &x};
    std::vector<double> values(1000);
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status && n < 1000; n++) {
        mlsoap_descriptor *d = nullptr;
        mlsoap_descriptor_workspace *w = nullptr;
        mlsoap_error error{};
        memory_fail_after(n);
        status = mlsoap_descriptor_new(water, &d, &error);
        if (!status) status = mlsoap_descriptor_workspace_new(d, &w, &error);
        if (!status) status = mlsoap_describe_environments(d, w, &e, values.data(), nullptr, &error);
        memory_fail_after(0);
        if (status) {
            EXPECT_EQ(status, MLSOAP_ERROR_MEMORY) << error.message;
        }
        mlsoap_descriptor_workspace_free(w);
        mlsoap_descriptor_free(d);
    }
    EXPECT_EQ(status, MLSOAP_SUCCESS);
}

TEST(DescriptorApiMemory, RepeatedCallsDoNotAllocate)
{
    Handle h(water);
    auto d = make_descriptor(water);
    Described described(d, many_atoms());
    Environments e(described.list);
    auto view = e.view();
    std::vector<double> values(e.centers.size() * h.n()), J(3 * e.n_pairs() * h.n());
    auto call = [&] {
        return mlsoap_describe_environments(h.descriptor, h.workspace, &view, values.data(), J.data(), nullptr);
    };
    ASSERT_EQ(call(), 0);
    unsigned long before = memory_n_allocations();
    ASSERT_EQ(call(), 0);
    EXPECT_EQ(memory_n_allocations(), before);
}

} // namespace
