#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# The example of the library, as a program of others: a guest of each type, and its pins as it prints them,
# by its own account and by the host's.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

# The whole guest of 64 MiB from the pin to the end, and nothing before or after.
pins_all() { # TYPE
	exits 0 start-guest "$1" || return 1
	awk 'NR > 1 { want = $1 == "before" || $1 == "after_destroy" ? 0 : 16384
			if ($2 != want || $3 != want) exit 1
			rows++ }
		END { exit rows != 5 }' /tmp/answer && return 0
	cat /tmp/answer
	return 1
}

for type in vm sev sev-es; do
	check "a program with the library starts a guest: $type" pins_all $type
done
check "a type that is none" exits 1 start-guest frob
check "what the firmware refuses is told" sh -c ". /files/lib.sh
	psp fail LAUNCH_START 0x17 1 && exits 1 start-guest sev && says LAUNCH_START"
psp clear
check "all clear" all_clear
