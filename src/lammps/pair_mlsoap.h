/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file pair_mlsoap.h
 *  Pair style mlsoap: energies, forces and virials of a .mlsoap potential in LAMMPS. Everything that belongs to the
 *  library hides behind `Engine`, so that LAMMPS sees no type of ours and the library none of LAMMPS. */
#ifndef LMP_PAIR_MLSOAP_H
#define LMP_PAIR_MLSOAP_H

#include "pair.h"

#include <memory>
#include <string>
#include <vector>

namespace LAMMPS_NS
{

class PairMLSOAP : public Pair
{
  public:
    explicit PairMLSOAP(class LAMMPS *);
    ~PairMLSOAP() override;

    void compute(int eflag, int vflag) override;
    void settings(int narg, char **arg) override;
    void coeff(int narg, char **arg) override;
    void init_style() override;
    void init_list(int id, class NeighList *list) override;
    double init_one(int i, int j) override;
    double memory_usage() override;

  private:
    struct Engine; /**< the potential and the scratch memory of each thread: pair_engine.h */
    struct Block;  /**< a few central atoms on their way through the library */
    std::unique_ptr<Engine> engine;

    void allocate();
    void load_potential(const std::string &path);
    std::vector<char> broadcast_file(const std::string &path);
    [[noreturn]] void stop(const std::string &message);
    [[noreturn]] void stop_alone(const std::string &message);
    void stop_together(bool failed, const std::string &message);
    void map_types(int n_names, char **names);
    void print_mapping();
    void check_masses();
    std::string mass_problem(int type, bool &fatal) const;
    void check_special_bonds();

    std::string compute_blocks();
    bool gather(Block &block, int begin, int end) const;
    bool report_coincidence(Block &block, int i, int j) const;
    void scatter(const Block &block);
};

} // namespace LAMMPS_NS

#endif
