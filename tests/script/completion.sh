#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What bash offers for a command line, by the script that the program prints.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

cwd=$scratch/cwd
mkdir -p "$cwd/folder" || exit 1
touch "$cwd/one.json" "$cwd/two.json" "$cwd/run.journal" "$cwd/other.txt" || exit 1

"$program" completion bash >"$scratch/bash" || fail "no script for bash"

# offers LINE WORDS: what is offered at the end of the line, sorted. bash breaks words at "=", too.
offers() {
	wanted=$2
	got=$(cd "$cwd" && bash -c '
		source "$1" || exit
		line=${2//=/ = }
		read -ra COMP_WORDS <<<"$line"
		[[ $2 == *" " ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_sevpinbench
		printf "%s\n" "${COMPREPLY[@]}"' bash "$scratch/bash" "$1" | LC_ALL=C sort | tr '\n' ' ')
	got=${got% }
	[ "$got" = "$wanted" ] || fail "after \"$1\": \"$got\" is offered, right is \"$wanted\""
}

part "verbs and options"
offers "sevpinbench r" "recover report run"
offers "sevpinbench run --no-p" "--no-plots"
offers "sevpinbench run --plot" "--plot-format"
offers "sevpinbench check --js" "--json"
offers "sevpinbench completion " "bash fish zsh"
offers "sevpinbench nonsense " ""
offers "sevpinbench help au" "audit"

part "words"
offers "sevpinbench run --guest-type s" "sev sev-es sev-snp"
offers "sevpinbench run --guest-type a" "auto"
offers "sevpinbench run --guest-type=s" "sev sev-es sev-snp"
offers "sevpinbench run --touch-op=" "read write"
offers "sevpinbench audit released-k" "released-kill"
offers "sevpinbench run --runs " ""

part "lists: the next word, and none twice"
offers "sevpinbench run --pin " "demand eager none"
offers "sevpinbench run --pin eager," "eager,demand eager,none"
offers "sevpinbench run --pin eager,n" "eager,none"
offers "sevpinbench check --pin eager,n" ""

part "files"
offers "sevpinbench recover " "folder run.journal"
offers "sevpinbench run -o o" "one.json"
offers "sevpinbench run --output f" "folder"

part "every option of every verb"
for verb in $("$program" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	case $verb in
	help | version) continue ;;
	esac
	offers "sevpinbench $verb --" "$("$program" "$verb" --help |
		sed -n 's/^  \(    \|-., \)\(--[a-z-]*\).*/\2/p' | LC_ALL=C sort | tr '\n' ' ' |
		sed 's/ $//')"
done
