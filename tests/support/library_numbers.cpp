// SPDX-License-Identifier: BSD-3-Clause
// The numbers of the C library for the frames of a file, one line each: energy (eV), forces (eV/Angstrom), virial (eV, xx
// yy zz xy xz yz). The parity matrix compares them with `mlsoap eval` and LAMMPS.
//
// usage: library_numbers POTENTIAL FILE
#include "mlsoap.h"

#include <cstdio>
#include <stdexcept>
#include <vector>

extern "C" {
#include "io/io.h"
}

namespace
{
void check(mlsoap_status status, const mlsoap_error &error)
{
    if (status) throw std::runtime_error(error.message);
}

void print(const mlsoap_potential *potential, mlsoap_workspace *workspace, const structure &s)
{
    mlsoap_error error{};
    double energy = 0, virial[6];
    std::vector<double> forces(3 * s.n_atoms);
    const bool periodic = s.pbc[0] || s.pbc[1] || s.pbc[2];
    const mlsoap_structure_view view = {sizeof view, s.n_atoms, s.species, &s.positions[0][0],
                                        periodic ? &s.cell[0][0] : nullptr, s.pbc};
    check(mlsoap_evaluate_structure(potential, workspace, &view, &energy, nullptr, forces.data(), virial, &error),
          error);
    std::printf("%.17g", energy);
    for (double f : forces) std::printf(" %.17g", f);
    for (double w : virial) std::printf(" %.17g", w);
    std::printf("\n");
}
} // namespace

int main(int argc, char **argv)
try {
    if (argc != 3) throw std::runtime_error("usage: library_numbers POTENTIAL FILE");
    mlsoap_error error{};
    mlsoap_potential *potential = nullptr;
    mlsoap_workspace *workspace = nullptr;
    frame_set frames{};
    check(mlsoap_potential_read_file(argv[1], &potential, &error), error);
    check(mlsoap_workspace_new(potential, &workspace, &error), error);
    check(frames_read(argv[2], nullptr, &frames, &error), error);
    for (size_t c = 0; c < frames.n_frames; c++) print(potential, workspace, frames.frames[c].structure);
    frame_set_release(&frames);
    mlsoap_workspace_free(workspace);
    mlsoap_potential_free(potential);
    return 0;
} catch (const std::exception &problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
}
