/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file fix_mlsoap_watch.h
 *  What the keywords collect, lo, hi and every of pair style mlsoap do: every N steps, at the end of the step, the
 * largest force uncertainty of all atoms is found; above lo the frame is written, above hi the run stops. The pair
 * style makes this fix, as trial moves of other fixes (gcmc, atom/swap) call the pair style too and must not be judged.
 */
#ifndef LMP_FIX_MLSOAP_WATCH_H
#define LMP_FIX_MLSOAP_WATCH_H

#include "fix.h"

#include <string>

struct CollectedFrame;

namespace LAMMPS_NS
{

class PairMLSOAP;

class FixMLSOAPWatch : public Fix
{
  public:
    FixMLSOAPWatch(class LAMMPS *, int narg, char **arg);
    int setmask() override;
    void init() override;
    void setup(int vflag) override;
    void min_setup(int vflag) override;
    void end_of_step() override;
    void min_post_force(int vflag) override;
    void post_run() override;

    /** Whose uncertainties; before every run. */
    void attach(PairMLSOAP *owner);

  private:
    PairMLSOAP *pair = nullptr;
    bigint last_look = -1;     /**< step */
    bigint n_written = 0;      /**< frames, since the fix was made */
    double largest_seen = 0.0; /**< of this run */

    void look();
    double find_largest() const;
    tagint find_atom(double uncertainty) const;
    void collect();
    CollectedFrame gather() const;
    void stop_run(double largest);
};

} // namespace LAMMPS_NS

#endif
