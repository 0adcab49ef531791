// SPDX-License-Identifier: BSD-3-Clause
// Calibration of uncertainties (training/calibration.c): recovers a known map, joins what does not ascend, per element.
#include "training_fixtures.hpp"

extern "C" {
#include "calibration.h"
}

namespace
{

/* Frames of Si and C with s = s(k) and a force error of e(k) on atom k of all. */
template <class S, class E> frame_set make_set(size_t n_frames, S s, E e)
{
    frame_set set{};
    for (size_t c = 0; c < n_frames; c++) {
        frame f = make_frame({{14, 0, 0, 0}, {6, 1, 2, 3}, {14, 3, 1, 2}, {14, 2, 2, 1}});
        set_forces(f, 0.3);
        f.predicted_forces = (double(*)[3])memory_new(4, sizeof *f.forces);
        f.predicted_uncertainty = (double(*)[2])memory_new(4, sizeof *f.predicted_uncertainty);
        f.has_prediction = f.has_energy = true;
        f.energy = 2;
        f.predicted_energy = 2.4;
        for (size_t i = 0; i < 4; i++) {
            for (int a = 0; a < 3; a++) f.predicted_forces[i][a] = f.forces[i][a];
            f.predicted_forces[i][1] += e(4 * c + i);
            f.predicted_uncertainty[i][0] = f.predicted_uncertainty[i][1] = s(4 * c + i);
        }
        add_frame(set, f);
    }
    return set;
}

double wave(size_t k)
{
    return 0.01 + 0.02 * double((k * 7919) % 997) / 997; // 0.01 ... 0.03
}

} // namespace

TEST(Calibration, RecoversAKnownMap)
{
    frame_set set = make_set(200, wave, [](size_t k) { return 5 * wave(k) - 0.04; });
    int elements[] = {6, 14};
    json_t *calibrations = nullptr;
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, calibration_find(&set, elements, 2, &calibrations, &error));
    json_t *silicon = json_object_get(calibrations, "Si"), *knots = json_object_get(silicon, "forces");
    ASSERT_EQ(12u, json_array_size(knots));
    for (size_t k = 0; k < 12; k++) {
        double s = json_number_value(json_array_get(json_array_get(knots, k), 0));
        EXPECT_NEAR(5 * s - 0.04, json_number_value(json_array_get(json_array_get(knots, k), 1)), 5e-4);
    }
    double mean = 0; // of (mean of s)^2 over frames
    for (size_t c = 0; c < 200; c++) {
        double m = 0;
        for (size_t i = 0; i < 4; i++) m += wave(4 * c + i) / 4;
        mean += m * m / 200;
    }
    EXPECT_NEAR(0.1 / std::sqrt(mean), json_number_value(json_object_get(silicon, "energy")), 1e-10);
    ASSERT_EQ(MLSOAP_SUCCESS, calibration_apply(calibrations, &set, &error)) << error.message;
    for (size_t k = 0; k < 20; k++) {
        const double *u = set.frames[k / 4].predicted_uncertainty[k % 4];
        EXPECT_NEAR(5 * wave(k) - 0.04, u[1], 4e-3); // below the first knot a line to 0
        EXPECT_NEAR(0.1 / std::sqrt(mean) * wave(k), u[0], 1e-12);
    }
    json_decref(calibrations);
    frame_set_release(&set);
}

TEST(Calibration, ElementsHaveTheirOwnMapAndJoinWhatDoesNotAscend)
{
    /* errors of Si fall with s: one error is left, for all its s; those of C are ten times larger and constant */
    frame_set set = make_set(100, wave, [](size_t k) { return k % 4 == 1 ? 1.0 : 0.1 - wave(k); });
    int elements[] = {6, 14};
    json_t *calibrations = nullptr;
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, calibration_find(&set, elements, 2, &calibrations, &error));
    json_t *silicon = json_object_get(json_object_get(calibrations, "Si"), "forces");
    json_t *carbon = json_object_get(json_object_get(calibrations, "C"), "forces");
    ASSERT_EQ(2u, json_array_size(silicon));
    for (size_t k = 0; k < 2; k++) {
        EXPECT_NEAR(0.08, json_number_value(json_array_get(json_array_get(silicon, k), 1)), 0.003);
        EXPECT_NEAR(k ? 0.03 : 0.01, json_number_value(json_array_get(json_array_get(silicon, k), 0)), 0.002);
    }
    ASSERT_EQ(MLSOAP_SUCCESS, calibration_apply(calibrations, &set, &error)) << error.message;
    for (size_t k = 0; k < 400; k++) // an error that was found for small s is not scaled down with s
        if (k % 4 != 1 && wave(k) > 0.011) {
            EXPECT_GT(set.frames[k / 4].predicted_uncertainty[k % 4][1], 0.07) << k;
        }
    EXPECT_NEAR(1, json_number_value(json_array_get(json_array_get(carbon, 0), 1)), 2e-6);
    json_decref(calibrations);
    frame_set_release(&set);
}

TEST(Calibration, FewAtomsOrNoneAreTakenFromAllOrLeftAlone)
{
    frame_set set = make_set(20, wave, [](size_t) { return 0.5; }); // 20 C, 60 Si
    int elements[] = {6, 14};
    json_t *calibrations = nullptr, *none = nullptr;
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, calibration_find(&set, elements, 2, &calibrations, &error));
    EXPECT_GE(json_array_size(json_object_get(json_object_get(calibrations, "C"), "forces")), 1u);
    EXPECT_NEAR(0.5,
                json_number_value(json_array_get(
                    json_array_get(json_object_get(json_object_get(calibrations, "C"), "forces"), 0), 1)),
                2e-6);
    frame_set empty{};
    ASSERT_EQ(MLSOAP_SUCCESS, calibration_find(&empty, elements, 2, &none, &error));
    EXPECT_EQ(1, json_number_value(json_object_get(json_object_get(none, "Si"), "energy")));
    EXPECT_EQ(1u, json_array_size(json_object_get(json_object_get(none, "Si"), "forces")));
    json_decref(calibrations);
    json_decref(none);
    frame_set_release(&set);
}
