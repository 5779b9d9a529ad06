# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What kernel/build, kernel/apply-hooks and kernel/test/mutate share. Sourced with $me (who speaks).

die() { # CODE MESSAGE
	die_code=$1
	shift
	echo "${me:?}: $*" >&2
	exit "$die_code"
}

say() {
	echo "${me:?}: $*" >&2
}

# edit FILE FUNCTION HOW ANCHOR TEXT: changes FILE at the one place where ANCHOR is. HOW is before
# or after (TEXT becomes a line of its own, ANCHOR is a line without its indentation) or instead
# (TEXT replaces ANCHOR within its line). It is looked for in the function that starts with a line
# beginning with FUNCTION, or in the whole file if that is "". No such place, or two: nothing is
# changed, and we end.
edit() {
	FUNCTION=$2 HOW=$3 ANCHOR=$4 TEXT=$5 awk '
	BEGIN {
		scope = ENVIRON["FUNCTION"]; how = ENVIRON["HOW"]
		anchor = ENVIRON["ANCHOR"]; text = ENVIRON["TEXT"]
		inside = scope == ""
	}
	scope != "" && index($0, scope) == 1 && !/;$/ { inside = 1 }
	{
		bare = $0
		sub(/^[ \t]+/, "", bare)
		at = how == "instead" ? index($0, anchor) : bare == anchor
		found += at && inside ? 1 : 0
		if (!inside || !at) print
		else if (how == "before") print text "\n" $0
		else if (how == "after") print $0 "\n" text
		else print substr($0, 1, at - 1) text substr($0, at + length(anchor))
	}
	scope != "" && /^}/ { inside = 0 }
	END { exit found != 1 }' "$1" >"$1.edited" || {
		rm -f "$1.edited"
		die 1 "$1: not exactly one \"$4\"${2:+ in $2()}"
	}
	mv "$1.edited" "$1"
}
