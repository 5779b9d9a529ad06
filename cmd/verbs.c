// SPDX-License-Identifier: GPL-2.0-or-later
/* verbs: the table of them. */
#include "verbs.h"

#include <string.h>

const struct verb verbs[] = {
	{"run", cmd_run, "start guests, measure startup latency and pinned pages",
	 &run_option_table},
	{"check", cmd_check, "will it work on this host, and if not, what is to be done",
	 &check_option_table},
	{"audit", cmd_audit, "what do the pins hold? Found out by experiment, told as verdicts",
	 &audit_option_table},
	{"compare", cmd_compare, "by how much do results differ, and is it more than chance?",
	 &compare_option_table},
	{"gate", cmd_gate, "did it get worse by more than it may? A verdict for CI",
	 &gate_option_table},
	{"baseline", cmd_baseline, "keep results to gate later ones against",
	 &baseline_option_table},
	{"plot", cmd_plot, "draw the plots of results", &plot_option_table},
	{"report", cmd_report, "tell what results say: text, Markdown, or a page with plots",
	 &report_option_table},
	{"recover", cmd_recover, "make a result of the journal of a run that was killed",
	 &recover_option_table},
	{"completion", cmd_completion, "a script that completes command lines in a shell",
	 &completion_option_table},
	{"help", cmd_help, "show this, or the manual of a verb", &help_option_table},
	{"version", cmd_version, "show the version", NULL},
	{0},
};

const struct verb *verbs_find(const char *name)
{
	const struct verb *v;

	for (v = verbs; v->name; v++) {
		if (strcmp(v->name, name) == 0)
			return v;
	}
	return NULL;
}

const char *verbs_name(size_t i)
{
	return i < sizeof(verbs) / sizeof(verbs[0]) ? verbs[i].name : NULL;
}
