# SPDX-License-Identifier: BSD-3-Clause
"""Reading .npy and .npz with the standard library alone: an independent view of what mlsoap writes."""

import ast
import math
import struct
import zipfile


class Array:
    """Shape and flat numbers in C order."""

    def __init__(self, shape, numbers):
        self.shape = shape
        self.numbers = numbers

    def __getitem__(self, index):
        """The sub-array (or number) at an index of leading dimensions."""
        index = index if isinstance(index, tuple) else (index,)
        offset, size = 0, len(self.numbers)
        for i, n in zip(index, self.shape):
            if not 0 <= i < n:
                raise IndexError(index)
            size //= n
            offset += i * size
        rest = self.shape[len(index):]
        return Array(rest, self.numbers[offset:offset + size]) if rest else self.numbers[offset]


def parse_npy(data):
    """An Array from the bytes of a .npy file; every rule of the format that we rely on is checked."""
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    (n,) = struct.unpack("<H", data[8:10])
    header = data[10:10 + n]
    assert (10 + n) % 64 == 0 and header.endswith(b"\n")
    description = ast.literal_eval(header.decode("ascii"))
    assert set(description) == {"descr", "fortran_order", "shape"} and not description["fortran_order"]
    shape = description["shape"]
    count = math.prod(shape)
    code = {"<f8": "d", "<i8": "q"}[description["descr"]]
    assert len(data) == 10 + n + 8 * count, (len(data), n, shape)
    return Array(shape, struct.unpack(f"<{count}{code}", data[10 + n:]))


def read_npy(path):
    with open(path, "rb") as file:
        return parse_npy(file.read())


def check_local_records(path, entries):
    """What a reader without the central directory sees: local header, data, data descriptor, one after the other."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    for entry in entries:
        assert entry.header_offset == at and data[at:at + 4] == b"PK\x03\x04"
        n_name, n_extra = struct.unpack("<HH", data[at + 26:at + 30])
        at += 30 + n_name + n_extra + entry.file_size
        assert data[at:at + 24] == struct.pack("<4sIQQ", b"PK\x07\x08", entry.CRC, entry.file_size, entry.file_size)
        at += 24
    assert data[at:at + 4] == b"PK\x01\x02"


def read_npz(path):
    """Arrays by name, in the order of the archive; the zip module verifies the checksums."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        check_local_records(path, archive.infolist())
        names = archive.namelist()
        assert all(name.endswith(".npy") for name in names)
        return {name[:-4]: parse_npy(archive.read(name)) for name in names}
