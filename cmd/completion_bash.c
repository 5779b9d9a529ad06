// SPDX-License-Identifier: GPL-2.0-or-later
/* completion_bash: three functions of cases from the tables, and one that uses them. */
#include "completion.h"

#include "verbs.h"
#include <stdio.h>

static const char use_of_cases[] =
	"# The words of $words that continue $cur; in a list, what follows its last comma.\n"
	"_sevpinbench_words()\n"
	"{\n"
	"\tlocal word before=\n"
	"\t[ -n \"$list\" ] && before=${cur%\"${cur##*,}\"}\n"
	"\tfor word in $words; do\n"
	"\t\tcase ,$before in\n"
	"\t\t*,\"$word\",*) continue ;; # none is given twice\n"
	"\t\tesac\n"
	"\t\tcase $before$word in\n"
	"\t\t\"$cur\"*) COMPREPLY+=(\"$before$word\") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"}\n\n"
	"_sevpinbench_offer()\n"
	"{\n"
	"\tcase $kind in\n"
	"\tword) _sevpinbench_words ;;\n"
	"\tfile)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -X \"!*${words:+.$words}\" -- \"$cur\"\n"
	"\t\t\tcompgen -d -- \"$cur\")\n"
	"\t\t;;\n"
	"\tfolder)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
	"\t\t;;\n"
	"\tesac\n"
	"}\n\n"
	"_sevpinbench()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal verb=${COMP_WORDS[1]} kind= words= list=\n"
	"\tCOMPREPLY=()\n"
	"\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	"\t\tkind=word words=$(_sevpinbench_options '')\n"
	"\t\t_sevpinbench_offer\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t# --option=value comes in three parts.\n"
	"\tif [ \"$cur\" = = ]; then\n"
	"\t\tcur=\n"
	"\telif [ \"$prev\" = = ]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tif ! _sevpinbench_value \"$verb\" \"$prev\"; then\n"
	"\t\tcase $cur in\n"
	"\t\t-*) kind=word words=$(_sevpinbench_options \"$verb\") ;;\n"
	"\t\t*) _sevpinbench_operand \"$verb\" ;;\n"
	"\t\tesac\n"
	"\tfi\n"
	"\t_sevpinbench_offer\n"
	"}\n\n"
	"complete -F _sevpinbench sevpinbench\n";

static void print_names(void)
{
	const struct verb *v;
	size_t i;

	puts("_sevpinbench_options() # VERB: its options; without: the verbs\n{\n\tcase $1 in");
	printf("\t'') echo '");
	for (v = verbs; v->name; v++)
		printf("%s ", v->name);
	puts("--help --version' ;;");
	for (v = verbs; v->name; v++) {
		if (!v->options || !v->options->count)
			continue;
		printf("\t%s) echo '", v->name);
		for (i = 0; i < v->options->count; i++) {
			const struct option_row *row = &v->options->rows[i];

			printf("%s--%s", i ? " " : "", row->name);
			if (row->letter)
				printf(" -%c", row->letter);
		}
		puts("' ;;");
	}
	puts("\tesac\n}\n");
}

static void print_hint(const struct value_hint *hint)
{
	static const char *const kinds[] = {
		[VALUE_TEXT] = "word", [VALUE_NUMBER] = "word", [VALUE_SIZE] = "word",
		[VALUE_WORD] = "word", [VALUE_FILE] = "file",	[VALUE_FOLDER] = "folder"};

	printf("kind=%s words='", kinds[hint->kind]);
	completion_put_words(hint);
	putchar('\'');
}

static void print_values(void)
{
	const struct verb *v;
	size_t i;

	puts("_sevpinbench_value() # VERB OPTION: what it takes; false: nothing\n{\n"
	     "\tcase \"$1 $2\" in");
	for (v = verbs; v->name; v++) {
		for (i = 0; v->options && i < v->options->count; i++) {
			const struct option_row *row = &v->options->rows[i];

			if (!row->arg)
				continue;
			if (row->letter)
				printf("\t'%s -%c' | ", v->name, row->letter);
			else
				putchar('\t');
			printf("'%s --%s') ", v->name, row->name);
			print_hint(&row->hint);
			puts(options_takes_list(row) ? " list=1 ;;" : " ;;");
		}
	}
	puts("\t*) return 1 ;;\n\tesac\n}\n");
}

static void print_operands(void)
{
	const struct verb *v;

	puts("_sevpinbench_operand() # VERB: what its arguments are\n{\n\tcase $1 in");
	for (v = verbs; v->name; v++) {
		if (!v->options)
			continue;
		if (v->options->operand_word) {
			printf("\t%s) kind=word words='", v->name);
			completion_put_operands(v->options);
			puts("' ;;");
		} else if (v->options->operand.kind != VALUE_TEXT) {
			printf("\t%s) ", v->name);
			print_hint(&v->options->operand);
			puts(" ;;");
		}
	}
	puts("\tesac\n}\n");
}

void completion_bash(void)
{
	puts("# bash completion for sevpinbench; made by \"sevpinbench completion bash\"\n");
	print_names();
	print_values();
	print_operands();
	fputs(use_of_cases, stdout);
}
