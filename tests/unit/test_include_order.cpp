// SPDX-License-Identifier: BSD-3-Clause
// Dependencies point one way: each folder includes only from the folders that its row names.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace
{

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const std::map<std::string, Names> allowed = {
    {"src/core", {}},
    {"src/math", {"core"}},
    {"src/kernels", {"core", "math"}},
    {"src/structure", {"core"}},
    {"src/io", {"core", "structure"}},
    {"src/descriptors", {"core", "math", "kernels", "structure"}},
    {"src/models", {"core", "kernels"}},
    {"src/potential", {"core", "structure", "descriptors", "models"}},
    {"src/lammps", {"core"}},
    {"src/app", {"core", "math", "structure", "io", "descriptors", "models", "potential"}},
    {"src/tools", {"core", "structure", "io", "descriptors", "models", "potential", "app"}},
    {"training", {"core", "math", "structure", "io", "descriptors", "models", "potential", "app"}},
};

Names includes_of(const fs::path &file)
{
    Names folders;
    std::ifstream stream(file);
    const std::regex pattern("^\\s*#\\s*include\\s+\"([^\"/]+)/");
    for (std::string line; std::getline(stream, line);) {
        std::smatch match;
        if (std::regex_search(line, match, pattern)) folders.insert(match[1]);
    }
    return folders;
}

TEST(IncludeOrder, FoldersIncludeOnlyWhatTheyMay)
{
    const fs::path root = MLSOAP_SOURCE_DIR;
    for (const auto &[folder, may] : allowed) {
        size_t n_files = 0;
        const std::string own = fs::path(folder).filename();
        for (const auto &entry : fs::recursive_directory_iterator(root / folder)) {
            const std::string extension = entry.path().extension();
            if (extension != ".c" && extension != ".h" && extension != ".cpp") continue;
            n_files++;
            for (const std::string &name : includes_of(entry.path()))
                EXPECT_TRUE(name == own || may.count(name) || !fs::is_directory(root / "src" / name))
                    << entry.path() << " includes from " << name;
        }
        EXPECT_GT(n_files, 0u) << folder;
    }
}

TEST(IncludeOrder, EveryFolderHasItsRow)
{
    for (const auto &entry : fs::directory_iterator(fs::path(MLSOAP_SOURCE_DIR) / "src"))
        EXPECT_TRUE(!entry.is_directory() || allowed.count("src/" + entry.path().filename().string())) << entry.path();
}

TEST(IncludeOrder, FileNamesAreUnique)
{
    Names seen;
    const Names shared = {"README.md", "CMakeLists.txt", "LICENSE"};
    for (const char *folder : {"src", "training"})
        for (const auto &entry : fs::recursive_directory_iterator(fs::path(MLSOAP_SOURCE_DIR) / folder)) {
            const std::string name = entry.path().filename();
            EXPECT_TRUE(!entry.is_regular_file() || shared.count(name) || seen.insert(name).second) << entry.path();
        }
}

} // namespace
