#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What fish offers for a command line, by the script that the program prints.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

command -v fish >/dev/null || skip "no fish: install the Debian package fish"

cwd=$scratch/cwd
mkdir -p "$cwd/folder" "$scratch/home" || exit 1
touch "$cwd/one.json" "$cwd/run.journal" || exit 1
"$program" completion fish >"$scratch/fish" || fail "no script for fish"
fish --no-execute "$scratch/fish" || fail "fish cannot read it"

offers() { # LINE WORDS
	# shellcheck disable=SC2016 # fish's own variables
	got=$(cd "$cwd" && HOME=$scratch/home fish --no-config -c \
		'source $argv[1]; complete -C $argv[2]' "$scratch/fish" "$1" 2>"$err" |
		cut -f 1 | LC_ALL=C sort | tr '\n' ' ')
	got=${got% }
	[ "$got" = "$2" ] || fail "after \"$1\": \"$got\" is offered, right is \"$2\""
}

offers "sevpinbench r" "recover report run"
offers "sevpinbench run --no-p" "--no-plots"
offers "sevpinbench run --guest-type s" "sev sev-es sev-snp"
offers "sevpinbench run --touch-op=" "--touch-op=read --touch-op=write"
offers "sevpinbench run --pin eager,n" "eager,none"
offers "sevpinbench audit released-k" "released-kill"
offers "sevpinbench check --pin eager --js" "--json"
offers "sevpinbench recover run" "run.journal"
