/* SPDX-License-Identifier: BSD-3-Clause */
// file.c: reading plain and packed, writing all or nothing.
extern "C" {
#include "core/file.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace fs = std::filesystem;

namespace
{
class File : public ::testing::Test
{
  protected:
    fs::path folder;
    mlsoap_error error{};

    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "mlsoap_file_XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override
    {
        memory_fail_after(0);
        fs::remove_all(folder);
    }

    std::string path(const char *name) const { return (folder / name).string(); }

    static std::string content(const std::string &name)
    {
        std::ifstream file(name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void store(const std::string &name, const std::string &text)
    {
        std::ofstream(name, std::ios::binary) << text;
    }

    static std::string pack(const std::string &text)
    {
        z_stream z{};
        deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
        std::string packed(deflateBound(&z, text.size()) + 64, '\0');
        z.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
        z.avail_in = static_cast<uInt>(text.size());
        z.next_out = reinterpret_cast<Bytef *>(packed.data());
        z.avail_out = static_cast<uInt>(packed.size());
        deflate(&z, Z_FINISH);
        packed.resize(z.total_out);
        deflateEnd(&z);
        return packed;
    }

    std::string read(const std::string &name, int unpack = 1)
    {
        char *bytes = nullptr;
        size_t n = 0;
        mlsoap_status status = file_read(name.c_str(), unpack, &bytes, &n, &error);
        EXPECT_EQ(status, MLSOAP_SUCCESS) << error.message;
        if (status) return "";
        EXPECT_EQ(bytes[n], '\0');
        std::string text(bytes, n);
        memory_free(bytes);
        return text;
    }

    mlsoap_status read_fails(const std::string &name)
    {
        char *bytes;
        size_t n;
        mlsoap_status status = file_read(name.c_str(), 1, &bytes, &n, &error);
        EXPECT_EQ(bytes, nullptr);
        return status;
    }

    size_t n_files() const { return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {})); }
};
} // namespace

TEST_F(File, ReadsPlainFiles)
{
    std::string text(3000000, 'x');
    text[5] = '\0';
    store(path("a"), text);
    EXPECT_EQ(read(path("a")), text);
    store(path("empty"), "");
    EXPECT_EQ(read(path("empty")), "");
}

TEST_F(File, UnpacksByContentAndSeveralMembers)
{
    std::string text(2500000, 'y');
    store(path("a.dat"), pack(text) + pack("more"));
    EXPECT_EQ(read(path("a.dat")), text + "more");
    EXPECT_EQ(read(path("a.dat"), 0), pack(text) + pack("more"));
}

TEST_F(File, BrokenGzip)
{
    std::string packed = pack("some text that is long enough to be packed, packed, packed");
    store(path("cut"), packed.substr(0, packed.size() - 6));
    EXPECT_EQ(read_fails(path("cut")), MLSOAP_ERROR_FORMAT);
    EXPECT_NE(std::string(error.message).find("truncated"), std::string::npos) << error.message;
    std::string flipped = packed;
    flipped[packed.size() / 2] ^= 4;
    store(path("flipped"), flipped);
    EXPECT_EQ(read_fails(path("flipped")), MLSOAP_ERROR_FORMAT);
    store(path("tail"), packed + "trailing");
    EXPECT_EQ(read_fails(path("tail")), MLSOAP_ERROR_FORMAT);
    store(path("short"), packed.substr(0, 5));
    EXPECT_EQ(read_fails(path("short")), MLSOAP_ERROR_FORMAT);
}

TEST_F(File, MissingFilesAndFolders)
{
    EXPECT_EQ(read_fails(path("none")), MLSOAP_ERROR_FILE);
    EXPECT_NE(std::string(error.message).find("No such file"), std::string::npos) << error.message;
    EXPECT_NE(std::string(error.message).find(path("none")), std::string::npos);
    EXPECT_EQ(read_fails(folder.string()), MLSOAP_ERROR_FILE);
    EXPECT_NE(std::string(error.message).find("folder"), std::string::npos);
}

TEST_F(File, WritesAndReplaces)
{
    ASSERT_EQ(file_write(path("a").c_str(), "one", 3, &error), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(content(path("a")), "one");
    chmod(path("a").c_str(), 0640);
    ASSERT_EQ(file_write(path("a").c_str(), "two!", 4, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(content(path("a")), "two!");
    EXPECT_EQ(fs::status(path("a")).permissions(), static_cast<fs::perms>(0640)); // as the file it replaced
    EXPECT_EQ(n_files(), 1u);
}

TEST_F(File, NothingChangesBeforeCommit)
{
    store(path("a"), "old");
    file_writer *writer = nullptr;
    ASSERT_EQ(file_writer_open(path("a").c_str(), &writer, &error), MLSOAP_SUCCESS);
    std::string block(200000, 'b');
    ASSERT_EQ(file_writer_write(writer, block.data(), block.size(), &error), MLSOAP_SUCCESS);
    ASSERT_EQ(file_writer_print(writer, &error, "%d %s\n", 5, block.c_str()), MLSOAP_SUCCESS);
    EXPECT_EQ(content(path("a")), "old");
    file_writer_discard(writer);
    EXPECT_EQ(content(path("a")), "old");
    EXPECT_EQ(n_files(), 1u);
    ASSERT_EQ(file_writer_open(path("a").c_str(), &writer, &error), MLSOAP_SUCCESS);
    ASSERT_EQ(file_writer_print(writer, &error, "%d %s\n", 5, block.c_str()), MLSOAP_SUCCESS);
    ASSERT_EQ(file_writer_commit(writer, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(content(path("a")), "5 " + block + "\n");
    EXPECT_EQ(n_files(), 1u);
    file_writer_discard(nullptr);
}

TEST_F(File, SymbolicLinksAreFollowed)
{
    store(path("target"), "old");
    fs::create_symlink("target", folder / "link");
    ASSERT_EQ(file_write(path("link").c_str(), "new", 3, &error), MLSOAP_SUCCESS);
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(content(path("target")), "new");
}

TEST_F(File, PlacesWhereNothingCanBeWritten)
{
    EXPECT_EQ(file_write(path("no/such/folder").c_str(), "x", 1, &error), MLSOAP_ERROR_FILE);
    EXPECT_EQ(file_write(folder.c_str(), "x", 1, &error), MLSOAP_ERROR_FILE);
    EXPECT_EQ(file_write("", "x", 1, &error), MLSOAP_ERROR_FILE);
}

TEST_F(File, DevicesAreWrittenDirectly)
{
    EXPECT_EQ(file_write("/dev/null", "x", 1, &error), MLSOAP_SUCCESS) << error.message;
    if (!fs::exists("/dev/full")) GTEST_SKIP();
    EXPECT_EQ(file_write("/dev/full", "x", 1, &error), MLSOAP_ERROR_FILE);
    EXPECT_NE(std::string(error.message).find("No space left"), std::string::npos) << error.message;
}

TEST_F(File, FullDiskKeepsTheOldFile)
{
    store(path("a"), "old");
    rlimit old_limit;
    getrlimit(RLIMIT_FSIZE, &old_limit);
    auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {100000, old_limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::string block(300000, 'b');
    mlsoap_status big = file_write(path("a").c_str(), block.data(), block.size(), &error);
    // A small piece that still lies in the buffer fails only at the end.
    file_writer *writer = nullptr;
    file_writer_open(path("a").c_str(), &writer, nullptr);
    file_writer_write(writer, block.data(), 90000, nullptr);
    mlsoap_status buffered = file_writer_write(writer, block.data(), 20000, nullptr);
    mlsoap_status late = file_writer_commit(writer, &error);
    setrlimit(RLIMIT_FSIZE, &old_limit);
    std::signal(SIGXFSZ, old_handler);
    EXPECT_EQ(big, MLSOAP_ERROR_FILE);
    EXPECT_EQ(buffered, MLSOAP_SUCCESS);
    EXPECT_EQ(late, MLSOAP_ERROR_FILE);
    EXPECT_EQ(content(path("a")), "old");
    EXPECT_EQ(n_files(), 1u);
}

TEST_F(File, LeftoversOfKilledWritersAreRemoved)
{
    // process numbers end at 2^22 on Linux: the first of these does not run, the last writes right now
    const std::string running = "a.part-" + std::to_string(getpid()) + "-0";
    for (const char *name : {"a", "a.part-99999999-0", "ab.part-99999999-0", "a.part-99999999-0.txt", "a.part-x-0"})
        store(path(name), "x");
    store(path(running.c_str()), "x");
    file_remove_leftovers(path("a").c_str());
    EXPECT_FALSE(fs::exists(path("a.part-99999999-0")));
    EXPECT_EQ(n_files(), 5u);
    file_remove_leftovers(path("no_such_folder/a").c_str());
}

TEST_F(File, FailingAllocations)
{
    store(path("a"), pack("text"));
    int n_failures = 0;
    for (long n = 1; n < 50; n++) {
        char *bytes;
        size_t n_bytes;
        memory_fail_after(n);
        mlsoap_status status = file_read(path("a").c_str(), 1, &bytes, &n_bytes, &error);
        memory_fail_after(0);
        memory_free(bytes);
        if (status == MLSOAP_SUCCESS) break;
        EXPECT_EQ(status, MLSOAP_ERROR_MEMORY) << error.message;
        n_failures++;
    }
    EXPECT_GE(n_failures, 3);
    for (long n = 1; n <= 3; n++) {
        memory_fail_after(n);
        mlsoap_status status = file_write(path("b").c_str(), "x", 1, &error);
        memory_fail_after(0);
        EXPECT_EQ(status, MLSOAP_ERROR_MEMORY);
    }
    EXPECT_EQ(n_files(), 1u);
}
