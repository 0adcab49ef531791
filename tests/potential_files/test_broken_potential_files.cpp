// SPDX-License-Identifier: BSD-3-Clause
// Broken and hostile potential files: each fails with its status and a message that names what and where.
#include <gtest/gtest.h>

#include "support/potential_container.hpp"

using namespace testing_support;

namespace
{

/* A small file with golden frames. */
const std::string &valid_file()
{
    static const std::string bytes = [] {
        auto p = make_potential({R"({"species":["C"],"r_cut":3.0,"n_max":2,"l_max":1,"sigma":0.5})"},
                                R"({"type":"sparse_gp","zeta":3})", {random_structure(4, {6, 6, 6}, 4.0)},
                                default_parameters(3, 1));
        potential_set_golden(p->get(), nullptr, 0, nullptr);
        return bytes_of(p->get());
    }();
    return bytes;
}

void expect_refusal(const std::string &bytes, mlsoap_status status, const std::string &text, const std::string &what)
{
    mlsoap_error error{};
    EXPECT_EQ(read_status(bytes, &error), status) << what << ": " << error.message;
    EXPECT_NE(std::string(error.message).find(text), std::string::npos) << what << ": " << error.message;
    EXPECT_NE(std::string(error.message).find("test.mlsoap"), std::string::npos) << what << ": " << error.message;
}

TEST(BrokenPotentialFile, TheFileItselfIsValid)
{
    EXPECT_EQ(read_status(valid_file()), MLSOAP_SUCCESS);
    EXPECT_LE(valid_file().size(), 16384u) << "small enough for the sweeps below";
}

TEST(BrokenPotentialFile, TruncatedAtEveryLength)
{
    const std::string &file = valid_file();
    for (size_t n = 0; n < file.size(); n += n < 64 || n + 64 > file.size() ? 1 : 7) {
        mlsoap_error error{};
        std::string part = file.substr(0, n);
        ASSERT_NE(read_status(part, &error), MLSOAP_SUCCESS) << n;
        ASSERT_EQ(error.code, MLSOAP_ERROR_FORMAT) << n << ": " << error.message;
    }
    expect_refusal(file.substr(0, file.size() - 1), MLSOAP_ERROR_FORMAT, "truncated", "last byte");
    expect_refusal(file.substr(0, 20), MLSOAP_ERROR_FORMAT, "20 bytes are too few", "20 bytes");
    expect_refusal(file + "x", MLSOAP_ERROR_FORMAT, "1 bytes follow the last tensor", "a byte more");
}

TEST(BrokenPotentialFile, EveryBitFlipped)
{
    std::string file = valid_file();
    for (size_t i = 0; i < file.size(); i++)
        for (int bit = 0; bit < 8; bit++) {
            file[i] = char(file[i] ^ (1 << bit));
            mlsoap_error error{};
            mlsoap_status status = read_status(file, &error);
            ASSERT_TRUE(status == MLSOAP_ERROR_CHECKSUM || status == MLSOAP_ERROR_FORMAT)
                << "byte " << i << " bit " << bit << ": " << error.message;
            file[i] = char(file[i] ^ (1 << bit));
        }
    ASSERT_EQ(file, valid_file());
}

TEST(BrokenPotentialFile, ChecksumMessagesNameThePlace)
{
    std::string file = valid_file();
    file[file.size() - 5] = char(file[file.size() - 5] ^ 1);
    expect_refusal(file, MLSOAP_ERROR_CHECKSUM, "tensor terms.0.C.sparse_points does not match its checksum", "tensor");
    file = valid_file();
    file[100] = char(file[100] ^ 1);
    expect_refusal(file, MLSOAP_ERROR_CHECKSUM, "the header (bytes 0 to", "header");
}

TEST(BrokenPotentialFile, HeaderLength)
{
    for (uint64_t length :
         {uint64_t(valid_file().size()), uint64_t(99999992), uint64_t(1) << 40, UINT64_MAX, UINT64_MAX - 7}) {
        std::string file = valid_file();
        std::memcpy(&file[0], &length, 8);
        expect_refusal(file, MLSOAP_ERROR_FORMAT, "the header has " + std::to_string(length) + " bytes", "length");
    }
    std::string file = valid_file();
    uint64_t length = 8;
    std::memcpy(&file[0], &length, 8);
    expect_refusal(file, MLSOAP_ERROR_FORMAT, "multiple of 64", "short");
    expect_refusal("hello, this is no potential at all, but a text of some length .....", MLSOAP_ERROR_FORMAT,
                   "not a potential file", "text");
}

/* One change of the header; every checksum is right. */
struct HeaderChange {
    const char *name;
    std::function<void(json_t *)> change;
    mlsoap_status status;
    const char *text;
};

void set_offsets(json_t *root, const char *tensor, long long begin, long long end)
{
    json_object_set_new(json_object_get(root, tensor), "data_offsets",
                        json_pack("[I,I]", json_int_t(begin), json_int_t(end)));
}

void set_shape(json_t *root, const char *tensor, const char *shape)
{
    json_object_set_new(json_object_get(root, tensor), "shape", json_of(shape));
}

void set_metadata(json_t *root, const char *key, json_t *value)
{
    json_object_set_new(json_object_get(root, "__metadata__"), key, value);
}

const char *const first_tensor = "golden.0.cell", *const second_tensor = "golden.0.forces";

const std::vector<HeaderChange> &header_changes()
{
    static const std::vector<HeaderChange> all = {
        {"overlap", [](json_t *r) { set_offsets(r, second_tensor, 128, 320); }, MLSOAP_ERROR_FORMAT,
         "golden.0.forces begins at byte 128 of the data, the one before it ends at 192: they overlap"},
        {"gap", [](json_t *r) { set_offsets(r, second_tensor, 256, 448); }, MLSOAP_ERROR_FORMAT, "there is a gap"},
        {"negative", [](json_t *r) { set_offsets(r, first_tensor, -64, 128); }, MLSOAP_ERROR_FORMAT,
         "begins at byte -64"},
        {"backwards", [](json_t *r) { set_offsets(r, first_tensor, 0, -192); }, MLSOAP_ERROR_FORMAT,
         "ends at byte -192"},
        {"beyond", [](json_t *r) { set_offsets(r, first_tensor, 0, 1LL << 60); }, MLSOAP_ERROR_FORMAT,
         "truncated or damaged"},
        {"shape_differs", [](json_t *r) { set_shape(r, first_tensor, "[4,8]"); }, MLSOAP_ERROR_FORMAT,
         "has 192 bytes; its shape needs 256"},
        {"overflow", [](json_t *r) { set_shape(r, first_tensor, "[4611686018427387904,4611686018427387904]"); },
         MLSOAP_ERROR_FORMAT, "golden.0.cell: its size overflows"},
        {"overflow_to_right_size", [](json_t *r) { set_shape(r, first_tensor, "[2305843009213693976]"); },
         MLSOAP_ERROR_FORMAT, "overflows"},
        {"empty_shape", [](json_t *r) { set_shape(r, first_tensor, "[]"); }, MLSOAP_ERROR_FORMAT, "0 dimensions"},
        {"five_dimensions", [](json_t *r) { set_shape(r, first_tensor, "[3,8,1,1,1]"); }, MLSOAP_ERROR_FORMAT,
         "5 dimensions"},
        {"zero", [](json_t *r) { set_shape(r, first_tensor, "[0,8]"); }, MLSOAP_ERROR_FORMAT, "at least 1"},
        {"real_shape", [](json_t *r) { set_shape(r, first_tensor, "[3.0,8]"); }, MLSOAP_ERROR_FORMAT,
         "shape[0] must be an integer"},
        {"dtype", [](json_t *r) { json_object_set_new(json_object_get(r, first_tensor), "dtype", json_string("F32")); },
         MLSOAP_ERROR_FORMAT, "golden.0.cell: dtype is F32; it must be F64"},
        {"tensor_key",
         [](json_t *r) { json_object_set_new(json_object_get(r, first_tensor), "strides", json_array()); },
         MLSOAP_ERROR_FORMAT, "no other key"},
        {"tensor_is_text", [](json_t *r) { json_object_set_new(r, first_tensor, json_string("x")); },
         MLSOAP_ERROR_FORMAT, "dtype is missing"},
        {"unsigned_tensor", [](json_t *r) { set_metadata(r, "tensor_checksums", json_string("{}")); },
         MLSOAP_ERROR_CHECKSUM, "tensor golden.0.cell does not match its checksum (missing)"},
        {"no_checksums", [](json_t *r) { set_metadata(r, "tensor_checksums", json_string("[")); }, MLSOAP_ERROR_FORMAT,
         "tensor_checksums is missing or not a JSON object"},
        {"metadata_number", [](json_t *r) { set_metadata(r, "note", json_integer(1)); }, MLSOAP_ERROR_FORMAT,
         "note is not a text"},
        {"metadata_key", [](json_t *r) { set_metadata(r, "note", json_string("x")); }, MLSOAP_ERROR_FORMAT,
         "note is an unknown key"},
        {"format", [](json_t *r) { set_metadata(r, "format", json_string("pt")); }, MLSOAP_ERROR_FORMAT,
         "format is 'pt'"},
        {"no_version", [](json_t *r) { json_object_del(json_object_get(r, "__metadata__"), "format_version"); },
         MLSOAP_ERROR_FORMAT, "format_version is '(missing)'"},
        {"version_text", [](json_t *r) { set_metadata(r, "format_version", json_string("one")); }, MLSOAP_ERROR_FORMAT,
         "format_version is 'one'"},
        {"version_2", [](json_t *r) { set_metadata(r, "format_version", json_string("2")); }, MLSOAP_ERROR_VERSION,
         "format version 2 is newer than 1"},
        {"identity", [](json_t *r) { set_metadata(r, "identity", json_string("abc")); }, MLSOAP_ERROR_FORMAT,
         "64 hexadecimal digits"},
        {"no_description", [](json_t *r) { json_object_del(json_object_get(r, "__metadata__"), "mlsoap"); },
         MLSOAP_ERROR_FORMAT, "the description, is missing"},
        {"description_syntax", [](json_t *r) { set_metadata(r, "mlsoap", json_string("{\"units\":")); },
         MLSOAP_ERROR_FORMAT, "the description is not valid JSON at character"},
        {"description_twice", [](json_t *r) { set_metadata(r, "mlsoap", json_string("{\"units\":1,\"units\":2}")); },
         MLSOAP_ERROR_FORMAT, "duplicate object key"},
        {"description_overflow", [](json_t *r) { set_metadata(r, "mlsoap", json_string("{\"units\":1e400}")); },
         MLSOAP_ERROR_FORMAT, "overflow"},
        {"description_deep",
         [](json_t *r) {
             set_metadata(r, "mlsoap", json_string((std::string(100000, '[') + std::string(100000, ']')).c_str()));
         },
         MLSOAP_ERROR_FORMAT, "maximum parsing depth"},
        {"description_list", [](json_t *r) { set_metadata(r, "mlsoap", json_string("[]")); }, MLSOAP_ERROR_VALUE,
         "must be a mapping"},
    };
    return all;
}

TEST(BrokenPotentialFile, Headers)
{
    for (const HeaderChange &c : header_changes()) {
        Container container(valid_file());
        container.edit(c.change);
        if (c.status != MLSOAP_ERROR_CHECKSUM && std::string(c.name) != "no_checksums") container.sign_tensors();
        expect_refusal(container.bytes(), c.status, c.text, c.name);
    }
}

TEST(BrokenPotentialFile, HeaderTexts)
{
    Container container(valid_file());
    std::string good = container.header;
    container.header = good.substr(0, good.size() - 1);
    expect_refusal(container.bytes(), MLSOAP_ERROR_FORMAT, "the header is not valid JSON at byte", "unclosed");
    container.header = good.substr(0, good.size() - 1) + ",\"golden.0.cell\":{}}";
    expect_refusal(container.bytes(), MLSOAP_ERROR_FORMAT, "duplicate object key", "duplicate tensor");
    container.header =
        good.substr(0, good.size() - 1) + ",\"z\":" + std::string(50000, '[') + std::string(50000, ']') + "}";
    expect_refusal(container.bytes(), MLSOAP_ERROR_FORMAT, "maximum parsing depth", "deep");
    container.header = good.substr(0, good.size() - 1) + ",\"" + std::string(300, 'z') +
                       R"(":{"dtype":"F64","shape":[8],"data_offsets":[0,64]}})";
    expect_refusal(container.bytes(), MLSOAP_ERROR_FORMAT, "is too long", "long name");
    container.header = "{\"a\":1}" + good;
    expect_refusal(container.bytes(), MLSOAP_ERROR_FORMAT, "byte 8 should begin a header", "another beginning");
    std::string many = good.substr(0, good.size() - 1);
    for (int i = 0; i < 5000; i++) many += ",\"t" + std::to_string(i) + "\":0";
    container.header = many + "}";
    expect_refusal(container.bytes(), MLSOAP_ERROR_CAPACITY, "at most 4096", "too many");
}

TEST(BrokenPotentialFile, TensorsOutOfOrder)
{
    Container container(valid_file());
    container.edit([](json_t *root) { // the same data under another first name
        json_t *reordered = json_object(), *entry;
        const char *name;
        json_object_foreach(root, name, entry)
        {
            json_object_set(reordered, std::strcmp(name, first_tensor) == 0 ? "zzz" : name, entry);
        }
        json_object_clear(root);
        json_object_update(root, reordered);
        json_decref(reordered);
    });
    container.sign_tensors();
    expect_refusal(container.bytes(), MLSOAP_ERROR_FORMAT, "tensor golden.0.forces comes after zzz", "order");
}

TEST(BrokenPotentialFile, NumbersThatAreNotFinite)
{
    for (double bad : {double(NAN), double(INFINITY), -double(INFINITY)}) {
        Container container(valid_file());
        std::memcpy(&container.data[container.data.size() - 8 * 5], &bad, 8);
        container.sign_tensors();
        expect_refusal(container.bytes(), MLSOAP_ERROR_VALUE, "tensor terms.0.C.sparse_points: number", "not finite");
    }
}

/* Changes of the description; the table of keys is tested in tests/unit/potential/test_evaluate.cpp. */
TEST(BrokenPotentialFile, Descriptions)
{
    struct Change {
        const char *name;
        std::function<void(json_t *)> change;
        const char *text;
    };
    auto golden = [](json_t *d) { return json_array_get(json_object_get(d, "golden"), 0); };
    const std::vector<Change> changes = {
        {"unknown_key", [](json_t *d) { json_object_set_new(d, "new_feature", json_true()); },
         "new_feature: unknown key"},
        {"missing_units", [](json_t *d) { json_object_del(d, "units"); }, "units: missing"},
        {"r_cut",
         [](json_t *d) {
             json_object_set_new(json_array_get(json_object_get(d, "descriptors"), 0), "r_cut", json_real(-1));
         },
         "descriptors.0.r_cut"},
        {"l_max",
         [](json_t *d) {
             json_object_set_new(json_array_get(json_object_get(d, "descriptors"), 0), "l_max", json_integer(2));
         },
         "sparse_points: dimension 1"},
        {"golden_atoms", [&](json_t *d) { json_object_set_new(golden(d), "species", json_array()); },
         "golden.0: needs 1 to 64 atoms"},
        {"golden_element", [&](json_t *d) { json_object_set_new(golden(d), "species", json_pack("[s]", "Xy")); },
         "golden.0"},
        {"golden_tensors", [&](json_t *d) { json_object_set_new(golden(d), "tensors", json_string("terms.0.C")); },
         "golden.0.tensors: must begin with 'golden.'"},
        {"golden_size",
         [&](json_t *d) {
             json_t *species = json_array();
             for (int i = 0; i < 9; i++) json_array_append_new(species, json_string("C"));
             json_object_set_new(golden(d), "species", species);
         },
         "golden.0.positions of a golden frame is missing or not of shape"},
        {"golden_tolerance",
         [&](json_t *d) { json_object_set_new(json_object_get(golden(d), "tolerance"), "forces", json_real(1)); },
         "golden.0.tolerance.forces: 1 eV/angstrom is out of range"},
        {"golden_pbc", [&](json_t *d) { json_object_set_new(golden(d), "pbc", json_array()); }, "three entries of pbc"},
    };
    for (const Change &c : changes) {
        Container container(valid_file());
        container.edit_description(c.change);
        mlsoap_error error{};
        EXPECT_NE(read_status(container.bytes(), &error), MLSOAP_SUCCESS) << c.name;
        EXPECT_NE(std::string(error.message).find(c.text), std::string::npos) << c.name << ": " << error.message;
        EXPECT_NE(std::string(error.message).find("test.mlsoap"), std::string::npos) << c.name << ": " << error.message;
    }
}

} // namespace
