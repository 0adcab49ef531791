// SPDX-License-Identifier: BSD-3-Clause
// The report of a fit and the parity file, from synthetic frames of two elements with an awkward config_type.
extern "C" {
#include "app/plots.h"
#include "core/file.h"
#include "core/memory.h"
#include "parity.h"
#include "report.h"
}

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace
{

const char *const awkward = "Surface <b>\"(100)\", a & b's";

// Frames of n_atoms atoms (silicon and carbon), whose predictions are off by `noise`.
class SyntheticSet
{
  public:
    SyntheticSet(size_t n_frames, size_t n_atoms, double noise, unsigned seed)
    {
        std::mt19937 generator(seed);
        std::normal_distribution<double> normal;
        set.frames = MEMORY_NEW(frame, n_frames);
        set.n_frames = set.capacity = n_frames;
        set.files = MEMORY_NEW(frame_file, 1);
        set.n_files = set.capacity_files = 1;
        set.files[0].path = memory_copy_text("data, of \"mine\".xyz");
        for (size_t i = 0; i < n_frames; i++) {
            frame &f = set.frames[i];
            f.structure.n_atoms = n_atoms;
            f.structure.species = MEMORY_NEW(int, n_atoms);
            f.forces = reinterpret_cast<double(*)[3]>(MEMORY_NEW(double, 3 * n_atoms));
            f.predicted_forces = reinterpret_cast<double(*)[3]>(MEMORY_NEW(double, 3 * n_atoms));
            f.has_energy = f.has_forces = f.has_virial = f.has_prediction = true;
            f.config_type = memory_copy_text(i % 2 ? awkward : "Bulk");
            f.index = i;
            f.energy = double(n_atoms) * (-5 + 0.3 * normal(generator));
            f.predicted_energy = f.energy + double(n_atoms) * 0.005 * noise * normal(generator);
            for (size_t k = 0; k < n_atoms; k++) {
                f.structure.species[k] = k % 2 ? 6 : 14;
                for (int a = 0; a < 3; a++) {
                    f.forces[k][a] = 0.8 * normal(generator);
                    f.predicted_forces[k][a] = f.forces[k][a] + 0.1 * noise * normal(generator);
                }
            }
            for (int a = 0; a < 6; a++) {
                f.virial[a] = double(n_atoms) * 0.2 * normal(generator);
                f.predicted_virial[a] = f.virial[a] + double(n_atoms) * 0.01 * noise * normal(generator);
            }
        }
    }
    ~SyntheticSet()
    {
        for (size_t i = 0; i < set.n_frames; i++) {
            memory_free(set.frames[i].structure.species);
            memory_free(set.frames[i].forces);
            memory_free(set.frames[i].predicted_forces);
            memory_free(set.frames[i].config_type);
        }
        memory_free(set.frames);
        memory_free(set.files[0].path);
        memory_free(set.files);
    }
    frame_set set{};
};

class Report : public ::testing::Test
{
  protected:
    void SetUp() override
    {
        std::string name = testing::TempDir() + "mlsoap_report_XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
        path_before = getenv("PATH");
        for (size_t i = 0; i < 2; i++)
            rows[i] = error_row{names[i], 10, 240, {{10, 2.5, 3.5, 9.5}, {720, .06, .09, .8}, {0, 0, 0, 0}}};
        table = error_table{{total_name, 20, 480, {{20, 2.5, 3.5, 9.5}, {1440, .06, .09, .8}, {0, 0, 0, 0}}}, rows, 2};
        input.title = "build/Si<C>.mlsoap";
        input.identity = "0123456789abcdef";
        input.description =
            R"({"elements":["C","Si"],"offsets":{"Si":-0.79},"descriptors":[{"name":"soap","r_cut":5.5}]})";
        input.config = "seed: 1 # <none>\n";
        input.command = "mlsoap train 'a&b.xyz'";
        for (int part = 0; part < N_REPORT_PARTS; part++) input.sets[part].errors = &table;
        input.sets[REPORT_TRAIN].frames = &train.set;
        input.sets[REPORT_VALIDATION].frames = &validation.set;
        input.sets[REPORT_TEST].frames = &test.set;
        input.facts = &fact;
        input.n_facts = 1;
        input.timings = timings;
        input.n_timings = 2;
        input.warnings = warnings;
    }
    void TearDown() override
    {
        setenv("PATH", path_before.c_str(), 1);
        for (const char *name : {"report.html", "parity.csv"}) unlink((folder + "/" + name).c_str());
        rmdir(folder.c_str());
    }
    std::string read(const char *name) const
    {
        std::ifstream file(folder + "/" + name);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }
    std::string page()
    {
        mlsoap_error error{};
        EXPECT_EQ(report_write((folder + "/report.html").c_str(), &input, &error), MLSOAP_SUCCESS) << error.message;
        return read("report.html");
    }
    static size_t count(const std::string &text, const std::string &word)
    {
        size_t n = 0;
        for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) n++;
        return n;
    }

    SyntheticSet train{60, 24, 0.7, 1}, validation{8, 24, 1, 2}, test{12, 24, 1, 3};
    std::string folder, path_before, awkward_name{awkward};
    char bulk_name[5] = "Bulk", total_name[6] = "total";
    char *names[2] = {bulk_name, awkward_name.data()};
    error_row rows[2];
    error_table table{};
    report_fact fact{"sparse points", "1000 (Si), 500 (C)"};
    report_timing timings[2] = {{"descriptors", 1.25}, {"fit", 2.5}};
    const char *warnings[3] = {"frame 3: net force 0.2 eV/angstrom", "a <second> one", nullptr};
    report_input input{};
};

bool have_gnuplot()
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

} // namespace

TEST_F(Report, ShowsTheReliabilityOfUncertainties)
{
    if (!have_gnuplot()) GTEST_SKIP() << "gnuplot is not installed";
    EXPECT_EQ(count(page(), "Reliability of the uncertainties"), 0u);
    reliability r{};
    r.n = 120;
    r.spearman = 0.625;
    for (int b = 0; b < RELIABILITY_BINS; b++) r.bins[b] = {12, 0.01 * (b + 1), 0.011 * (b + 1), 0.7};
    input.sets[REPORT_TEST].uncertainty = &r;
    std::string html = page();
    EXPECT_EQ(count(html, "<figure"), count(html, "</figure>"));
    EXPECT_GE(count(html, "Reliability of the uncertainties"), 1u);
    EXPECT_EQ(count(html, "test: rank correlation (Spearman) 0.62 over 120 atoms."), 1u);
    r.spearman = 0.03;
    EXPECT_EQ(count(page(), "(Spearman) 0.03 over 120 atoms, below 0.3: the uncertainties do not tell"), 1u);
}

TEST_F(Report, HoldsEveryTableAndFact)
{
    const std::string text = page();
    for (const char *word :
         {"Training set", "Validation set", "Test set", "Bulk", "config_type", "meV/atom", "0123456789abcdef",
          "1000 (Si), 500 (C)", "r_cut 5.5", "Si -0.79", "3.8 s", "net force 0.2"}) {
        EXPECT_NE(text.find(word), std::string::npos) << word;
    }
    EXPECT_EQ(count(text, "<tr class=\"total\">"), 3u);
    EXPECT_EQ(count(text, "<td>Si</td>"), 3u) << "force errors by element";
    EXPECT_EQ(count(text, "<td class=\"first\">0</td><td>&ndash;</td>"), 9u) << "no virials in the tables";
}

TEST_F(Report, RefersToNothingOutsideItself)
{
    const std::string text = page();
    for (const char *word :
         {"src=", "href=\"http", "href='http", "<link", "<script", "@import", "url(http", "<!DOCTYPE svg", "<?xml"}) {
        EXPECT_EQ(text.find(word), std::string::npos) << word;
    }
    for (size_t at = text.find("http"); at != std::string::npos; at = text.find("http", at + 1)) {
        EXPECT_EQ(text.compare(at, 18, "http://www.w3.org/"), 0)
            << "only names of XML namespaces: " << text.substr(at, 60);
    }
}

TEST_F(Report, EscapesWhatOthersWrote)
{
    const std::string text = page();
    EXPECT_NE(text.find("Surface &lt;b&gt;&quot;(100)&quot;, a &amp; b&#39;s"), std::string::npos);
    for (const char *word : {"<b>", "<C>", "<none>", "<second>", "'a&b"})
        EXPECT_EQ(text.find(word), std::string::npos) << word;
}

TEST_F(Report, DrawsFivePlots)
{
    if (!have_gnuplot()) GTEST_SKIP() << "gnuplot is not installed";
    const std::string text = page();
    EXPECT_EQ(count(text, "<svg"), 5u);
    EXPECT_EQ(count(text, "</svg>"), 5u);
    EXPECT_EQ(count(text, " mean cosine 0.98"), 2u) << "validation and test, noise of 0.1 on forces of 0.8";
    EXPECT_EQ(text.find("Plots are missing"), std::string::npos);
    EXPECT_EQ(count(text, "test: 12 points"), 1u);
    EXPECT_EQ(count(text, "train: 4320 points, "), 1u) << "coinciding points are counted";
}

TEST_F(Report, DrawsLearningCurvesAndDimers)
{
    if (!have_gnuplot()) GTEST_SKIP() << "gnuplot is not installed";
    const double r[3] = {1, 2, 3}, e[3] = {4, -1, 0};
    std::vector<plot_curve> dimers;
    for (const char *name : {"C-C", "C-Si", "Si-Si", "C-O", "O-O", "O-Si", "C-N"}) dimers.push_back({name, r, e, 3});
    input.dimers = dimers.data();
    input.n_dimers = dimers.size();
    // Two runs; the second reaches the lower loss of validation.
    json_t *epochs = json_loads(R"([{"epoch":1,"validation":0.5,"terms":[0.1,0.2,0],"training":[0.1,0.3,0]},
        {"epoch":2,"validation":0.4,"terms":[0.1,0.2,0],"training":[0.1,0.3,0]},
        {"epoch":1,"validation":0.5,"terms":[0.1,0.2,0],"training":[0.1,0.3,0]},
        {"epoch":2,"validation":0.3,"terms":[0.1,0.2,0],"training":[0.1,0.3,0]},
        {"epoch":3,"validation":0.6,"terms":[0.1,0.2,0],"training":[0.1,0.3,0]}])",
                                0, nullptr);
    json_t *sizes = json_loads(R"([{"frames":10,"energy":9.0,"forces":0.3},{"frames":20,"energy":5,"forces":0.2},
        {"frames":40,"energy":3.0,"forces":null}])",
                               0, nullptr);
    input.epochs = epochs;
    input.sizes = sizes;
    input.lambda[0] = input.lambda[1] = 1;
    const std::string text = page();
    EXPECT_EQ(count(text, "<svg"), 5u + 2 + 1 + 2) << "dimers in sixes, epochs, energy and forces over frames";
    for (const char *word : {">C-N<", ">Si-Si<", "epoch (passes over the training frames)", "training frames (number)"})
        EXPECT_GE(count(text, word), 1u) << word;
    json_decref(epochs);
    json_decref(sizes);
}

TEST_F(Report, SetsErrorsBesideGuessesAndNamesItsData)
{
    const int elements[] = {6, 14};
    const double offsets[] = {-5, -5};
    const baselines guesses = baselines_find(&test.set, elements, 2, offsets, -5);
    for (const error_measure &m : {guesses.mean_energy, guesses.composition[TARGET_ENERGY]}) {
        EXPECT_NEAR(m.rmse, 300, 100);
        EXPECT_GE(m.max, m.rmse);
    }
    EXPECT_NEAR(guesses.composition[TARGET_FORCES].rmse, 0.8, 0.05);
    input.sets[REPORT_TEST].guesses = &guesses;
    const char *provenance = R"({"provenance":{"version":"9.8.7","date":"2031-02-03","seed":5,"data":[
        {"file":"a<b.xyz","role":"train","frames":3,"atoms":12,"sha256":"fedcba98",
         "targets":{"energy":{"key":"REF_energy"}}}]}})";
    input.description = R"({"descriptors":[{"matrix":[[1,2,3,4,5,6,7,8,9],[10,11,12,13,14,15,16,17]],"few":[1,2]}]})";
    EXPECT_EQ(count(page(), "matrix of 17 values, few 1, 2"), 1u);
    input.description = provenance;
    const std::string text = page();
    EXPECT_EQ(count(text, "every atom at the offset of its element"), 1u);
    EXPECT_EQ(count(text, "<td>guess: composition</td>"), 2u) << "at a glance, and below the test set";
    for (const char *word : {"a&lt;b.xyz", "9.8.7", "2031-02-03", "REF_energy", "fedcba98", "<dd>5</dd>"})
        EXPECT_EQ(count(text, word), 1u) << word;
}

TEST(Parity, Directions)
{
    SyntheticSet s(1, 4, 0, 1);
    const double forces[4][3] = {{1, 0, 0}, {0, 2, 0}, {0.05, 0, 0}, {0, 0, -1}};
    const double predicted[4][3] = {{3, 0, 0}, {2, 2, 0}, {1, 1, 1}, {0, 0, 2}};
    std::memcpy(s.set.frames[0].forces, forces, sizeof forces);
    std::memcpy(s.set.frames[0].predicted_forces, predicted, sizeof predicted);
    parity_directions d;
    mlsoap_error error{};
    ASSERT_EQ(parity_directions_find(&s.set, &d, &error), MLSOAP_SUCCESS);
    ASSERT_EQ(d.n, 3u) << "one force is small";
    EXPECT_NEAR(d.angles[0], 0, 1e-6);
    EXPECT_NEAR(d.angles[1], 45, 1e-6);
    EXPECT_NEAR(d.angles[2], 180, 1e-6);
    EXPECT_NEAR(d.mean_cosine, std::sqrt(0.5) / 3, 1e-12);
    EXPECT_NEAR(d.least, 0.1 * std::sqrt((1 + 4 + 0.0025 + 1) / 4), 1e-12);
    parity_directions_release(&d);
    s.set.frames[0].predicted_forces[0][1] = NAN;
    ASSERT_EQ(parity_directions_find(&s.set, &d, &error), MLSOAP_SUCCESS);
    EXPECT_TRUE(std::isnan(d.mean_cosine));
    EXPECT_TRUE(std::isnan(d.angles[2]));
    parity_directions_release(&d);
}

TEST_F(Report, SaysSoWithoutGnuplot)
{
    setenv("PATH", folder.c_str(), 1);
    const std::string text = page();
    EXPECT_EQ(count(text, "<svg"), 0u);
    EXPECT_NE(text.find("Plots are missing because gnuplot could not be run"), std::string::npos);
    EXPECT_EQ(count(text, "<tr class=\"total\">"), 3u);
}

TEST_F(Report, SaysSoWhenGnuplotFails)
{
    const std::string program = folder + "/gnuplot";
    std::ofstream(program) << "#!/bin/sh\necho '<svg></svg>'\nexit 3\n";
    chmod(program.c_str(), 0755);
    setenv("PATH", (folder + ":" + path_before).c_str(), 1);
    const std::string text = page();
    unlink(program.c_str());
    EXPECT_NE(text.find("Plots are missing"), std::string::npos);
}

TEST_F(Report, AcceptsMissingParts)
{
    report_input bare{};
    bare.title = "bare.mlsoap";
    input = bare;
    const std::string text = page();
    EXPECT_NE(text.find("</html>"), std::string::npos);
    EXPECT_EQ(text.find("Plots are missing"), std::string::npos);
}

TEST_F(Report, ShowsNaN)
{
    table.total.measures[TARGET_ENERGY].mae = NAN;
    test.set.frames[0].predicted_energy = NAN;
    EXPECT_NE(page().find("<td>nan</td>"), std::string::npos);
}

TEST_F(Report, SurvivesEveryFailingAllocation)
{
    setenv("PATH", folder.c_str(), 1); // plots are optional: without gnuplot every allocation is one that counts
    const std::string name = folder + "/report.html";
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status; n++) {
        mlsoap_error error{};
        memory_fail_after(n);
        status = report_write(name.c_str(), &input, &error);
        memory_fail_after(0);
        if (status) {
            EXPECT_EQ(status, MLSOAP_ERROR_MEMORY) << error.message;
            EXPECT_NE(access(name.c_str(), F_OK), 0) << "nothing half-written";
        }
        ASSERT_LT(n, 1000);
    }
}

TEST_F(Report, GivesTheFolderThatIsMissing)
{
    mlsoap_error error{};
    EXPECT_EQ(report_write((folder + "/absent/x.html").c_str(), &input, &error), MLSOAP_ERROR_FILE);
    EXPECT_NE(std::string(error.message).find("absent"), std::string::npos) << error.message;
}

TEST_F(Report, WritesEveryNumberOfTheParityFile)
{
    mlsoap_error error{};
    ASSERT_EQ(parity_csv_write((folder + "/parity.csv").c_str(), input.sets, &error), MLSOAP_SUCCESS) << error.message;
    std::stringstream text(read("parity.csv"));
    std::string line;
    std::getline(text, line);
    EXPECT_EQ(line, "set,file,frame,config_type,quantity,atom,component,reference,prediction");
    size_t n_lines = 0, n_quoted = 0;
    double sum = 0;
    while (std::getline(text, line)) {
        n_lines++;
        n_quoted += line.find("\"data, of \"\"mine\"\".xyz\"") != std::string::npos;
        const size_t last = line.rfind(','), before = line.rfind(',', last - 1);
        sum += std::abs(std::stod(line.substr(last + 1)) - std::stod(line.substr(before + 1)));
    }
    EXPECT_EQ(n_lines, 80u * (1 + 72 + 6));
    EXPECT_EQ(n_quoted, n_lines);
    double expected = 0;
    for (const SyntheticSet *part : {&train, &validation, &test}) {
        for (int target = 0; target < N_FRAME_TARGETS; target++) {
            parity_data data;
            ASSERT_EQ(parity_collect(&part->set, frame_target(target), &data, &error), MLSOAP_SUCCESS);
            for (size_t k = 0; k < data.n; k++) expected += data.errors[k];
            parity_release(&data);
        }
    }
    EXPECT_LE(std::abs(sum - expected), 1e-12 * expected) << "17 digits";
}

TEST(Plots, ThinDensePointsByAFixedRule)
{
    if (!have_gnuplot()) GTEST_SKIP() << "gnuplot is not installed";
    std::mt19937 generator(7);
    std::normal_distribution<double> normal;
    std::vector<double> x(200000), y(200000);
    for (size_t k = 0; k < x.size(); k++) x[k] = normal(generator), y[k] = x[k] + 0.5 * normal(generator);
    x[17] = NAN;
    std::string first;
    for (int round = 0; round < 2; round++) {
        plot_series series{"train", x.data(), y.data(), x.size(), 0};
        char *svg = plot_parity(&series, 1, "force", "eV");
        ASSERT_NE(svg, nullptr);
        EXPECT_GT(series.n_drawn, 1000u);
        EXPECT_LE(series.n_drawn, size_t(PLOT_MAX_POINTS));
        if (round == 0)
            first = svg;
        else
            EXPECT_EQ(first, svg);
        memory_free(svg);
    }
}

TEST(Plots, DrawNothingOfNothing)
{
    const double bad[] = {NAN, INFINITY};
    plot_series series{"test", bad, bad, 2, 0};
    EXPECT_EQ(plot_parity(&series, 1, "force", "eV"), nullptr);
    EXPECT_EQ(plot_distribution(&series, 1, "force", "eV", "forces"), nullptr);
}
