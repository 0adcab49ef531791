/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entry point of mlsoapplugin.so, for the `plugin` command of LAMMPS or of lmp_mlsoap.
 *
 * The layout of the class Pair changes between releases, sizes of integers and MPI between builds, and LAMMPS checks
 * none of it. So lammpsplugin_init first asks its host through C functions found by name, and registers the style only
 * with the LAMMPS that it was built for. The build makes our references to LAMMPS and MPI weak, so that a wrong host
 * can load the file far enough to be told. */
#include "compute_mlsoap_uncertainty.h"
#include "fix_mlsoap_watch.h"
#include "lammps_plugin.h"
#include "pair_mlsoap.h"

#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <string>

using namespace LAMMPS_NS;

namespace
{
#if defined(OMPI_MAJOR_VERSION)
constexpr const char *BUILT_FOR_MPI = "Open MPI";
#elif defined(MPICH_VERSION)
constexpr const char *BUILT_FOR_MPI = "MPICH";
#else
constexpr const char *BUILT_FOR_MPI = "another MPI";
#endif

struct HostInfo {
    int version = 0;
    int tagint_bytes = 0;
    int rank = 0;
    const char *mpi = "";
};

/** By the text that every MPI library gives, even before it is initialized. */
const char *host_mpi()
{
    using text_function = int (*)(char *, int *);
    const auto library_version = reinterpret_cast<text_function>(dlsym(RTLD_DEFAULT, "MPI_Get_library_version"));
    if (!library_version) return "no MPI";
    char text[10000] = ""; // MPI_MAX_LIBRARY_VERSION_STRING is 8192 at most
    int length = 0;
    library_version(text, &length);
    return std::strstr(text, "Open MPI") ? "Open MPI" : "MPICH"; // others are of MPICH's kind
}

/** Everything by C functions: their form has not changed since 2020. */
HostInfo ask_host(void *lammps)
{
    HostInfo host;
    using version_function = int (*)(void *);
    using setting_function = int (*)(void *, const char *);
    const auto version = reinterpret_cast<version_function>(dlsym(RTLD_DEFAULT, "lammps_version"));
    const auto setting = reinterpret_cast<setting_function>(dlsym(RTLD_DEFAULT, "lammps_extract_setting"));
    if (version) host.version = version(lammps);
    if (setting) {
        host.tagint_bytes = setting(lammps, "tagint");
        host.rank = setting(lammps, "world_rank");
    }
    host.mpi = host_mpi();
    return host;
}

/** Why the style must not run in this host; empty where it may. */
std::string objection(const HostInfo &host)
{
    if (host.version != MLSOAP_LAMMPS_VERSION)
        return "it was built for LAMMPS version " + std::to_string(MLSOAP_LAMMPS_VERSION) +
               ", but this is LAMMPS version " + std::to_string(host.version);
    if (host.tagint_bytes != static_cast<int>(sizeof(tagint)))
        return "it was built for atom IDs of " + std::to_string(sizeof(tagint)) + " bytes, but this LAMMPS has " +
               std::to_string(host.tagint_bytes) + " (LAMMPS_SMALLBIG or LAMMPS_BIGBIG)";
    if (std::string(host.mpi) != BUILT_FOR_MPI)
        return std::string("it was built with ") + BUILT_FOR_MPI + ", but this LAMMPS uses " + host.mpi;
    return "";
}

Pair *create_pair_mlsoap(LAMMPS *lammps)
{
    return new PairMLSOAP(lammps);
}

Compute *create_compute_uncertainty(LAMMPS *lammps, int narg, char **arg)
{
    return new ComputeMLSOAPUncertainty(lammps, narg, arg);
}

Fix *create_fix_watch(LAMMPS *lammps, int narg, char **arg)
{
    return new FixMLSOAPWatch(lammps, narg, arg);
}
} // namespace

extern "C" __attribute__((visibility("default"))) void lammpsplugin_init(void *lammps, void *handle,
                                                                         void *register_style)
{
    const HostInfo host = ask_host(lammps);
    const std::string reason = objection(host);
    if (!reason.empty()) {
        if (host.rank == 0) {
            std::printf("ERROR: mlsoapplugin.so refuses to load: %s. Build the plugin against this LAMMPS; pair style "
                        "mlsoap stays unknown.\n",
                        reason.c_str());
            std::fflush(stdout);
        }
        return;
    }
    const auto add = reinterpret_cast<lammps_plugin_register>(register_style);
    lammps_plugin plugin = {};
    plugin.version = static_cast<LAMMPS *>(lammps)->version;
    plugin.author = "the mlsoap authors";
    plugin.handle = handle;
    plugin.style = "pair";
    plugin.name = "mlsoap";
    plugin.info = "pair style mlsoap: machine-learned potentials on SOAP descriptors";
    plugin.creator.v1 = reinterpret_cast<lammps_plugin_factory1>(&create_pair_mlsoap);
    add(&plugin, lammps);
    plugin.style = "compute";
    plugin.name = "mlsoap/uncertainty";
    plugin.info = "compute mlsoap/uncertainty: uncertainties of atoms by pair style mlsoap";
    plugin.creator.v2 = reinterpret_cast<lammps_plugin_factory2>(&create_compute_uncertainty);
    add(&plugin, lammps);
    plugin.style = "fix";
    plugin.name = "mlsoap/watch";
    plugin.info = "fix mlsoap/watch: the keywords collect and hi of pair style mlsoap";
    plugin.creator.v2 = reinterpret_cast<lammps_plugin_factory2>(&create_fix_watch);
    add(&plugin, lammps);
}
