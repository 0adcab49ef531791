/* SPDX-License-Identifier: BSD-3-Clause */
// elements.c: symbols and masses.
extern "C" {
#include "core/elements.h"
}

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>
#include <string>

TEST(Elements, SymbolsAndNumbersAreInverse)
{
    std::set<std::string> symbols;
    for (int z = 0; z <= ELEMENT_MAX; z++) {
        const char *symbol = element_symbol(z);
        ASSERT_NE(symbol, nullptr);
        EXPECT_EQ(element_from_symbol(symbol, std::strlen(symbol)), z);
        EXPECT_TRUE(symbols.insert(symbol).second) << symbol;
    }
    EXPECT_EQ(element_symbol(-1), nullptr);
    EXPECT_EQ(element_symbol(119), nullptr);
}

TEST(Elements, KnownNumbers)
{
    const struct {
        const char *symbol;
        int number;
        double mass;
    } known[] = {{"H", 1, 1.008},    {"C", 6, 12.011},   {"Si", 14, 28.085}, {"Fe", 26, 55.845}, {"Kr", 36, 83.798},
                 {"Ag", 47, 107.87}, {"Xe", 54, 131.29}, {"Ta", 73, 180.95}, {"Pb", 82, 207.2},  {"Rn", 86, 222},
                 {"U", 92, 238.03},  {"Og", 118, 294},   {"Lu", 71, 174.97}, {"Te", 52, 127.6},  {"Cf", 98, 251}};
    for (const auto &k : known) {
        EXPECT_EQ(element_from_symbol(k.symbol, std::strlen(k.symbol)), k.number);
        EXPECT_LE(std::fabs(element_mass(k.number) - k.mass), 1e-9) << k.symbol;
    }
}

TEST(Elements, WhatIsNoElement)
{
    for (const char *text : {"", "si", "SI", "Sii", "Q", "Si1", "1", "D", " H"})
        EXPECT_EQ(element_from_symbol(text, std::strlen(text)), -1) << text;
    EXPECT_EQ(element_from_symbol(nullptr, 0), -1);
    EXPECT_EQ(element_from_symbol("Silicon", 2), 14); // n characters, not the whole text
    EXPECT_EQ(element_mass(0), 0.0);
    EXPECT_EQ(element_mass(119), 0.0);
}

TEST(Elements, MassesGrowButForTheKnownInversions)
{
    std::set<int> inverted; // z whose mass is not above that of z - 1
    for (int z = 2; z <= 103; z++)
        if (!(element_mass(z) > element_mass(z - 1))) inverted.insert(z);
    // K < Ar, Ni < Co, I < Te, Pa < Th, and neighbors with the same mass number among the radioactive
    EXPECT_EQ(inverted, (std::set<int>{19, 28, 53, 91, 93, 95, 97}));
}

TEST(Elements, PositionsAndBonds)
{
    const int list[] = {14, 6, 1};
    EXPECT_EQ(1, element_position(list, 3, 6));
    EXPECT_EQ(-1, element_position(list, 2, 1));
    EXPECT_DOUBLE_EQ(element_covalent_radius(14) + element_covalent_radius(6), element_bond_length(6, 14));
}
