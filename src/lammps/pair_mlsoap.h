/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file pair_mlsoap.h
 *  Pair style mlsoap: energies, forces, virials and uncertainties of a .mlsoap potential in LAMMPS. Everything that
 *  belongs to the library hides behind `Engine`, so that LAMMPS sees no type of ours and the library none of LAMMPS. */
#ifndef LMP_PAIR_MLSOAP_H
#define LMP_PAIR_MLSOAP_H

#include "lammps_versions.h"
#include "pair.h"

#include <memory>
#include <string>
#include <vector>

namespace LAMMPS_NS
{

class PairMLSOAP : public Pair
{
  public:
    /** Keywords of the pair_style command. Uncertainties of forces in the units of the run. */
    struct Settings {
        std::string collect;         /**< file that gets the frames above `lo`; empty = none */
        double lo = 0.0;             /**< frames above it are written */
        double hi = 0.0;             /**< the run stops above it; 0 = never */
        int every = 10;              /**< steps from one look to the next */
        bool accept_changed = false; /**< another potential than that of the restart file may be read */
        bool watches() const { return !collect.empty() || hi > 0.0; }
    };

    explicit PairMLSOAP(class LAMMPS *);
    ~PairMLSOAP() override;

    void compute(int eflag, int vflag) override;
    void settings(int narg, char **arg) override;
    void coeff(int narg, char **arg) override;
    void init_style() override;
    void init_list(int id, class NeighList *list) override;
    double init_one(int i, int j) override;
    double memory_usage() override;

    void write_restart(FILE *) override;
    void read_restart(FILE *) override;
    void write_restart_settings(FILE *) override;
    void read_restart_settings(FILE *) override;

    /** For fix pair: "uncertainty" and "force_uncertainty" of each atom, found when they are asked for. */
    void *extract(const char *name, int &dimension) override;
    void *extract_peratom(const char *name, int &n_columns) MLSOAP_OVERRIDE_SINCE_2023;

    /** Uncertainties of the atoms of this rank at the positions of the last force evaluation, once per evaluation.
     *  Involves no other rank. */
    void update_uncertainties();
    const double *energy_uncertainties() const; /**< [nlocal] after update_uncertainties; 0 for a NULL type */
    const double *force_uncertainties() const;  /**< the same of the forces */
    /** Ends the run on every rank where the potential has no uncertainties; `user` is who needs them. */
    void require_uncertainties(const std::string &user);

    const Settings &keywords() const { return options; }
    const char *symbol_of_type(int type) const; /**< "X" for a NULL type */
    double angstrom() const;                    /**< in units of the run */
    const char *identity() const;

  private:
    struct Engine; /**< the potential and the scratch memory of each thread: pair_engine.h */
    struct Block;  /**< a few central atoms on their way through the library */
    std::unique_ptr<Engine> engine;

    Settings options;
    std::vector<std::string> option_words; /**< as given, for restart files */

    struct Saved { /**< what a restart file says of the potential */
        std::string path, identity;
        std::vector<std::string> elements;
    };
    std::unique_ptr<Saved> saved; /**< null where this run did not begin from a restart file */

    int trigger = 0;       /**< of fix pair, which sets it; nothing depends on it */
    bigint last_step = -1; /**< of compute() */
    int last_nlocal = -1;
    bool uncertainties_current = false;

    void allocate();
    void parse_keywords(const std::vector<std::string> &words);
    void use_potential(const std::string &path, const std::vector<std::string> &names);
    void load_potential(const std::string &path);
    void check_identity();
    std::vector<char> broadcast_file(const std::string &path);
    [[noreturn]] void stop(const std::string &message);
    [[noreturn]] void stop_alone(const std::string &message);
    void stop_together(bool failed, const std::string &message);
    void map_types(const std::vector<std::string> &names);
    void print_mapping();
    void check_masses();
    std::string mass_problem(int type, bool &fatal) const;
    void check_special_bonds();
    void watch_uncertainty();
    void forget_watcher();
    std::string watcher_id() const;

    void write_words(FILE *file, const std::vector<std::string> &words);
    std::vector<std::string> read_words(FILE *file);

    template <typename Evaluate, typename Take> std::string for_each_block(Evaluate evaluate, Take take);
    void sort_centers();
    bool gather(Block &block, int begin, int end) const;
    bool report_coincidence(Block &block, int i, int first, int end) const;
    void scatter(const Block &block);
    bool is_current() const;
};

} // namespace LAMMPS_NS

#endif
