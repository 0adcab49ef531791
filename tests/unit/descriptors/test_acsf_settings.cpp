// SPDX-License-Identifier: BSD-3-Clause
// Keys of the descriptor acsf: completion, feature order and names, a clear error for every wrong setting, memory.
#include <gtest/gtest.h>

#include "support/acsf_oracle.hpp"
#include "support/environment.hpp"
#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

std::string name_of_feature(const std::shared_ptr<descriptor> &d, size_t f)
{
    char text[128];
    d->class_->feature_name(d.get(), f, text, sizeof text);
    return text;
}

std::string message_of(const std::string &text)
{
    json_t *settings = json_loads(text.c_str(), 0, nullptr);
    EXPECT_NE(settings, nullptr) << text;
    descriptor *d = nullptr;
    mlsoap_error error{};
    EXPECT_NE(descriptor_new(settings, "descriptors.0", nullptr, &d, &error), MLSOAP_SUCCESS) << text;
    EXPECT_EQ(d, nullptr);
    descriptor_free(d);
    json_decref(settings);
    return error.message;
}

TEST(AcsfSettings, CompletesDefaults)
{
    auto d = make_descriptor(
        R"({"type":"acsf","mode":"runner","species":["O","H"],"functions":["O 2 H 0.5 0 6","H 2 O 0.5 0 5.5"]})");
    const json_t *cutoff = json_object_get(d->settings, "cutoff");
    EXPECT_EQ(schema_integer(cutoff, "type"), 1);
    EXPECT_EQ(schema_real(cutoff, "alpha"), 0);
    EXPECT_EQ(d->r_cut, 6.0) << "the largest of the functions";
    EXPECT_EQ(d->n_features, 2u);
    EXPECT_EQ(d->stride, 8u);
    EXPECT_EQ(d->weights[1], 1);
    EXPECT_EQ(d->weights[2], 0);
    EXPECT_EQ(d->species[0], 1);
    EXPECT_STREQ(schema_text(d->settings, "name"), "acsf");
    json_t *again = json_deep_copy(d->settings); // what a potential file holds builds the same
    descriptor *copy = nullptr;
    EXPECT_EQ(descriptor_new(again, "", nullptr, &copy, nullptr), MLSOAP_SUCCESS);
    EXPECT_TRUE(json_equal(copy->settings, d->settings));
    descriptor_free(copy);
    json_decref(again);
}

// Centers by atomic number, * last; then the order of n2p2. Names are the lines as written.
TEST(AcsfSettings, OrderAndNames)
{
    auto d = make_descriptor(acsf_runner({"* 2 H 0.5 0 6 # comment", "O 3 H O 0.1 1 2 6", "O 2 O 0.5 0 6",
                                          "O 2 H 0.5 0 6", "H 3 O H 0.1 -1 2 6", "H 2 H 0.4 0 6", "H 2 H 0.5 0 5"},
                                         1, 0, ""));
    const char *expected[] = {"H 2 H 0.5 0 5", "H 2 H 0.4 0 6",     "H 3 O H 0.1 -1 2 6",     "O 2 H 0.5 0 6",
                              "O 2 O 0.5 0 6", "O 3 H O 0.1 1 2 6", "* 2 H 0.5 0 6 # comment"};
    for (size_t f = 0; f < 7; f++) EXPECT_EQ(name_of_feature(d, f), expected[f]);
}

TEST(AcsfSettings, DScribeNames)
{
    auto d = make_descriptor(
        R"({"type":"acsf","mode":"dscribe","species":["O","H"],"r_cut":5,"g2":[[1,0.5]],"g3":[2],"g4":[[0.1,2,-1]]})");
    const char *expected[] = {"G1 H",   "G2 H 1 0.5",      "G3 H 2",          "G1 O",           "G2 O 1 0.5",
                              "G3 O 2", "G4 H-H 0.1 2 -1", "G4 O-H 0.1 2 -1", "G4 O-O 0.1 2 -1"};
    ASSERT_EQ(d->n_features, 9u);
    for (size_t f = 0; f < 9; f++) EXPECT_EQ(name_of_feature(d, f), expected[f]);
}

// Functions that a center's element lacks, and centers left out, give 0.
TEST(AcsfSettings, CentersWithoutFunctionsGiveZero)
{
    std::string lines = R"("functions":["O 2 H 0.5 0 5","* 2 O 0.5 0 5"])";
    auto all = make_descriptor(R"({"type":"acsf","species":["H","C","O"],)" + lines + "}");
    auto some = make_descriptor(R"({"type":"acsf","species":["H","C","O"],"centers":["O"],)" + lines + "}");
    Described described(all, small_cell()), restricted(some, small_cell());
    for (size_t i = 0; i < described.list.n_centers; i++) {
        bool oxygen = described.list.center_species[i] == 8;
        EXPECT_EQ(described.row(i)[0] > 0, oxygen);
        EXPECT_GT(described.row(i)[1], 0);
        for (size_t f = 0; f < 2; f++) EXPECT_EQ(restricted.row(i)[f], oxygen ? described.row(i)[f] : 0);
        for (size_t f = 2; f < all->stride; f++) EXPECT_EQ(described.row(i)[f], 0) << "padding";
        if (oxygen) continue;
        for (double x : restricted.adjoint(i, {1, 1})) EXPECT_EQ(x, 0);
    }
}

// The energy would jump where a neighbor crosses the cutoff (spec acsf.md 2). Compact functions have no cutoff type.
TEST(AcsfSettings, HardCutoffDrivesNoDynamics)
{
    for (int type : {0, 1})
        for (const char *line : {"2 H 0.5 0 5", "20 H 0 5 p2"}) {
            auto potential = make_potential({acsf_runner({line}, type, 0)}, R"({"type":"linear"})", {small_cell()},
                                            default_parameters(1, 1));
            bool compact = line[1] == '0';
            EXPECT_EQ(mlsoap_potential_drives_md(potential->get()), type == 1 || compact);
            const char *warning = mlsoap_potential_warning(potential->get());
            ASSERT_EQ(warning == nullptr, type == 1 || compact);
            if (warning) {
                EXPECT_NE(strstr(warning, "cutoff type 0"), nullptr);
            }
        }
}

TEST(AcsfSettings, WrongSettingsAreNamed)
{
    const std::string start = R"({"type":"acsf","species":["H","O"],)";
    const struct {
        std::string settings;
        std::vector<std::string> named; // in the message
    } cases[] = {
        {R"({"type":"acsf","functions":["H 2 H 1 0 5"]})", {"species"}},
        {start + R"("mode":"runner"})", {"functions", "missing"}},
        {start + R"("functions":[]})", {"functions", "empty"}},
        {start + R"("functions":[3]})", {"functions.0"}},
        {start + R"("functions":["H 2 H 1 0 5"],"r_cut":5})", {"r_cut", "runner"}},
        {start + R"("functions":["H 2 H 1 0 5"],"g2":[]})", {"g2", "runner"}},
        {start + R"("functions":["H 2 H 1 0 5"],"cutoff":{"type":9}})", {"cutoff.type", "9"}},
        {start + R"("functions":["H 2 H 1 0 5"],"cutoff":{"alpha":1}})", {"cutoff.alpha"}},
        {start + R"("functions":["H 2 H 1 0 5"],"centers":"midpoint"})", {"centers", "atoms"}},
        {start + R"("functions":["H 2 H 1 0 5"],"centers":[[0,0,0]]})", {"centers", "atoms"}},
        {start + R"("functions":["H 2 H 1 0 5"],"centers":["Xx"]})", {"centers", "Xx"}},
        {start + R"("functions":["H 2 H 1 0 5","H 2  H 1.0 0.0 5"]})", {"listed twice"}},
        {start + R"("functions":["H 2 H 1 0 5","H 2 C 1 0 5"]})", {"functions.1", "'H 2 C 1 0 5'", "C is not in"}},
        {start + R"("functions":["H 2 H one 0 5"]})", {"functions.0", "'H 2 H one 0 5'", "eta", "'one'"}},
        {start + R"("functions":["H 2 H 1 0"]})", {"'H 2 H 1 0'", "rc is missing"}},
        {start + R"("functions":["H 2 H 1 0 5 7"]})", {"'7' is one too many"}},
        {start + R"("functions":["H 2 H -1 0 5"]})", {"eta", "'-1'", "out of range"}},
        {start + R"("functions":["H 2 H 1 0 -5"]})", {"rc", "'-5'", "out of range"}},
        {start + R"("functions":["H 2 H 1 nan 5"]})", {"rs", "'nan'", "finite"}},
        {start + R"("functions":["H 4 H 1 0 5"]})", {"type", "'4'"}},
        {start + R"("functions":["H"]})", {"type"}},
        {start + R"("functions":["  "]})", {"empty"}},
        {start + R"("functions":["Hx 2 H 1 0 5"]})", {"center", "'Hx'"}},
        {start + R"("functions":["H 3 H Q 1 1 1 5"]})", {"e2", "'Q'"}},
        {start + R"("functions":["H 3 H H 1 2 1 5"]})", {"lambda", "'2'", "1 or -1"}},
        {start + R"("functions":["H 3 H H 1 1 0 5"]})", {"zeta", "'0'"}},
        {start + R"("functions":["H 20 H 0 5 p5"]})", {"sub", "'p5'"}},
        {start + R"("functions":["H 20 H 5 5 p2"]})", {"rl = 5", "rc = 5"}},
        {start + R"("functions":["H 22 H H 0 5 90 60 p2"]})", {"left = 90", "right = 60"}},
        {start + R"("functions":["H 22 H H 0 5 -90 60 p2"]})", {"left = -90", "right = 90"}},
        {start + R"("functions":["H 22 H H 0 5 90 200 p2"]})", {"right = 200", "left = 160"}},
        {start + R"("mode":"dscribe"})", {"r_cut", "missing"}},
        {start + R"("mode":"dscribe","r_cut":0})", {"r_cut"}},
        {start + R"("mode":"dscribe","r_cut":5,"functions":[]})", {"functions", "dscribe"}},
        {start + R"("mode":"dscribe","r_cut":5,"cutoff":{}})", {"cutoff", "dscribe"}},
        {start + R"("mode":"dscribe","r_cut":5,"g2":[[1]]})", {"g2.0", "[eta, r_s]"}},
        {start + R"("mode":"dscribe","r_cut":5,"g2":[[-1,0]]})", {"g2.0", "eta"}},
        {start + R"("mode":"dscribe","r_cut":5,"g3":[1,"x"]})", {"g3.1", "kappa"}},
        {start + R"("mode":"dscribe","r_cut":5,"g4":[[1,2]]})", {"g4.0", "[eta, zeta, lambda]"}},
        {start + R"("mode":"dscribe","r_cut":5,"g5":[[1,2,3]]})", {"g5.0", "lambda = 3"}},
        {start + R"("mode":"behler"})", {"mode", "behler"}},
        {start + R"("function":["H 2 H 1 0 5"]})", {"functions"}},
    };
    for (const auto &c : cases) {
        std::string message = message_of(c.settings);
        for (const auto &text : c.named)
            EXPECT_NE(message.find(text), std::string::npos) << c.settings << "\n  " << message << "\n  lacks " << text;
        EXPECT_NE(message.find("descriptors.0"), std::string::npos) << message;
    }
}

TEST(AcsfSettings, EveryFailedAllocationIsAnError)
{
    for (const DescriptorVariant &variant : acsf_variants()) {
        bool done = false;
        for (long n = 1; n < 1000 && !done; n++) {
            json_t *settings = json_loads(variant.settings.c_str(), 0, nullptr);
            descriptor *d = nullptr;
            descriptor_workspace *w = nullptr;
            mlsoap_error error{};
            memory_fail_after(n);
            mlsoap_status status = descriptor_new(settings, "descriptors.0", nullptr, &d, &error);
            if (!status) status = d->class_->workspace_new(d, &w, &error);
            if (!status) status = d->class_->workspace_reserve(d, w, 100, &error);
            memory_fail_after(0);
            if (d) d->class_->workspace_free(w);
            descriptor_free(d);
            json_decref(settings);
            done = status == MLSOAP_SUCCESS;
            EXPECT_TRUE(done || status == MLSOAP_ERROR_MEMORY) << error.message;
        }
        EXPECT_TRUE(done) << variant.name << " never succeeded";
    }
}

TEST(AcsfSettings, EvaluationDoesNotAllocate)
{
    for (const DescriptorVariant &variant : acsf_variants()) {
        auto d = make_descriptor(variant.settings);
        Described described(d, small_cell());
        Environment e(described.list, 1);
        Engine engine(d);
        auto block = e.block();
        std::shared_ptr<double> D(MEMORY_NEW(double, d->stride), memory_free);
        std::vector<double> f(3 * e.species.size()), jacobian(f.size() * d->stride);
        engine.values(e);
        unsigned long before = memory_n_allocations();
        d->class_->workspace_reserve(d.get(), engine.workspace(), e.species.size(), nullptr);
        d->class_->values(d.get(), engine.workspace(), &block, D.get(), d->stride);
        d->class_->adjoint(d.get(), engine.workspace(), &block, D.get(), d->stride, f.data());
        d->class_->jacobian(d.get(), engine.workspace(), &block, 0, jacobian.data(), d->stride);
        d->class_->tangent(d.get(), engine.workspace(), &block, f.data(), D.get(), d->stride);
        EXPECT_EQ(memory_n_allocations(), before);
    }
}

} // namespace
