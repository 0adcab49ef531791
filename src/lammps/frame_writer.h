/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file frame_writer.h
 *  A frame as extxyz, ready for a calculation of reference data, appended to a file as a whole or not at all. */
#ifndef MLSOAP_FRAME_WRITER_H
#define MLSOAP_FRAME_WRITER_H

#include <string>
#include <vector>

struct CollectedAtom {
    double id, type, position[3]; /**< id as a double: all of it travels by one MPI type */
    double uncertainty, force_uncertainty;
};

/** Angstrom, eV, eV/Angstrom. */
struct CollectedFrame {
    double cell[3][3]; /**< rows a, b, c */
    int pbc[3];
    long step;
    std::string identity;             /**< of the potential */
    std::vector<std::string> symbols; /**< [n_types + 1] */
    std::vector<CollectedAtom> atoms; /**< in the order of the file */
};

/** The frame with config_type=collected; uncertainties under names that no reader takes for targets. */
std::string extxyz_text(const CollectedFrame &frame);

/** Append a text; on failure the file is as it was. Empty, or what went wrong. An empty text only looks whether the
 * file can be written. */
std::string append_to_file(const std::string &path, const std::string &text);

#endif
