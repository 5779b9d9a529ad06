#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts here share, on the virtual SEV host.
set -u

check() { # NAME COMMAND...
	check_name=$1
	shift
	if "$@" >/tmp/said 2>&1; then
		echo "ok $check_name"
	else
		echo "FAIL $check_name"
		sed 's/^/  /' /tmp/said
	fi
}

# exits CODE COMMAND...: ends with that code; what it says is in /tmp/answer.
exits() {
	want=$1
	shift
	"$@" >/tmp/answer 2>&1
	got=$?
	[ $got -eq "$want" ] && return 0
	echo "exit code $got instead of $want:"
	cat /tmp/answer
	return 1
}

# says TEXT...: each of them, in what the last command of exits said.
says() {
	for text in "$@"; do
		grep -qF -e "$text" /tmp/answer || {
			echo "not said: $text. Said was:"
			cat /tmp/answer
			return 1
		}
	done
}

# Host-wide, in pages.
pinned() {
	echo 1 >/proc/sys/vm/stat_refresh
	awk '$1 == "nr_foll_pin_acquired" { n += $2 } $1 == "nr_foll_pin_released" { n -= $2 }
		END { print n }' /proc/vmstat
}

asids_in_use() {
	awk '$1 == "sev" { print $2 }' /sys/fs/cgroup/command/misc.current
}

# Nothing pinned, no ASID taken, nothing running; taking down may go on a little after the end.
all_clear() {
	tries=0
	while [ "$(pinned) $(asids_in_use) $(pidof sevpinbench)" != "0 0 " ]; do
		tries=$((tries + 1))
		if [ $tries -gt 100 ]; then
			echo "pinned $(pinned), ASIDs $(asids_in_use), running: $(pidof sevpinbench)"
			return 1
		fi
		usleep 100000
	done
}

# audit NAME ARGUMENT...: leaves the document audit-NAME.json, whatever its verdicts are.
audit() {
	name=$1
	shift
	sevpinbench audit --json "$@" >"audit-$name.json"
	[ $? -le 1 ]
}

# hold_asids N: N guests take the 15 ASIDs until drop_asids. Where scripts share a boot, what an
# earlier one's guests said is not taken for what these say.
hold_asids() {
	: >/tmp/guests
	sev-guest 15 "$1" 0 600 >>/tmp/guests &
	guests=$!
	until grep -q "15 of 15" /tmp/guests; do
		kill -0 "$guests" || return 1
		usleep 100000
	done
}

drop_asids() {
	kill "$guests"
	wait "$guests" 2>/dev/null
	return 0
}
