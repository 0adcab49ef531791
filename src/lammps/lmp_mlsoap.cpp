/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lmp_mlsoap: LAMMPS from the system's liblammps with the command `plugin` added, for packages that were built without
 * it (Debian's). Takes the options and input scripts of lmp.
 *
 *     plugin load FILE ...       plugin unload STYLE NAME       plugin list       plugin clear
 *
 * Unlike in a LAMMPS with the PLUGIN package, a file that cannot be loaded is an error, only pair, compute and fix
 * styles are taken, and after the command `clear` the file has to be loaded again. */
#include "lammps_plugin.h"

#include "comm.h"
#include "command.h"
#include "compute.h"
#include "error.h"
#include "fix.h"
#include "force.h"
#include "input.h"
#include "lammps.h"
#include "modify.h"
#include "utils.h"

#include <algorithm>
#include <cstdio>
#include <dlfcn.h>
#include <exception>
#include <string>
#include <vector>

using namespace LAMMPS_NS;

namespace
{
/** Styles that plugins registered; one process runs one LAMMPS. */
std::vector<lammps_plugin> loaded_styles;

void register_style(lammps_plugin *plugin, void *host)
{
    auto *lammps = static_cast<LAMMPS *>(host);
    const std::string style = plugin->style, name = plugin->name;
    if (style == "pair")
        (*lammps->force->pair_map)[name] = reinterpret_cast<Force::PairCreator>(plugin->creator.v1);
    else if (style == "compute")
        (*lammps->modify->compute_map)[name] = reinterpret_cast<Modify::ComputeCreator>(plugin->creator.v2);
    else if (style == "fix")
        (*lammps->modify->fix_map)[name] = reinterpret_cast<Modify::FixCreator>(plugin->creator.v2);
    else
        lammps->error->all(FLERR, "plugin: " + style + " style " + name +
                                      ": lmp_mlsoap takes only pair, compute and fix styles");
    const auto same = [&](const lammps_plugin &p) { return style == p.style && name == p.name; };
    loaded_styles.erase(std::remove_if(loaded_styles.begin(), loaded_styles.end(), same), loaded_styles.end());
    loaded_styles.push_back(*plugin);
}

class PluginCommand : public Command
{
  public:
    explicit PluginCommand(LAMMPS *lammps) : Command(lammps) {}

    void command(int narg, char **arg) override
    {
        const std::string action = narg > 0 ? arg[0] : "";
        if (action == "load" && narg > 1)
            for (int i = 1; i < narg; i++) load(arg[i]);
        else if (action == "unload" && narg == 3)
            unload(arg[1], arg[2]);
        else if (action == "list" && narg == 1)
            print_list();
        else if (action == "clear" && narg == 1)
            while (!loaded_styles.empty()) unload(loaded_styles.back().style, loaded_styles.back().name);
        else
            error->all(FLERR, std::string("Illegal plugin command: use plugin load FILE ..., plugin unload STYLE NAME, "
                                          "plugin list or plugin clear"));
    }

  private:
    void load(const std::string &path)
    {
        void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!handle) {
            const char *reason = dlerror();
            error->all(FLERR, "plugin load: " + std::string(reason ? reason : path) +
                                  " (a file of the working folder is named ./FILE)");
        }
        const auto init = reinterpret_cast<lammps_plugin_init>(dlsym(handle, "lammpsplugin_init"));
        if (!init) error->all(FLERR, "plugin load: " + path + " is not a LAMMPS plugin (no lammpsplugin_init)");
        init(lmp, handle, reinterpret_cast<void *>(&register_style));
    }

    /** The style leaves; its code stays mapped, since a pair style that is in use may hold on to it. */
    void unload(const std::string &style, const std::string &name)
    {
        const auto it = std::find_if(loaded_styles.begin(), loaded_styles.end(),
                                     [&](const lammps_plugin &p) { return style == p.style && name == p.name; });
        if (it == loaded_styles.end())
            error->all(FLERR, "plugin unload: no " + style + " style " + name + " is loaded");
        if (style == "pair") {
            if (uses_pair(name)) force->create_pair("none", 1);
            force->pair_map->erase(name);
        } else if (style == "compute") {
            for (int i = modify->ncompute - 1; i >= 0; i--)
                if (name == modify->compute[i]->style) modify->delete_compute(modify->compute[i]->id);
            modify->compute_map->erase(name);
        } else {
            for (int i = modify->nfix - 1; i >= 0; i--)
                if (name == modify->fix[i]->style) modify->delete_fix(modify->fix[i]->id);
            modify->fix_map->erase(name);
        }
        loaded_styles.erase(it);
    }

    /** Alone, or one or several times in a hybrid style. */
    bool uses_pair(const std::string &name) const
    {
        return force->pair_match(name, 1) || force->pair_match(name, 1, 1);
    }

    void print_list()
    {
        if (comm->me != 0) return;
        std::string text = "Currently loaded plugins\n";
        for (std::size_t i = 0; i < loaded_styles.size(); i++)
            text +=
                std::to_string(i + 1) + ": " + loaded_styles[i].style + " style plugin " + loaded_styles[i].name + "\n";
        utils::logmesg(lmp, text);
    }
};

Command *create_plugin_command(LAMMPS *lammps)
{
    return new PluginCommand(lammps);
}
} // namespace

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    try {
        LAMMPS lammps(argc, argv, MPI_COMM_WORLD);
        (*lammps.input->command_map)["plugin"] = &create_plugin_command;
        lammps.input->file();
    } catch (const std::exception &problem) { // LAMMPS since 2023 ends an input script so, after printing the error
        std::fprintf(stderr, "lmp_mlsoap: %s\n", problem.what());
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    MPI_Finalize();
    return 0;
}
