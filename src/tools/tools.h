/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tools.h
 *  The subcommands of `mlsoap`, each a main of its own: argv[0] is the name of the subcommand. They return exit codes.
 */
#ifndef MLSOAP_TOOLS_H
#define MLSOAP_TOOLS_H

int train_command(int argc, char **argv);
int eval_command(int argc, char **argv);
int info_command(int argc, char **argv);
int check_command(int argc, char **argv);
int describe_command(int argc, char **argv);
int audit_command(int argc, char **argv);
int data_command(int argc, char **argv);
int data_check_command(int argc, char **argv);   /* of data_command */
int data_convert_command(int argc, char **argv); /* of data_command */
int select_command(int argc, char **argv);

#endif
