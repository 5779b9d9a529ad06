/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs: one function a verb; argv[0] is the verb. Each returns an exit code. */
#ifndef SEVPINBENCH_CMD_VERBS_H
#define SEVPINBENCH_CMD_VERBS_H

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_recover(int argc, char **argv);

#endif
