// SPDX-License-Identifier: BSD-3-Clause
// Energies, forces and virials of potentials against the models of tests/reference/soap_gaussians.json (sparse GP,
// linear) and soap_smooth.json (linear). Those are numbers of independent implementations.
#include <gtest/gtest.h>

#include <map>

#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

std::string real(double x)
{
    char text[32];
    snprintf(text, sizeof text, "%.17g", x);
    return text;
}

double value(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

std::string text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* Settings of a reference case as the config writes them. */
std::string settings_of(const json_t *p)
{
    std::string species, basis = text_of(p, "basis");
    for (double z : numbers(json_object_get(p, "species")))
        species += (species.empty() ? "\"" : ",\"") + std::string(element_symbol(int(z))) + "\"";
    std::string text = "{\"species\":[" + species + "],\"r_cut\":" + real(value(p, "r_cut")) +
                       ",\"n_max\":" + std::to_string(int(value(p, "n_max"))) +
                       ",\"l_max\":" + std::to_string(int(value(p, "l_max"))) +
                       ",\"sigma\":" + real(value(p, "sigma")) + ",\"basis\":\"" + basis + "\",\"compression\":\"" +
                       text_of(p, "compression") +
                       "\",\"cutoff\":{\"function\":\"shifted_cosine\",\"width\":" + real(value(p, "width")) + "}";
    if (basis == "gaussians") text += ",\"projection\":\"collocation\"";
    if (json_is_number(json_object_get(p, "basis_error_exponent")))
        text += ",\"basis_error_exponent\":" + real(value(p, "basis_error_exponent"));
    if (const json_t *scaling = json_object_get(p, "radial_scaling"); json_is_object(scaling))
        text +=
            ",\"radial_scaling\":{\"r0\":" + real(value(scaling, "r0")) + ",\"m\":" + real(value(scaling, "m")) + "}";
    return text + "}";
}

/* Sparse points: atoms 0, 2, 3 of the structure; alpha = A (1, -1/2, 1/4), the same for every species. */
ModelMaker reference_gp(double A)
{
    return [A](tensor_set *tensors, const std::string &prefix, const json_t *model, const Features &features, int) {
        sparse_gp_settings settings;
        sparse_gp_settings_get(model, &settings);
        std::vector<double> points(3 * features.stride), alpha = {A, -0.5 * A, 0.25 * A};
        const size_t atoms[3] = {0, 2, 3};
        for (size_t s = 0; s < 3; s++)
            sparse_gp_transform(&settings, features.stride, features.weights.data(),
                                features.rows[atoms[s]].second.data(), points.data() + s * features.stride);
        ASSERT_EQ(
            sparse_gp_add_tensors(tensors, prefix.c_str(), 3, features.stride, points.data(), alpha.data(), nullptr),
            MLSOAP_SUCCESS);
    };
}

/* w_f = A cos(f + 1) on raw features. */
ModelMaker reference_linear(double A)
{
    return [A](tensor_set *tensors, const std::string &prefix, const json_t *, const Features &features, int) {
        std::vector<double> w(features.stride);
        for (size_t f = 0; f < features.stride; f++) w[f] = features.weights[f] != 0 ? A * std::cos(double(f) + 1) : 0;
        ASSERT_EQ(linear_add_tensors(tensors, prefix.c_str(), features.stride, w.data(), 0, nullptr), MLSOAP_SUCCESS);
    };
}

/* Four inputs by a matrix P with center b (the features of atom 1), five hidden SiLU neurons, a linear skip. */
ModelMaker reference_network(double P_s)
{
    return [P_s](tensor_set *tensors, const std::string &prefix, const json_t *, const Features &features, int) {
        const size_t stride = features.stride;
        const std::vector<double> &b = features.rows[1].second;
        std::vector<double> W(stride * 5), biases(5), output(5), skip(stride);
        network_weights network{};
        network.constant = 0.05;
        for (size_t h = 0; h < 5; h++) {
            biases[h] = 0.1 * double(h);
            output[h] = h % 2 ? -0.5 : 0.5;
        }
        for (size_t f = 0, i = 0; f < stride; f++) {
            if (features.weights[f] == 0) continue; // f counts the features, i those that are no padding
            for (size_t k = 0; k < 4; k++) {
                double P = P_s * std::sin(double((k + 2) * i + k + 1)) * features.weights[f];
                double v = (k % 2 ? -0.1 : 0.1) * double(k + 1);
                skip[f] += P * v;
                network.constant -= P * v * b[f];
                for (size_t h = 0; h < 5; h++) {
                    double w = std::sin(double(5 * k + h + 1)) / 2;
                    W[f * 5 + h] += P * w;
                    biases[h] -= P * w * b[f];
                }
            }
            i++;
        }
        network.weights[0] = W.data();
        network.biases[0] = biases.data();
        network.output = output.data();
        network.skip = skip.data();
        const int hidden = 5;
        ASSERT_EQ(network_add_tensors(tensors, prefix.c_str(), stride, 1, &hidden, 1, &network, nullptr),
                  MLSOAP_SUCCESS);
    };
}

/* W1_fh = sin(4f + h + 1)/8, b1_h = 0.1 h, W2_h = (-1)^h. */
void reference_mlp(tensor_set *tensors, const std::string &prefix, const json_t *, const Features &features, int)
{
    std::vector<double> W(features.stride * 4), biases(4), output(4);
    for (size_t f = 0; f < features.stride; f++)
        for (size_t h = 0; h < 4; h++)
            W[4 * f + h] = features.weights[f] != 0 ? std::sin(double(4 * f + h + 1)) / 8 : 0;
    for (size_t h = 0; h < 4; h++) {
        biases[h] = 0.1 * double(h);
        output[h] = h % 2 ? -1 : 1;
    }
    network_weights network{};
    network.weights[0] = W.data();
    network.biases[0] = biases.data();
    network.output = output.data();
    const int hidden = 4;
    ASSERT_EQ(network_add_tensors(tensors, prefix.c_str(), features.stride, 1, &hidden, 1, &network, nullptr),
              MLSOAP_SUCCESS);
}

void expect_close(const std::vector<double> &found, const std::vector<double> &expected, double tolerance,
                  const std::string &what)
{
    ASSERT_EQ(found.size(), expected.size()) << what;
    double scale = 0;
    for (double x : expected) scale = std::max(scale, std::fabs(x));
    for (size_t i = 0; i < found.size(); i++)
        EXPECT_LE(std::fabs(found[i] - expected[i]), tolerance * scale) << what << " entry " << i;
}

/* Offsets are -1.5, -3, ... eV: subtract them. */
Result without_offsets(Potential &potential, const Structure &s)
{
    Result r = potential.evaluate(s);
    for (size_t i = 0; i < s.species.size(); i++) {
        double offset = potential.get()->offsets[potential.get()->element_index[s.species[i]]];
        r.energies[i] -= offset;
        r.energy -= offset;
    }
    return r;
}

void compare(const Result &r, const json_t *expected, double tolerance, const std::string &what)
{
    double scale = 0;
    for (double e : r.energies) scale = std::max(scale, std::fabs(e));
    EXPECT_LE(std::fabs(r.energy - value(expected, "energy")), tolerance * std::max(scale, 1.0)) << what << " energy";
    if (!json_object_get(expected, "forces")) return;
    expect_close(r.energies, numbers(json_object_get(expected, "atomic_energies")), tolerance, what + " energies");
    expect_close(r.forces, numbers(json_object_get(expected, "forces")), tolerance, what + " forces");
    auto W = json_object_get(expected, "virial") ? numbers(json_object_get(expected, "virial"))
                                                 : numbers(json_object_get(expected, "W_virial"));
    if (W.size() == 9) W = {W[0], W[4], W[8], W[1], W[2], W[5]};
    expect_close(std::vector<double>(r.virial.begin(), r.virial.end()), W, tolerance, what + " virial");
}

// Through the radial tables (error bound 1e-10 of a value).
TEST(PotentialReference, SoapGaussians)
{
    const double tolerance = 1e-9;
    Json file(read_json("soap_gaussians.json"));
    size_t i_case, n_compared = 0, n_networks = 0;
    json_t *c;
    json_array_foreach(file["cases"], i_case, c)
    {
        std::string name = text_of(c, "name"), settings = settings_of(json_object_get(c, "settings"));
        const json_t *parameters = json_object_get(c, "parameters");
        Structure s = structure_from_json(json_object_get(file["structures"], text_of(c, "structure").c_str()));
        std::string constant = "\"constant\":" + real(value(parameters, "c")) + ",\"delta\":0.5,\"normalized\":false,";
        struct Model {
            std::string key, settings;
            ModelMaker maker;
        };
        const std::vector<Model> models = {
            {"linear", R"({"type":"linear"})", reference_linear(value(parameters, "A_lin"))},
            {"gp_plain_z1", "{" + constant + R"("type":"sparse_gp","zeta":1})",
             reference_gp(value(parameters, "A_z1"))},
            {"gp_plain_z2", "{" + constant + R"("type":"sparse_gp","zeta":2})",
             reference_gp(value(parameters, "A_z2"))},
            {"gp_plain_z3", "{" + constant + R"("type":"sparse_gp","zeta":3})",
             reference_gp(value(parameters, "A_z3"))},
            {"gp_norm_z2", R"({"type":"sparse_gp","zeta":2,"delta":0.5})", reference_gp(1)},
            {"network", R"({"type":"network","hidden":[5],"activations":["silu"]})",
             reference_network(value(parameters, "P_s"))},
            {"gp_norm_z4", R"({"type":"sparse_gp","zeta":4,"delta":0.5})", reference_gp(1)},
        };
        for (const Model &m : models) {
            const json_t *expected = json_object_get(json_object_get(c, "results"), m.key.c_str());
            if (!expected) continue;
            auto potential = make_potential({settings}, m.settings, {s}, m.maker, "0.0");
            compare(without_offsets(*potential, s), expected, tolerance, "case " + name + " " + m.key);
            n_compared++;
            n_networks += m.key == "network";
        }
    }
    EXPECT_GE(n_compared, 20u);
    EXPECT_GE(n_networks, 3u);
}

TEST(PotentialReference, SoapSmooth)
{
    Json file(read_json("soap_smooth.json"));
    Structure s = structure_from_json(file["structure"]);
    const std::map<std::string, std::string> cutoffs = {
        {"cosine", R"({"function":"cosine"})"},
        {"shifted_cosine_width1", R"({"function":"shifted_cosine","width":1.0})"},
        {"poly_m2", R"({"function":"poly","m":2})"}};
    for (const auto &[name, cutoff] : cutoffs) {
        std::string settings = R"({"species":["H","C","O"],"r_cut":4.0,"n_max":2,"l_max":2,"sigma":0.5,"basis":"gto",)"
                               R"("cutoff":)" +
                               cutoff + "}";
        auto potential = make_potential({settings}, R"({"type":"linear"})", {s}, reference_linear(1), "0.0");
        const json_t *mode = json_object_get(file["modes"], name.c_str());
        compare(without_offsets(*potential, s), json_object_get(mode, "linear"), 1e-9, name);
        auto network = make_potential({settings}, R"({"type":"network","hidden":[4],"activations":["tanh"]})", {s},
                                      reference_mlp, "0.0");
        compare(without_offsets(*network, s), json_object_get(mode, "mlp"), 1e-9, name + " mlp");
    }
}

} // namespace
