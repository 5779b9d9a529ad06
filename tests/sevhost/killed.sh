#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# Ended in mid-run, by a signal or the hard way: nothing stays pinned, and what was measured is
# there.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

options='--guest-mem 64M --pin eager,demand --prefault 1 --runs 1000'

# At one moment after another.
for after in 700000 1300000 1900000 2500000; do
	# shellcheck disable=SC2086 # options are words
	sev $options -o kill.out >/dev/null 2>&1 &
	usleep $after
	kill -9 $!
	wait $! 2>/dev/null
	check "kill -9 after $after us: nothing left" all_clear
	# Before its first line is whole nothing was measured.
	[ "$(wc -l 2>/dev/null <kill.out.journal)" -gt 0 ] 2>/dev/null || { rm -f kill.out.journal; continue; }
	check "kill -9 after $after us: recovered" exits 0 sevpinbench recover -o kill.json \
		kill.out.journal
	rm kill.out.journal
done
# timeout(1) becomes the program, in the foreground: a shell would have its background jobs ignore
# SIGINT.
for signal in INT:130 TERM:143; do
	name=${signal%:*}
	# shellcheck disable=SC2086
	check "SIG$name: its exit code" exits "${signal#*:}" timeout -s "$name" 2 sev $options \
		-o "$name.json"
	check "SIG$name: nothing left" all_clear
done
# Also while it finds out how this kernel pins, before there is anything to keep.
for after in 20000 60000 100000 150000 200000 250000 300000 400000; do
	# shellcheck disable=SC2086
	sev $options -o early.json >/dev/null 2>&1 &
	usleep $after
	kill -TERM $!
	wait $! 2>/dev/null
	check "SIGTERM after $after us: its exit code" [ $? -eq 143 ]
	rm -f early.json
done
check "ended early: nothing left" all_clear
