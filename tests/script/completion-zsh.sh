#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What zsh offers for a command line, by the script that the program prints: in a zsh with
# a terminal of its own.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

command -v zsh >/dev/null || skip "no zsh: install the Debian package zsh"

cwd=$scratch/cwd
mkdir -p "$cwd/folder" "$scratch/functions" "$scratch/home" || exit 1
touch "$cwd/one.json" "$cwd/run.journal" || exit 1
"$program" completion zsh >"$scratch/functions/_sevpinbench" || fail "no script for zsh"
zsh -n "$scratch/functions/_sevpinbench" || fail "zsh cannot read it"

# The line as it stands after the key, between two marks.
cat >"$scratch/complete.zsh" <<'END'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PROMPT= ; cd ${(q)1}; fpath=(${(q)2} \$fpath); autoload -Uz compinit; compinit -D"
zpty -w z 'complete-and-tell () { zle complete-word; print -r "<<$BUFFER>>"; zle kill-whole-line }
zle -N complete-and-tell
bindkey "^I" complete-and-tell
print -r "<<""ready>>"'
zpty -r z text '*<<ready>>*'
zpty -w -n z "$3"$'\t'
zpty -r z text '*<<sev*>>*'
print -r -- $text
zpty -d z
END

completes() { # LINE COMPLETED
	got=$(HOME=$scratch/home timeout 20 zsh -f "$scratch/complete.zsh" "$cwd" \
		"$scratch/functions" "$1" 2>"$err" | sed -n 's/^.*<<\(sev.*\)>>.*$/\1/p')
	[ "$got" = "$2" ] || fail "\"$1\" becomes \"$got\", right is \"$2\""
}

completes "sevpinbench rec" "sevpinbench recover "
completes "sevpinbench run --no-p" "sevpinbench run --no-plots "
completes "sevpinbench run --guest-type sev-s" "sevpinbench run --guest-type sev-snp "
# The last comma goes when a blank is typed.
completes "sevpinbench run --pin eager,n" "sevpinbench run --pin eager,none,"
completes "sevpinbench run --touch-op=w" "sevpinbench run --touch-op=write "
completes "sevpinbench audit released-k" "sevpinbench audit released-kill "
completes "sevpinbench recover r" "sevpinbench recover run.journal "
completes "sevpinbench nonsense r" "sevpinbench nonsense r"
