/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs: one function a verb; argv[0] is the verb. Each returns an exit code. */
#ifndef SEVPINBENCH_CMD_VERBS_H
#define SEVPINBENCH_CMD_VERBS_H

#include "options.h"

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_gate(int argc, char **argv);
int cmd_baseline(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_recover(int argc, char **argv);

extern const struct option_table run_option_table;
extern const struct option_table check_option_table;
extern const struct option_table audit_option_table;
extern const struct option_table recover_option_table;

#endif
