#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The Python package safetensors reads potential files, and what potentials/FORMAT.md says of them holds: layout, padding,
identity. Independent of our own reader.

usage: check_safetensors.py FILE.mlsoap ...      needs safetensors, numpy; exit code 0 where all is well
"""
import hashlib
import json
import struct
import sys

import numpy
from safetensors import safe_open


def real_text(x):
    """A real number in canonical form: %.17g, with a point or an exponent, no '+' and no leading zeros in it."""
    text = "%.17g" % x
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    return text if "." in text else text + ".0"


def string_text(s):
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(short.get(c, c if ord(c) >= 32 else "\\u%04X" % ord(c)) for c in s) + '"'


def canonical(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode())
        return "{" + ",".join(f"{string_text(k)}:{canonical(value[k])}" for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return string_text(value)
    if isinstance(value, float):
        return real_text(value)
    return json.dumps(value)  # true, false, null, integers


def check_header(path):
    """The bytes before the tensors."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    assert (8 + length) % 64 == 0, "data do not begin at a multiple of 64"
    assert data[8 : 8 + 28] == b'{"__metadata__":{"checksum":', "the checksum does not come first"
    header = json.loads(data[8 : 8 + length])
    end = 0
    names = [name for name in header if name != "__metadata__"]
    assert names == sorted(names), "tensors are not sorted by name"
    for name in names:
        begin, stop = header[name]["data_offsets"]
        assert begin == end and (stop - begin) % 64 == 0, f"{name}: gap, overlap or size"
        end = stop
    assert 8 + length + end == len(data), "bytes follow the last tensor"
    return names


def check_file(path):
    names = check_header(path)
    with safe_open(path, "np") as file:
        assert sorted(file.keys()) == names
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in names}
    assert metadata["format"] == "mlsoap" and metadata["format_version"] == "1"
    description = json.loads(metadata["mlsoap"])
    assert canonical(description) == metadata["mlsoap"], "the description is not in canonical form"
    identity = hashlib.sha256()
    hashed = {k: v for k, v in description.items() if k not in ("provenance", "errors", "golden")}
    identity.update(canonical(hashed).encode())
    for name in names:
        assert tensors[name].dtype == numpy.float64 and numpy.isfinite(tensors[name]).all(), name
        if not name.startswith("golden.") and not name.endswith(".square_sum"):
            identity.update(tensors[name].tobytes())
    assert identity.hexdigest() == metadata["identity"], "the identity is not what FORMAT.md says"
    for term in description["terms"]:
        for entry in term["species"].values():
            check_model(term["model"], tensors, entry["tensors"])
    print(f"{path}: {len(names)} tensors, identity {metadata['identity']}")


def check_model(model, tensors, prefix):
    if model["type"] != "sparse_gp":
        return
    points, alpha = tensors[prefix + ".sparse_points"], tensors[prefix + ".alpha"]
    assert points.shape[1] % 8 == 0 and alpha.shape == ((points.shape[0] + 7) // 8 * 8,)
    assert not alpha[points.shape[0] :].any(), "padding of alpha"
    if model["normalized"]:
        length = numpy.linalg.norm(points, axis=1)
        assert (numpy.abs(length[length > 0] - 1) < 1e-9).all(), "length of the sparse points"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for argument in sys.argv[1:]:
        check_file(argument)
