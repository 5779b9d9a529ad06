/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs: one function and one table of options a verb. */
#ifndef SEVPINBENCH_CMD_VERBS_H
#define SEVPINBENCH_CMD_VERBS_H

#include "options.h"

/* Each returns an exit code; argv[0] is the verb. */
int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_gate(int argc, char **argv);
int cmd_baseline(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_recover(int argc, char **argv);
int cmd_completion(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_version(int argc, char **argv);

extern const struct option_table run_option_table;
extern const struct option_table check_option_table;
extern const struct option_table audit_option_table;
extern const struct option_table compare_option_table;
extern const struct option_table gate_option_table;
extern const struct option_table baseline_option_table;
extern const struct option_table plot_option_table;
extern const struct option_table report_option_table;
extern const struct option_table recover_option_table;
extern const struct option_table completion_option_table;
extern const struct option_table help_option_table;

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
	const struct option_table *options; /* NULL: takes none */
};

/* All of them, in the order in which they are shown; the last has no name. */
extern const struct verb verbs[];

/* NULL: there is none of that name. */
const struct verb *verbs_find(const char *name);

/* The i-th verb's name; NULL behind the last. */
const char *verbs_name(size_t i);

#endif
