/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file lammps_plugin.h
 *  The C interface between LAMMPS and its plugins, in our own words (packages ship no lammpsplugin.h). The same from
 *  29Sep2021 to 22Jul2025. */
#ifndef MLSOAP_LAMMPS_PLUGIN_H
#define MLSOAP_LAMMPS_PLUGIN_H

extern "C" {

/** Makes a style: of pair, bond, angle, ..., command (v1); of fix, compute (v2). */
using lammps_plugin_factory1 = void *(*)(void *lammps);
using lammps_plugin_factory2 = void *(*)(void *lammps, int narg, char **arg);

struct lammps_plugin {
    const char *version; /**< LAMMPS that the plugin was built for, as text such as "22 Jul 2025" */
    const char *style;   /**< "pair", "fix", ... */
    const char *name;
    const char *info;
    const char *author;
    union {
        lammps_plugin_factory1 v1;
        lammps_plugin_factory2 v2;
    } creator;
    void *handle; /**< what dlopen returned */
};

/** The host's function that takes a style. */
using lammps_plugin_register = void (*)(lammps_plugin *plugin, void *lammps);

/** The function `lammpsplugin_init` of a plugin. */
using lammps_plugin_init = void (*)(void *lammps, void *handle, void *register_style);
}

#endif
