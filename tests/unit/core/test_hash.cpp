/* SPDX-License-Identifier: BSD-3-Clause */
// hash.c against the published test vectors.
extern "C" {
#include "core/hash.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <string>

static std::string sha256(const std::string &text, size_t piece)
{
    hash_state *state = hash_new();
    for (size_t i = 0; i < text.size(); i += piece) hash_add(state, text.data() + i, std::min(piece, text.size() - i));
    char hex[HASH_HEX_SIZE];
    hash_finish(state, hex);
    return hex;
}

TEST(Hash, Sha256IsThatOfFips180)
{
    EXPECT_EQ(sha256("", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    std::string long_text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    EXPECT_EQ(sha256(long_text, 100), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256(long_text, 7), sha256(long_text, 100));
    EXPECT_EQ(sha256(std::string(1000000, 'a'), 4096),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, FastHashIsXxh3)
{
    EXPECT_EQ(hash_fast("", 0), UINT64_C(0x2d06800538d394c2));
    EXPECT_EQ(hash_fast(nullptr, 0), hash_fast("", 0));
    EXPECT_NE(hash_fast("abc", 3), hash_fast("abd", 3));
}

TEST(Hash, NoMemory)
{
    memory_fail_after(1);
    EXPECT_EQ(hash_new(), nullptr);
    memory_fail_after(0);
}
