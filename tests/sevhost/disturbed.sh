#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --nodes 2 --cpus 2 --append movablecore=1G
# What others do to the host while a campaign runs: seen, flagged, exit code 5.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh
thp=/sys/kernel/mm/transparent_hugepage/enabled

# beside COMMAND...: a campaign that another process runs COMMAND beside; it must end with exit code 5.
beside() {
	rm -f /tmp/x.json /tmp/x.json.journal
	"$@" &
	other=$!
	# shellcheck disable=SC2086 # words
	sev --guest-mem 16M --pin none --runs 8 ${placed:-} -o /tmp/x.json >/tmp/answer 2>&1
	got=$?
	kill "$other" 2>/dev/null
	wait "$other"
	[ $got -eq 5 ] || { cat /tmp/answer; return 1; }
}

# The same, with the campaign on one CPU.
beside_on() { # CPU COMMAND...
	placed="--cpu $1"
	shift
	beside "$@"
	answer=$?
	placed=''
	return $answer
}

# in_mid_campaign COMMAND...: once the second sample is in the journal.
in_mid_campaign() {
	until [ "$(wc -l 2>/dev/null </tmp/x.json.journal)" -ge 3 ] 2>/dev/null; do
		usleep 20000
	done
	"$@"
}

set_thp() {
	echo "$1" >$thp
}

# Taken and given back: huge pages, of which even an interpreted kernel allocates many a second.
allocate() {
	while :; do
		echo 200 >/proc/sys/vm/nr_hugepages
		echo 0 >/proc/sys/vm/nr_hugepages
	done
}

# take_cpu MASK: three processes that do nothing but run, until this one is ended.
take_cpu() {
	trap 'kill $takers 2>/dev/null; exit' TERM
	takers=''
	for _ in 1 2 3; do
		taskset "$1" sh -c 'while :; do :; done' &
		takers="$takers $!"
	done
	wait
}

set_thp always
check "a setting changes in mid-campaign" beside in_mid_campaign set_thp never
check "a setting changes: told" says "flag host-changed" \
	"transparent_hugepage/enabled was always and is never"
set_thp always
check "others allocate" beside allocate
check "others allocate: told" says "flag disturbed" "others allocated"
echo 0 >/proc/sys/vm/nr_hugepages
# Three of them, so that a quarter of the CPU is left: one would leave a half, or more for a process
# that often sleeps.
check "others take the CPU" beside_on 1 take_cpu 2
check "others take the CPU: told" says "flag disturbed" "other processes had this one's CPU"
check "nobody disturbs" exits 0 sev --guest-mem 16M --pin none --runs 3 -o /tmp/x.json
