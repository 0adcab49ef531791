/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "potential_summary.h"

extern "C" {
#include "core/elements.h"
}

#include <cstdio>
#include <jansson.h>
#include <memory>

namespace
{
constexpr std::size_t LINE_WIDTH = 110;

std::string short_number(double value)
{
    char text[32];
    std::snprintf(text, sizeof(text), "%.3g", value);
    return text;
}

/** "energy 2.1 meV/atom, forces 0.06 eV/Angstrom" of the totals of a set; empty where there are none. */
std::string mean_errors(const json_t *errors, const char *set)
{
    static const char *const targets[][2] = {{"energy", "meV/atom"}, {"forces", "eV/Angstrom"}, {"virial", "meV/atom"}};
    const json_t *total = json_object_get(json_object_get(errors, set), "total");
    std::string text;
    for (const auto &target : targets) {
        const json_t *mae = json_object_get(json_object_get(total, target[0]), "mae");
        if (!json_is_number(mae)) continue;
        text += (text.empty() ? "" : ", ") + std::string(target[0]) + " " + short_number(json_number_value(mae)) + " " +
                target[1];
    }
    return text;
}

std::string error_line(const json_t *errors)
{
    static const char *const sets[][2] = {
        {"test", "test errors"}, {"validation", "validation errors"}, {"train", "training errors"}};
    for (const auto &set : sets) {
        const std::string text = mean_errors(errors, set[0]);
        if (!text.empty()) return std::string("  ") + set[1] + " (MAE): " + text + "\n";
    }
    return "  errors: not stored in the file\n";
}

std::string domain_lines(const mlsoap_potential *potential, const json_t *domain)
{
    std::string line = "  trained on";
    for (int i = 0; i < mlsoap_potential_n_elements(potential); i++)
        line += std::string(" ") + element_symbol(mlsoap_potential_element(potential, i));
    if (!domain) return line + "; densities and shortest distances are not stored in the file\n";

    const json_t *density = json_object_get(domain, "density");
    const double lowest = json_number_value(json_array_get(density, 0));
    const double highest = json_number_value(json_array_get(density, 1));
    if (highest > 0.0)
        line += "; periodic cells of " + short_number(lowest) + " to " + short_number(highest) + " atoms/Angstrom^3";
    line += "; shortest distances (Angstrom):";

    std::string text;
    const char *pair = nullptr;
    json_t *value = nullptr;
    json_object_foreach(json_object_get(domain, "shortest_distances"), pair, value)
    {
        const std::string item = std::string(" ") + pair + " " + short_number(json_number_value(value));
        if (line.size() + item.size() > LINE_WIDTH) {
            text += line + "\n";
            line = "   ";
        }
        line += item;
    }
    return text + line + "\n";
}
} // namespace

std::string potential_summary(const mlsoap_potential *potential)
{
    const std::unique_ptr<json_t, void (*)(json_t *)> root(
        json_loads(mlsoap_potential_description(potential), 0, nullptr), [](json_t *value) { json_decref(value); });
    return error_line(json_object_get(root.get(), "errors")) +
           domain_lines(potential, json_object_get(json_object_get(root.get(), "provenance"), "domain"));
}
