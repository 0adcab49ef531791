// SPDX-License-Identifier: BSD-3-Clause
// Batches of triples that values keep for the derivatives: a block that does not fit gives, to the last bit, what its
// centers give one by one, where they fit; and long rows of neighbors.
#include <gtest/gtest.h>

#include "support/acsf_oracle.hpp"
#include "support/structures.hpp"

extern "C" {
#include "descriptors/acsf/acsf.h"
}

using namespace testing_support;

namespace
{

const char *const settings =
    R"({"type":"acsf","mode":"runner","species":["H","O"],"functions":["* 2 H 0.2 1 6.5","* 2 O 0.1 0 6",
    "* 3 H H 0.01 1 1 6.5","* 3 H O 0.01 -1 4 6.5","* 3 O O 0.02 1 16 6.5","* 3 H O 0.05 -1 2 6",
    "* 9 H H 0.02 1 2 6.5","* 9 H O 0.02 -1 3 5"]})";

/** Simple cubic, 2.6 Angstrom, disordered: 16 atoms with some 65 neighbors each. */
Structure dense_cell()
{
    Structure s;
    std::mt19937 generator(3);
    std::uniform_real_distribution<double> displacement(-0.3, 0.3);
    s.pbc = {1, 1, 1};
    const int n[3] = {4, 2, 2};
    for (size_t k = 0; k < 3; k++) s.cell[k][k] = 2.6 * n[k];
    for (int i = 0; i < 16; i++) {
        s.species.push_back(i % 3 ? 1 : 8);
        s.positions.push_back({2.6 * (i % 4) + displacement(generator), 2.6 * (i / 4 % 2) + displacement(generator),
                               2.6 * (i / 8) + displacement(generator)});
    }
    return s;
}

/** Values, adjoint, tangent and Jacobian of the last center, for blocks of `size` centers. */
struct Results {
    std::vector<double> D, adjoint, tangent, jacobian;
    int n_kept = 0, n_not_kept = 0; // centers

    Results(int size, const kernels *table)
    {
        auto d = make_descriptor(settings);
        reinterpret_cast<acsf *>(d.get())->kernels = table;
        Structure s = dense_cell();
        Described described(d, s);
        const neighbor_list &list = described.list;
        descriptor_workspace *w = nullptr;
        if (d->class_->workspace_new(d.get(), &w, nullptr) ||
            d->class_->workspace_reserve(d.get(), w, described.n_pairs(), nullptr))
            throw std::bad_alloc();
        std::shared_ptr<double> rows(MEMORY_NEW(double, 16 * d->stride), memory_free);
        std::vector<double> v(3 * described.n_pairs());
        for (size_t i = 0; i < v.size(); i++) v[i] = std::sin(double(i));
        for (int i = 0; i < 16; i += size) {
            std::vector<int> first;
            for (int k = 0; k <= size; k++) first.push_back(list.first[i + k] - list.first[i]);
            int o = list.first[i], n = first.back();
            mlsoap_environments block = {
                sizeof block, size,       list.center_species + i, first.data(), list.species + o, list.dx + o,
                list.dy + o,  list.dz + o};
            std::vector<double> f(3 * size_t(n));
            d->class_->values(d.get(), w, &block, rows.get(), d->stride);
            append(D, rows.get(), size_t(size) * d->stride);
            for (int k = 0; k < size; k++) (w->centers[k].n_kept < 0 ? n_not_kept : n_kept)++;
            for (size_t k = 0; k < size_t(size) * d->stride; k++) rows.get()[k] = std::cos(double(k % d->stride));
            d->class_->adjoint(d.get(), w, &block, rows.get(), d->stride, f.data());
            append(adjoint, f.data(), f.size());
            d->class_->tangent(d.get(), w, &block, v.data() + 3 * o, rows.get(), d->stride);
            append(tangent, rows.get(), size_t(size) * d->stride);
            int n_last = first[size_t(size)] - first[size_t(size) - 1];
            jacobian.assign(3 * size_t(n_last) * d->stride, 0);
            d->class_->jacobian(d.get(), w, &block, size - 1, jacobian.data(), d->stride);
        }
        d->class_->workspace_free(w);
    }

  private:
    static void append(std::vector<double> &to, const double *from, size_t n) { to.insert(to.end(), from, from + n); }
};

TEST(AcsfMemory, BlocksThatDoNotFit)
{
    for (const kernels *const *table = kernels_available(); *table; table++) {
        SCOPED_TRACE((*table)->isa);
        Results one(1, *table), all(16, *table);
        EXPECT_EQ(one.n_not_kept, 0);
        EXPECT_GT(all.n_kept, 0);
        EXPECT_GT(all.n_not_kept, 0);
        EXPECT_EQ(one.D, all.D);
        EXPECT_EQ(one.adjoint, all.adjoint);
        EXPECT_EQ(one.tangent, all.tangent);
        EXPECT_EQ(one.jacobian, all.jacobian);
        for (double x : all.adjoint) ASSERT_TRUE(std::isfinite(x));
    }
}

// More neighbors of one element than are searched for near pairs at a time: the search stops within a row.
TEST(AcsfMemory, LongRows)
{
    const std::vector<std::string> lines = {"* 3 H H 0.01 1 2 13", "* 9 H H 0.02 -1 1 13", "* 9 H O 0.01 1 4 13"};
    for (const kernels *const *table = kernels_available(); *table; table++) {
        SCOPED_TRACE((*table)->isa);
        auto d = make_descriptor(acsf_runner(lines, 1, 0, ""));
        reinterpret_cast<acsf *>(d.get())->kernels = *table;
        Described described(d, dense_cell());
        long n_hydrogen = std::count(described.list.species, described.list.species + described.list.first[1], 1);
        EXPECT_GT(n_hydrogen, ACSF_PIECE);
        for (const std::string &line : lines) {
            double expected = AcsfOracle(line, 1, 0)(described.list, 0), nearest = INFINITY;
            for (size_t f = 0; f < d->n_features; f++)
                nearest = std::min(nearest, std::fabs(described.row(0)[f] - expected));
            EXPECT_GT(expected, 0);
            EXPECT_LE(nearest, 1e-11 * expected) << line;
        }
    }
}

// Atoms on top of each other give no finite numbers; the next center on the same workspace does.
TEST(AcsfMemory, OverflowLeavesNoTrace)
{
    auto d = make_descriptor(settings);
    descriptor_workspace *w = nullptr;
    ASSERT_EQ(MLSOAP_SUCCESS, d->class_->workspace_new(d.get(), &w, nullptr));
    ASSERT_EQ(MLSOAP_SUCCESS, d->class_->workspace_reserve(d.get(), w, 2, nullptr));
    const int center = 1, first[] = {0, 2}, species[] = {1, 1};
    auto features = [&](double size) {
        const double dx[] = {size, 0}, dy[] = {0, size}, dz[] = {0, 0};
        mlsoap_environments block = {sizeof block, 1, &center, first, species, dx, dy, dz};
        std::shared_ptr<double> row(MEMORY_NEW(double, d->stride), memory_free);
        d->class_->values(d.get(), w, &block, row.get(), d->stride);
        return std::vector<double>(row.get(), row.get() + d->stride);
    };
    const std::vector<double> before = features(1.5), broken = features(1e-155), after = features(1.5);
    EXPECT_FALSE(std::all_of(broken.begin(), broken.end(), [](double x) { return std::isfinite(x); }));
    EXPECT_EQ(before, after);
    d->class_->workspace_free(w);
}

} // namespace
