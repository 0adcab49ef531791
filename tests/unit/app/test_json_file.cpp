// SPDX-License-Identifier: BSD-3-Clause
// JSON documents in files (app/json_file.c).
#include <cstdio>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

extern "C" {
#include "app/json_file.h"
}

TEST(JsonFile, WritesWhatIsReadBack)
{
    std::string path = ::testing::TempDir() + "json_file_" + std::to_string(getpid()) + ".json";
    json_t *json = json_pack("{s:f, s:[i, i]}", "x", 1.0 / 3, "list", 1, 2);
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, json_file_write(path.c_str(), json, 0, "a test", &error)) << error.message;
    json_t *back = json_load_file(path.c_str(), 0, nullptr);
    EXPECT_TRUE(json_equal(json, back));
    ASSERT_EQ(MLSOAP_SUCCESS, json_file_write(path.c_str(), json, JSON_REAL_PRECISION(3), "a test", &error));
    json_t *rounded = json_load_file(path.c_str(), 0, nullptr);
    EXPECT_EQ(0.333, json_real_value(json_object_get(rounded, "x")));
    json_decref(json);
    json_decref(back);
    json_decref(rounded);
    std::remove(path.c_str());
}

TEST(JsonFile, WhatCannotBeMadeOrWrittenIsAnError)
{
    mlsoap_error error{};
    EXPECT_EQ(MLSOAP_ERROR_MEMORY, json_file_write("never.json", nullptr, 0, "a test", &error));
    EXPECT_EQ(nullptr, std::fopen("never.json", "r"));
    json_t *json = json_object();
    EXPECT_NE(MLSOAP_SUCCESS, json_file_write("/nowhere/at/all.json", json, 0, "a test", &error));
    json_decref(json);
}
