#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --cpus 2
# A CPU goes offline while a campaign runs, with vCPUs and fault handlers on it, and comes back: the
# campaign goes on, and the samples say that the host has changed.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh
online=/sys/devices/system/cpu/cpu1/online

switch_cpu() { # 0|1
	echo "$1" >$online
}

# How many lines the journal has.
taken() {
	count=$(wc -l 2>/dev/null <h.out.journal) || count=0
	echo "${count:-0}"
}

until_taken() { # COUNT
	until [ "$(taken)" -ge "$1" ]; do
		kill -0 "$campaign" 2>/dev/null || return 1
		usleep 20000
	done
}

# ended "CODE...": the campaign by one of these, whole, with nothing left.
ended() {
	wait "$campaign"
	got=$?
	switch_cpu 1
	case " $1 " in
	*" $got "*) all_clear && ! [ -e h.out.journal ] && ! grep -q '"failed"' h.out &&
		grep -q '"complete": *true' h.out ;;
	*)
		echo "exit code $got, not one of $1"
		cat /tmp/answer
		return 1
		;;
	esac
}

begin() { # OPTION...
	rm -f h.out h.out.journal
	sev --guest-mem 16M --prefault 1 --runs 6 "$@" -o h.out >/tmp/answer 2>&1 &
	campaign=$!
}

# Offline in mid-campaign, and back some samples later.
once() { # OPTION...
	begin "$@"
	until_taken 3 && switch_cpu 0 && until_taken 5
	switch_cpu 1
	ended 5
}

# Again and again, at any moment.
often() { # OPTION...
	begin "$@"
	until_taken 1
	while kill -0 "$campaign" 2>/dev/null; do
		switch_cpu 0
		usleep 70000
		switch_cpu 1
		usleep 110000
	done
	ended "0 5"
}

demand="--pin demand --prefault 0"
# shellcheck disable=SC2086 # options are words
{
	check "a CPU goes, with vCPUs on it" once --pin eager --vcpus 4
	check "it is told" says "flag host-changed" "the number of CPUs online was 2 and is 1"
	check "a CPU goes, with fault handlers on it" once $demand --vcpus 4 --touch 8M
	check "the only CPU that was named goes" once --pin eager --cpu 1
	check "it is told that it runs elsewhere" grep -q "this process might run on 1 CPUs" h.out
	check "named ones go, with handlers and vCPUs" once $demand --vcpus 4 --touch 8M --cpu 1,0
	check "guests at once" once --pin eager --parallel 2 --vcpus 2
	check "a CPU goes and comes all the time" often --pin eager --vcpus 4
	check "the same, with fault handlers" often $demand --vcpus 4 --touch 8M --cpu 0,1
	check "the same, guests at once" often --pin eager --parallel 2
}
switch_cpu 0
check "a CPU that is offline is refused" exits 2 sev --guest-mem 16M --cpu 1 -o no.out
check "with its number" says "CPU 1"
switch_cpu 1
check "all clear" all_clear
