// SPDX-License-Identifier: BSD-3-Clause
// Taking potential files apart and putting them together again, by potentials/FORMAT.md and not by the library's
// writer: tests break one thing and keep every checksum right, so that the check behind the checksum is reached.
#ifndef MLSOAP_TEST_POTENTIAL_CONTAINER_HPP
#define MLSOAP_TEST_POTENTIAL_CONTAINER_HPP

#include "support/potentials.hpp"

#include <cinttypes>

extern "C" {
#include "core/hash.h"
}

namespace testing_support
{

inline std::string digits_of(const std::string &bytes)
{
    char text[17];
    std::snprintf(text, sizeof text, "%016" PRIx64, hash_fast(bytes.data(), bytes.size()));
    return text;
}

/** A file as its parts. */
struct Container {
    std::string header; // JSON text, without padding
    std::string data;

    explicit Container(const std::string &bytes)
    {
        uint64_t length = 0;
        std::memcpy(&length, bytes.data(), 8);
        header = bytes.substr(8, length);
        while (!header.empty() && header.back() == ' ') header.pop_back();
        data = bytes.substr(8 + length);
    }

    /** The header, changed as JSON: `change` gets the root. */
    void edit(const std::function<void(json_t *)> &change)
    {
        Json root(json_of(header));
        change(root.value);
        char *text = json_dumps(root.value, JSON_COMPACT);
        header = text;
        std::free(text);
    }

    /** The description inside the header, changed as JSON. */
    void edit_description(const std::function<void(json_t *)> &change)
    {
        edit([&](json_t *root) {
            json_t *metadata = json_object_get(root, "__metadata__");
            Json description(json_of(json_string_value(json_object_get(metadata, "mlsoap"))));
            change(description.value);
            char *text = json_dumps(description.value, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
            json_object_set_new(metadata, "mlsoap", json_string(text));
            std::free(text);
        });
    }

    /** Checksum of every tensor, from the offsets of the header as far as they lie in the data. */
    void sign_tensors()
    {
        edit([&](json_t *root) {
            json_t *checksums = json_object(), *entry;
            const char *name;
            json_object_foreach(root, name, entry)
            {
                if (std::strcmp(name, "__metadata__") == 0) continue;
                json_t *offsets = json_object_get(entry, "data_offsets");
                auto begin = size_t(json_integer_value(json_array_get(offsets, 0)));
                auto end = size_t(json_integer_value(json_array_get(offsets, 1)));
                std::string part = begin <= end && end <= data.size() ? data.substr(begin, end - begin) : "";
                json_object_set_new(checksums, name, json_string(digits_of(part).c_str()));
            }
            char *text = json_dumps(checksums, JSON_COMPACT);
            json_object_set_new(json_object_get(root, "__metadata__"), "tensor_checksums", json_string(text));
            std::free(text);
            json_decref(checksums);
        });
    }

    /** The file, header padded and signed. */
    std::string bytes() const
    {
        const std::string start = "{\"__metadata__\":{\"checksum\":\"";
        std::string text = header;
        if (text.compare(0, start.size(), start) == 0) text.replace(start.size(), 16, std::string(16, '0'));
        while ((8 + text.size()) % 64) text += ' ';
        uint64_t length = text.size();
        std::string file(reinterpret_cast<const char *>(&length), 8);
        file += text;
        if (text.compare(0, start.size(), start) == 0) file.replace(8 + start.size(), 16, digits_of(file));
        return file + data;
    }
};

/** Read from memory; the potential is freed at once. */
inline mlsoap_status read_status(const std::string &bytes, mlsoap_error *error = nullptr)
{
    mlsoap_potential *p = nullptr;
    mlsoap_status status = mlsoap_potential_read_memory(bytes.data(), bytes.size(), "test.mlsoap", &p, error);
    EXPECT_EQ(p == nullptr, status != MLSOAP_SUCCESS);
    mlsoap_potential_free(p);
    return status;
}

/** The bytes of a potential, by way of a file. */
inline std::string bytes_of(const mlsoap_potential *p)
{
    std::string path = scratch_path("container");
    mlsoap_error error{};
    if (potential_write_file(p, path.c_str(), &error)) throw std::runtime_error(error.message);
    std::string bytes = file_bytes(path);
    std::remove(path.c_str());
    return bytes;
}

} // namespace testing_support

#endif
