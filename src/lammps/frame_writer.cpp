/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame_writer.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace
{
/** LAMMPS runs in the locale "C"; 17 digits give the same bits when read. */
std::string digits(double value, int n = 17)
{
    char text[40];
    std::snprintf(text, sizeof(text), "%.*g", n, value);
    return text;
}

std::string header(const CollectedFrame &frame)
{
    std::string text = std::to_string(frame.atoms.size()) + "\nLattice=\"";
    for (int k = 0; k < 9; k++) text += (k ? " " : "") + digits(frame.cell[k / 3][k % 3]);
    text += "\" Properties=species:S:1:pos:R:3:id:I:1:mlsoap_uncertainty:R:1:mlsoap_force_uncertainty:R:1 pbc=\"";
    for (int k = 0; k < 3; k++) text += std::string(k ? " " : "") + (frame.pbc[k] ? "T" : "F");
    return text + "\" config_type=collected step=" + std::to_string(frame.step) + " mlsoap_identity=" + frame.identity +
           "\n";
}

bool write_all(int file, const std::string &text)
{
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t n = write(file, text.data() + done, text.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += static_cast<std::size_t>(n);
    }
    return fsync(file) == 0 || errno == EINVAL || errno == EROFS; // pipes and the like cannot be synchronized
}
} // namespace

std::string extxyz_text(const CollectedFrame &frame)
{
    std::string text = header(frame);
    for (const CollectedAtom &atom : frame.atoms) {
        text += frame.symbols[static_cast<std::size_t>(atom.type)];
        for (double x : atom.position) text += " " + digits(x);
        text += " " + std::to_string(static_cast<long>(atom.id)) + " " + digits(atom.uncertainty, 6) + " " +
                digits(atom.force_uncertainty, 6) + "\n";
    }
    return text;
}

std::string append_to_file(const std::string &path, const std::string &text)
{
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) return std::strerror(errno);
    const off_t before = lseek(file, 0, SEEK_END);
    std::string problem;
    if (!write_all(file, text)) {
        problem = std::strerror(errno);
        struct stat status = {};
        const bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
        if (regular && ftruncate(file, before) != 0) problem += ", and a part of a frame is left in it";
    }
    if (close(file) != 0 && problem.empty()) problem = std::strerror(errno);
    return problem;
}
