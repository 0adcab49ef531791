// SPDX-License-Identifier: BSD-3-Clause
// Keys of the descriptor soap: completion, feature names and counts, and a clear error for every wrong setting.
#include <gtest/gtest.h>

#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

TEST(SoapSettings, CountsOfTheSpecification)
{
    auto slides = make_descriptor(R"({"species":["H","O"],"r_cut":5,"n_max":5,"l_max":3,"sigma":0.5})");
    EXPECT_EQ(slides->n_features, 220u);
    EXPECT_EQ(slides->stride % 8, 0u);
    auto mu1nu1 =
        make_descriptor(R"({"species":["H","O"],"r_cut":5,"n_max":5,"l_max":3,"sigma":0.5,"compression":"mu1nu1"})");
    EXPECT_EQ(mu1nu1->n_features, 2u * 25 * 4);
}

TEST(SoapSettings, CompletesDefaults)
{
    auto d = make_descriptor(R"({"species":["O","H"],"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5})");
    EXPECT_STREQ(schema_text(d->settings, "basis"), "gaussians");
    EXPECT_STREQ(schema_text(d->settings, "projection"), "exact");
    EXPECT_EQ(schema_real(json_object_get(d->settings, "cutoff"), "width"), 1.0);
    EXPECT_EQ(json_number_value(json_object_get(json_object_get(d->settings, "species_weights"), "O")), 1.0);
    EXPECT_EQ(d->species[0], 1);
    EXPECT_EQ(d->species[1], 8);
}

// The matrix is kept in the completed settings, so that a potential evaluates with the numbers it was trained with.
TEST(SoapSettings, MixingKeepsItsMatrix)
{
    auto d = make_descriptor(
        R"({"species":["Mo","Nb","Ta","W"],"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5,"compression":"mix"})");
    EXPECT_EQ(d->n_features, size_t(2 * 4 * (2 * 4 + 1) / 2 * 3));
    auto U = numbers(json_object_get(json_object_get(d->settings, "compression"), "matrix"));
    ASSERT_EQ(U.size(), 8u);
    for (size_t z = 0; z < 4; z++) EXPECT_NEAR(U[z] * U[z] + U[4 + z] * U[4 + z], 1, 1e-14);
    // Nb and Ta, Mo and W are of one group: nearly the same column; Nb and Mo are not. Order: Nb Mo Ta W
    auto overlap = [&](size_t a, size_t b) { return U[a] * U[b] + U[4 + a] * U[4 + b]; };
    EXPECT_GT(overlap(0, 2), overlap(0, 1));
    EXPECT_GT(overlap(1, 3), overlap(2, 3));
}

TEST(SoapSettings, FeatureNamesFollowTheOrder)
{
    auto d = make_descriptor(R"({"species":["H","O"],"r_cut":5,"n_max":2,"l_max":1,"sigma":0.5})");
    const char *expected[] = {"H-H n1 n1 l0", "H-H n1 n2 l0", "H-H n2 n2 l0", "H-H n1 n1 l1", "H-H n1 n2 l1",
                              "H-H n2 n2 l1", "H-O n1 n1 l0", "H-O n1 n2 l0", "H-O n2 n1 l0", "H-O n2 n2 l0"};
    char text[64];
    for (size_t f = 0; f < 10; f++) {
        d->class_->feature_name(d.get(), f, text, sizeof text);
        EXPECT_STREQ(text, expected[f]);
    }
}

// Mode dscribe has no cutoff function: it drives dynamics, with a warning, unless its weighting ends before.
TEST(SoapSettings, ModeDscribeWarnsOfItsEdge)
{
    const std::string start = R"({"species":["Si"],"n_max":2,"l_max":1,"sigma":0.4,"r_cut":4)";
    const struct {
        std::string settings;
        bool warns;
    } cases[] = {{start + "}", false},
                 {start + R"(,"mode":"quip"})", false},
                 {start + R"(,"mode":"dscribe"})", true},
                 {start + R"(,"mode":"dscribe","weighting":{"function":"pow","r0":3,"m":4}})", true},
                 {start + R"(,"mode":"dscribe","weighting":{"function":"poly","r0":4,"m":2}})", false},
                 {start + R"(,"mode":"dscribe","weighting":{"function":"poly","r0":6,"m":2}})", true}};
    for (const auto &c : cases) {
        auto potential = make_potential({c.settings}, R"({"type":"linear"})", {random_structure(1, {14, 14, 14}, 6.0)},
                                        default_parameters(1, 1));
        const char *warning = mlsoap_potential_warning(potential->get());
        EXPECT_EQ(mlsoap_potential_drives_md(potential->get()), 1);
        ASSERT_EQ(warning != nullptr, c.warns) << c.settings;
        if (!warning) continue;
        for (const char *word : {"soap", "mode dscribe", "jump", "5.487", "mode smooth"}) // 4 + 0.4 sqrt(6 ln 10)
            EXPECT_NE(strstr(warning, word), nullptr) << warning;
    }
}

TEST(SoapSettings, WrongSettingsAreNamed)
{
    const std::string good = R"("species":["H","O"],"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5)";
    struct {
        std::string settings;
        const char *named; // in the message
    } cases[] = {
        {R"({"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5})", "species"},
        {R"({"species":["H"],"n_max":4,"l_max":2,"sigma":0.5})", "r_cut"},
        {R"({"species":["H"],"r_cut":-5,"n_max":4,"l_max":2,"sigma":0.5})", "r_cut"},
        {R"({"species":["H"],"r_cut":5,"n_max":17,"l_max":2,"sigma":0.5})", "n_max"},
        {R"({"species":["H"],"r_cut":5,"n_max":4,"l_max":21,"sigma":0.5})", "l_max"},
        {R"({"species":["H"],"r_cut":5,"n_max":4,"l_max":2,"sigma":"wide"})", "sigma"},
        {R"({"species":["Xx"],"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5})", "Xx"},
        {R"({"species":["H","H"],"r_cut":5,"n_max":4,"l_max":2,"sigma":0.5})", "twice"},
        {"{" + good + R"(,"r_cutt":5})", "r_cut"},
        {"{" + good + R"(,"basis":"gto","projection":"exact"})", "projection"},
        {"{" + good + R"(,"basis":"gto","basis_error_exponent":10})", "basis_error_exponent"},
        {"{" + good + R"(,"basis":"sinc"})", "basis"},
        {"{" + good + R"(,"cutoff":{"function":"cosine","width":1}})", "width"},
        {"{" + good + R"(,"cutoff":{"function":"shifted_cosine","width":6}})", "width"},
        {"{" + good + R"(,"cutoff":{"function":"shifted_cosine","m":2}})", "m"},
        {"{" + good + R"(,"centers":"nowhere"})", "nowhere"},
        {"{" + good + R"(,"centers":[[0,0]]})", "point"},
        {"{" + good + R"(,"species_weights":{"C":1}})", "C"},
        {"{" + good + R"(,"radial_scaling":{"m":4}})", "r0"},
        {"{" + good + R"(,"mode":"quips"})", "quips"},
        {"{" + good + R"(,"mode":"quip","basis":"gto"})", "basis"},
        {"{" + good + R"(,"mode":"quip","compression":"mu2"})", "compression"},
        {"{" + good + R"(,"mode":"quip","radial_scaling":{"r0":2}})", "radial_scaling"},
        {"{" + good + R"(,"mode":"dscribe","cutoff":{"function":"cosine"}})", "cutoff"},
        {"{" + good + R"(,"mode":"dscribe","basis":"gaussians"})", "basis"},
        {"{" + good + R"(,"mode":"dscribe","w0":1})", "w0"},
        {"{" + good + R"(,"mode":"dscribe","weighting":{"function":"pow"}})", "r0"},
        {"{" + good + R"(,"weighting":{"function":"pow","r0":2}})", "weighting"},
        {"{" + good + R"(,"compression":{"type":"mix","channels":3}})", "channels"},
        {"{" + good + R"(,"compression":{"type":"mix","matrix":[[1,0]]}})", "matrix"},
        {"{" + good + R"(,"compression":"mix2"})", "mix2"},
        {"{" + good + R"(,"compression":{"type":"mix","mixing":"learned"}})", "mlsoap train"},
        {"{" + good + R"(,"average":"inner","mode":"quip"})", "average"},
        {"{" + good + R"(,"mode":"quip","bispectrum":{}})", "bispectrum"},
        {R"({"type":"soup",)" + good + "}", "soup"},
        {R"({"species":["H"],"r_cut":5,"n_max":12,"l_max":2,"sigma":0.5,"basis":"polynomial"})", "n_max"},
        {R"({"species":["H"],"r_cut":0.9,"n_max":4,"l_max":2,"sigma":0.5,"basis":"gto","cutoff":{"function":"cosine"}})",
         "r_cut"},
    };
    for (const auto &c : cases) {
        json_t *settings = json_loads(c.settings.c_str(), 0, nullptr);
        ASSERT_NE(settings, nullptr) << c.settings;
        descriptor *d = nullptr;
        mlsoap_error error{};
        EXPECT_NE(descriptor_new(settings, "descriptors.0", nullptr, &d, &error), MLSOAP_SUCCESS) << c.settings;
        EXPECT_EQ(d, nullptr);
        EXPECT_NE(std::string(error.message).find(c.named), std::string::npos) << c.settings << "\n  " << error.message;
        descriptor_free(d);
        json_decref(settings);
    }
}

TEST(SoapSettings, EveryFailedAllocationIsAnError)
{
    for (long n = 1; n < 200; n++) {
        json_t *settings = json_loads(R"({"species":["H","O"],"r_cut":4,"n_max":3,"l_max":2,"sigma":0.5})", 0, nullptr);
        descriptor *d = nullptr;
        mlsoap_error error{};
        memory_fail_after(n);
        mlsoap_status status = descriptor_new(settings, "descriptors.0", nullptr, &d, &error);
        memory_fail_after(0);
        json_decref(settings);
        descriptor_free(d);
        if (status == MLSOAP_SUCCESS) return;
        EXPECT_EQ(status, MLSOAP_ERROR_MEMORY) << error.message;
    }
    FAIL() << "never succeeded";
}

} // namespace
