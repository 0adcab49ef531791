// SPDX-License-Identifier: BSD-3-Clause
// The fit of a sparse GP: rows against differences, against a dense least-squares solution, recovery of a known
// potential, the dimer, and the same bits for any number of threads.
#include "dense_fit.hpp"
#include "training_fixtures.hpp"

#include <omp.h>

extern "C" {
#include "solvers/kernel_triangles.h"
}

namespace
{

const char *const SOAP = R"({"r_cut": 3.5, "n_max": 4, "l_max": 3, "sigma": 0.5})";
const char *const MIDPOINT = R"({"r_cut": 5, "n_max": 3, "l_max": 0, "sigma": 0.5, "basis": "gto",
                                 "centers": "midpoint", "cutoff": {"function": "cosine"}})";

std::vector<double> energy_row(kernel_rows &rows, const structure &s)
{
    mlsoap_error error{};
    EXPECT_EQ(MLSOAP_SUCCESS, kernel_rows_fill(&rows, &s, false, &error)) << error.message;
    return {rows.energy, rows.energy + rows.row_size};
}

// Rows of forces and virials are the derivatives of the row of energies.
void expect_rows_are_derivatives(training_fixture &t, sparse_gp_settings settings)
{
    kernel_basis basis = make_basis(t, settings, 5);
    kernel_rows rows;
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, kernel_rows_new(&rows, &basis, &error));
    structure s{};
    ASSERT_EQ(MLSOAP_SUCCESS, structure_copy(&t.data.train.frames[0].structure, &s, &error));
    ASSERT_EQ(MLSOAP_SUCCESS, kernel_rows_fill(&rows, &s, true, &error)) << error.message;
    size_t n = rows.row_size;
    std::vector<double> forces(rows.forces, rows.forces + 3 * s.n_atoms * n), virial(rows.virial, rows.virial + 6 * n);
    const double h = 1e-4;
    double scale = 0;
    for (double x : forces) scale = std::max(scale, std::fabs(x));
    for (size_t i = 0; i < s.n_atoms; i++)
        for (size_t a = 0; a < 3; a++) {
            double x = s.positions[i][a];
            s.positions[i][a] = x + h;
            auto up = energy_row(rows, s);
            s.positions[i][a] = x - h;
            auto down = energy_row(rows, s);
            s.positions[i][a] = x;
            for (size_t k = 0; k + 1 < n; k++)
                EXPECT_LE(std::fabs(forces[(3 * i + a) * n + k] + (up[k] - down[k]) / (2 * h)), 1e-6 * (1 + scale));
        }
    const int a[6] = {0, 1, 2, 0, 0, 1}, b[6] = {0, 1, 2, 1, 2, 2};
    for (int c = 0; c < 6; c++) {
        std::vector<double> sides[2];
        for (int sign = 0; sign < 2; sign++) {
            structure strained{};
            ASSERT_EQ(MLSOAP_SUCCESS, structure_copy(&s, &strained, &error));
            double e = (sign ? -1 : 1) * 1e-5; // symmetric strain: half of it to each triangle
            for (size_t i = 0; i < s.n_atoms; i++) {
                strained.positions[i][a[c]] += e * s.positions[i][b[c]];
                strained.positions[i][b[c]] += e * s.positions[i][a[c]];
            }
            for (int k = 0; k < 3; k++) {
                strained.cell[k][a[c]] += e * s.cell[k][b[c]];
                strained.cell[k][b[c]] += e * s.cell[k][a[c]];
            }
            sides[sign] = energy_row(rows, strained);
            structure_release(&strained);
        }
        for (size_t k = 0; k + 1 < n; k++)
            EXPECT_LE(std::fabs(virial[(size_t)c * n + k] + (sides[0][k] - sides[1][k]) / 4e-5), 1e-6 * (1 + scale))
                << "component " << c;
    }
    structure_release(&s);
    kernel_rows_release(&rows);
    kernel_basis_release(&basis);
}

void set_dimer(frame_set &set, const std::vector<int> &index)
{
    const double sigma = 2.9, rc = 3 * sigma;
    auto e = [&](double x) { return 4 * (std::pow(sigma / x, 12) - std::pow(sigma / x, 6)); };
    for (int i : index) {
        double r = 2.5 + 2.5 * i / 199.0;
        frame f = make_frame({{1, -r / 2, 0, 0}, {1, r / 2, 0, 0}});
        f.has_energy = true;
        f.energy = e(r) - e(rc);
        set_forces(f);
        f.forces[1][0] = 4 * (12 * std::pow(sigma / r, 12) - 6 * std::pow(sigma / r, 6)) / r;
        f.forces[0][0] = -f.forces[1][0];
        add_frame(set, f);
    }
}

// Frames labeled by a GP of the same form with its own points.
void set_labeled(training_fixture &t, size_t n_frames, const std::vector<std::string> &keys)
{
    training_fixture truth;
    add_random_frames(truth.data.train, n_frames, 6, {14, 6}, 21);
    for (size_t c = 0; c < n_frames; c++) {
        frame &f = truth.data.train.frames[c];
        std::mt19937_64 engine(c);
        std::normal_distribution<double> normal;
        f.has_energy = f.has_virial = true;
        f.energy = -30 + normal(engine);
        set_forces(f);
        for (size_t i = 0; i < f.structure.n_atoms; i++)
            for (int a = 0; a < 3; a++) f.forces[i][a] = normal(engine);
        for (double &v : f.virial) v = normal(engine);
    }
    truth.begin(SOAP, {"model.n_sparse=8", "model.noise=0.001"}, {6, 14}, {-5, -5});
    mlsoap_potential *p = truth.potential(FIT_FINAL);
    add_random_frames(t.data.train, n_frames, 6, {14, 6}, 21);
    label(t.data.train, p);
    mlsoap_potential_free(p);
    t.begin(SOAP, keys, {6, 14}, {-5, -5});
}

// A linear potential is recovered from its own labels.
TEST(LinearFit, RecoversALinearPotential)
{
    for (const char *normalized : {"true", "false"}) {
        training_fixture teacher, t;
        const std::string key = std::string("model.normalized=") + normalized;
        const char *const small = R"({"r_cut":3.5,"n_max":2,"l_max":1,"sigma":0.5})";
        add_random_frames(teacher.data.train, 3, 6, {14, 6}, 11);
        for (size_t c = 0; c < 3; c++) {
            set_forces(teacher.data.train.frames[c], 1.0 + double(c));
            teacher.data.train.frames[c].has_energy = true;
            teacher.data.train.frames[c].energy = -double(c);
        }
        mlsoap_error error{};
        auto potential = [&](training_fixture &x) {
            fit_result result{};
            mlsoap_potential *p = nullptr;
            EXPECT_EQ(MLSOAP_SUCCESS, fit_method_find("linear")->create(&x.problem, &x.f, &error)) << error.message;
            EXPECT_EQ(MLSOAP_SUCCESS, x.f->method->prepare(x.f, &error)) << error.message;
            EXPECT_EQ(MLSOAP_SUCCESS, x.f->method->solve(x.f, FIT_FINAL, &result, &error)) << error.message;
            EXPECT_EQ(MLSOAP_SUCCESS, train_potential(&x.problem, &result, &p, &error)) << error.message;
            fit_result_release(&result);
            return p;
        };
        teacher.begin(small, {"model.type=linear", key, "data.validation=0", "loss.energy=1", "model.noise=0.01"},
                      {6, 14}, {0, 0});
        mlsoap_potential *truth = potential(teacher);
        add_random_frames(t.data.train, 12, 6, {14, 6}, 5);
        label(t.data.train, truth);
        t.begin(small, {"model.type=linear", key, "data.validation=0", "loss.energy=1", "model.noise=1e-9"}, {6, 14},
                {0, 0});
        mlsoap_potential *found = potential(t);
        mlsoap_workspace *w = nullptr;
        ASSERT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(found, &w, &error));
        for (size_t c = 0; c < t.data.train.n_frames; c++) {
            const frame &f = t.data.train.frames[c];
            double energy, forces[6][3];
            ASSERT_EQ(MLSOAP_SUCCESS,
                      potential_evaluate(found, w, &f.structure, &energy, nullptr, forces, nullptr, &error));
            EXPECT_NEAR(energy, f.energy, 1e-6 * std::max(1.0, std::fabs(f.energy)));
            for (int k = 0; k < 18; k++) EXPECT_NEAR(forces[k / 3][k % 3], f.forces[k / 3][k % 3], 1e-6);
        }
        mlsoap_workspace_free(w);
        mlsoap_potential_free(found);
        mlsoap_potential_free(truth);
    }
}

} // namespace

TEST(KernelRows, AreDerivativesOfTheEnergy)
{
    training_fixture t;
    add_random_frames(t.data.train, 2, 5, {14, 6}, 11, 5.0);
    t.begin(SOAP, {}, {6, 14}, {0, 0});
    expect_rows_are_derivatives(t, {2, 1, 0, 1});
    expect_rows_are_derivatives(t, {3, 0, 0.5, 1.5});
    expect_rows_are_derivatives(t, {1, 1, 0.3, 1});
}

TEST(KernelRows, SmallCellWithImagesOfItself)
{
    training_fixture t;
    add_random_frames(t.data.train, 2, 2, {14}, 11, 2.6);
    t.begin(SOAP, {}, {14}, {0});
    expect_rows_are_derivatives(t, {2, 1, 0, 1});
}

TEST(KernelRows, MidpointMovesWithTheAtoms)
{
    training_fixture t;
    add_frame(t.data.train, make_frame({{1, 0.3, 0, 0}, {1, 2, 1, 0.2}, {1, -1, 1.5, 1}}));
    t.begin(MIDPOINT, {}, {1}, {0});
    expect_rows_are_derivatives(t, {4, 0, 2.0, 1});
    EXPECT_EQ(0, t.features.centers_are_atoms);
    EXPECT_EQ(1, t.features.centers_are_midpoints);
}

TEST(KernelRows, FixedPointsStay)
{
    training_fixture t;
    add_frame(t.data.train, make_frame({{1, 0.3, 0, 0}, {1, 2, 1, 0.2}, {1, -1, 1.5, 1}}));
    t.begin(R"({"r_cut": 5, "n_max": 3, "l_max": 2, "sigma": 0.5, "centers": [[0.5, 0.5, 0.5], [1, 0, 1]]})", {}, {1},
            {0});
    kernel_basis basis = make_basis(t, {2, 1, 0, 1}, 5);
    EXPECT_EQ(2u, basis.terms[0].n_points[0]);
    kernel_basis_release(&basis);
    // the forces of fixed points are derivatives too
    expect_rows_are_derivatives(t, {2, 1, 0, 1});
}

TEST(KernelRows, AnIsolatedAtomHasNoEnergy)
{
    training_fixture t;
    add_random_frames(t.data.train, 2, 4, {14}, 3);
    add_frame(t.data.train, make_frame({{14, 0, 0, 0}}));
    t.begin(SOAP, {}, {14}, {0});
    kernel_basis basis = make_basis(t, {2, 1, 0, 1}, 5);
    kernel_rows rows;
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, kernel_rows_new(&rows, &basis, &error));
    for (double k : energy_row(rows, t.data.train.frames[2].structure)) EXPECT_LE(std::fabs(k), 1e-15);
    kernel_rows_release(&rows);
    kernel_basis_release(&basis);
}

TEST(KernelTriangles, EqualTheSumOfAllRows)
{
    training_fixture t;
    set_labeled(t, 40, {"data.validation=0.25"});
    kernel_basis basis = make_basis(t, {2, 1, 0, 1}, 6);
    triangle_problem problem{};
    problem.basis = &basis;
    problem.frames[0] = t.data.fit;
    problem.frames[1] = t.data.validation;
    problem.n_frames[0] = t.data.n_fit;
    problem.n_frames[1] = t.data.n_validation;
    problem.sets[0] = problem.sets[1] = &t.data.train;
    problem.elements = t.elements.data();
    problem.n_elements = 2;
    problem.offsets = t.offsets.data();
    regression r{}, again{};
    mlsoap_error error{};
    omp_set_num_threads(1);
    ASSERT_EQ(MLSOAP_SUCCESS, kernel_triangles(&problem, nullptr, &r, &error)) << error.message;
    omp_set_num_threads(3);
    ASSERT_EQ(MLSOAP_SUCCESS, kernel_triangles(&problem, nullptr, &again, &error)) << error.message;
    kernel_rows rows;
    ASSERT_EQ(MLSOAP_SUCCESS, kernel_rows_new(&rows, &basis, &error));
    size_t n = rows.row_size;
    std::vector<double> gram(n * n, 0);
    for (size_t c = 0; c < t.data.n_fit; c++) {
        const frame *f = t.data.fit[c].source;
        ASSERT_EQ(MLSOAP_SUCCESS, kernel_rows_fill(&rows, &f->structure, true, &error));
        for (size_t i = 0; i < 3 * f->structure.n_atoms; i++) {
            double *row = rows.forces + i * n;
            row[n - 1] = f->forces[i / 3][i % 3];
            for (size_t a = 0; a < n; a++)
                for (size_t b = 0; b < n; b++) gram[a * n + b] += row[a] * row[b];
        }
    }
    double scale = 0;
    for (double g : gram) scale = std::max(scale, std::fabs(g));
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++) sum += r.fit.R[TARGET_FORCES][a * n + k] * r.fit.R[TARGET_FORCES][b * n + k];
            EXPECT_LE(std::fabs(sum - gram[a * n + b]), 1e-12 * scale);
        }
    EXPECT_EQ(3 * 6 * t.data.n_fit, r.fit.n_rows[TARGET_FORCES]);
    for (int k = 0; k < N_FRAME_TARGETS; k++) {
        EXPECT_EQ(0, std::memcmp(r.fit.R[k], again.fit.R[k], n * n * sizeof(double)));
        EXPECT_EQ(0, std::memcmp(r.validation.R[k], again.validation.R[k], n * n * sizeof(double)));
    }
    kernel_rows_release(&rows);
    regression_release(&r);
    regression_release(&again);
    kernel_basis_release(&basis);
}

TEST(KernelTriangles, ErrorsNameTheFrame)
{
    training_fixture t;
    set_labeled(t, 6, {});
    t.data.train.frames[4].structure.positions[1][0] = t.data.train.frames[4].structure.positions[0][0];
    t.data.train.frames[4].structure.positions[1][1] = t.data.train.frames[4].structure.positions[0][1];
    t.data.train.frames[4].structure.positions[1][2] = t.data.train.frames[4].structure.positions[0][2];
    mlsoap_error error{};
    fit *f = nullptr;
    EXPECT_NE(MLSOAP_SUCCESS, fit_method_find("sparse_gp")->create(&t.problem, &f, &error));
    EXPECT_NE(nullptr, std::strstr(error.message, "memory.xyz: frame 4 (line 41)")) << error.message;
}

TEST(SparseGpFit, EqualsDenseLeastSquaresUnderTheLoss)
{
    training_fixture t;
    set_labeled(t, 12,
                {"model.n_sparse=8", "model.noise=0.01", "loss.energy=3", "loss.virial=0.5", "model.jitter=1e-6",
                 "loss.config_type.random.forces=2"});
    t.data.fit[0].weight[TARGET_ENERGY] = 2; // weights per frame
    t.data.fit[1].weight[TARGET_VIRIAL] = 3;
    t.data.fit[2].weight[TARGET_FORCES] = 0.5;
    expect_equals_dense(t, 8, false);
}

TEST(SparseGpFit, EqualsDenseLeastSquaresWithGivenSigmas)
{
    training_fixture t;
    set_labeled(t, 12,
                {"model.n_sparse=8", "model.sigma={energy: 0.002, forces: 0.05, virial: 0.1}", "model.jitter=1e-6"});
    expect_equals_dense(t, 8, true);
}

TEST(SparseGpFit, RecoversAKnownPotential)
{
    training_fixture t;
    set_labeled(t, 30, {"model.n_sparse=8", "model.jitter=1e-12"});
    mlsoap_potential *p = t.potential(FIT_FINAL);
    mlsoap_workspace *w = nullptr;
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(p, &w, &error));
    double largest = 0, worst = 0, energy, virial[6];
    for (size_t c = 0; c < t.data.train.n_frames; c++) {
        const frame &f = t.data.train.frames[c];
        std::vector<double> forces(3 * f.structure.n_atoms);
        ASSERT_EQ(MLSOAP_SUCCESS, potential_evaluate(p, w, &f.structure, &energy, nullptr, (double(*)[3])forces.data(),
                                                     virial, &error));
        for (size_t i = 0; i < forces.size(); i++) {
            largest = std::max(largest, std::fabs(f.forces[i / 3][i % 3]));
            worst = std::max(worst, std::fabs(forces[i] - f.forces[i / 3][i % 3]));
        }
        EXPECT_LE(std::fabs(energy - f.energy), 1e-4 * (1 + largest));
    }
    EXPECT_LE(worst, 1e-4 * largest);
    mlsoap_workspace_free(w);
    mlsoap_potential_free(p);
}

TEST(SparseGpFit, SameIdentityForAnyNumberOfThreads)
{
    std::string identity[2];
    for (int k = 0; k < 2; k++) {
        training_fixture t;
        omp_set_num_threads(k == 0 ? 1 : 4);
        set_labeled(t, 20, {"model.n_sparse=8"});
        mlsoap_potential *p = t.potential(FIT_FINAL);
        identity[k] = mlsoap_potential_identity(p);
        mlsoap_potential_free(p);
    }
    EXPECT_EQ(identity[0], identity[1]);
}

TEST(SparseGpFit, StagesSeeWhatTheyShould)
{
    training_fixture t;
    set_labeled(t, 20, {"model.n_sparse=8", "data.validation=0.3"});
    std::string identity[2];
    for (fit_stage stage : {FIT_VALIDATION, FIT_FINAL}) {
        mlsoap_potential *p = t.potential(stage);
        identity[stage] = mlsoap_potential_identity(p);
        mlsoap_potential_free(p);
    }
    EXPECT_NE(identity[0], identity[1]);
}

TEST(SparseGpFit, DimerBelowATenthOfAMillielectronvolt)
{
    training_fixture t;
    set_dimer(t.data.train, {0,   6,   13,  20,  27,  34,  41,  48,  54,  61,  68,  75,  82,  89,  96,
                             102, 109, 116, 123, 130, 137, 144, 150, 157, 164, 171, 178, 185, 192, 199});
    t.begin(MIDPOINT, {"model.zeta=8", "model.normalized=false", "model.constant=auto", "model.jitter=1e-14"}, {1},
            {-1.0});
    mlsoap_potential *p = t.potential(FIT_FINAL);
    frame_set all{};
    std::vector<int> index;
    for (int i = 0; i < 200; i++) index.push_back(i);
    set_dimer(all, index);
    mlsoap_workspace *w = nullptr;
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(p, &w, &error));
    double sum = 0, energy;
    for (size_t c = 0; c < all.n_frames; c++) {
        ASSERT_EQ(MLSOAP_SUCCESS,
                  potential_evaluate(p, w, &all.frames[c].structure, &energy, nullptr, nullptr, nullptr, &error));
        sum += std::fabs(energy - all.frames[c].energy);
    }
    EXPECT_LE(sum / 200, 1e-4); // eV
    mlsoap_workspace_free(w);
    mlsoap_potential_free(p);
    frame_set_release(&all);
}

TEST(SparseGpFit, RefusesWhatDoesNotFitIntoMemory)
{
    training_fixture t;
    set_labeled(t, 6, {"model.n_sparse=8"});
    t.problem.memory = 1 << 20;
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, fit_method_find("sparse_gp")->create(&t.problem, &t.f, &error));
    EXPECT_EQ(MLSOAP_ERROR_CAPACITY, t.f->method->prepare(t.f, &error));
    EXPECT_NE(nullptr, std::strstr(error.message, "GiB"));
    EXPECT_EQ(nullptr, fit_method_find("forest"));
}

TEST(SparsePoints, CandidatesAreEvenlyChosen)
{
    EXPECT_EQ(1000u, sparse_candidates(1000, 256, 100));
    EXPECT_EQ((size_t)(SPARSE_CANDIDATE_NUMBERS / 256), sparse_candidates(1000000, 256, 100));
    EXPECT_EQ(200000u, sparse_candidates(1000000, 256, 20000));
}
