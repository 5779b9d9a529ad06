#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --asids 15
# Each firmware command fails, for the guest that finds out about the kernel and for a sample: told
# with the firmware's status and its likely cause, and nothing stays behind. In a boot of its own:
# at its end an ASID is lost.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

step_of() { # COMMAND: the call by which the program meets it
	case $1 in
	ACTIVATE) echo KVM_SEV_LAUNCH_START ;;
	*) echo "KVM_SEV_$1" ;;
	esac
}

commands="LAUNCH_START ACTIVATE LAUNCH_UPDATE_DATA LAUNCH_MEASURE LAUNCH_FINISH"

counts() {
	for command in $commands; do
		psp count "$command"
	done
}

# How many of each command a run of two samples needs, the guest included that finds out about the
# kernel: the last of them is one of the second sample.
before=$(counts)
check "good at first" exits 0 sev --guest-mem 16M --pin demand --runs 2 -o /tmp/x.json
after=$(counts)
nth() { # COMMAND
	{ echo "$commands" | tr ' ' '\n' && echo "$before" && echo "$after"; } |
		awk -v wanted="$1" 'NR <= 5 { name[NR] = $1; next } NR <= 10 { was[name[NR - 5]] = $1; next }
			name[NR - 10] == wanted { print $1 - was[wanted] }'
}

# in_a_sample COMMAND NTH RUNS: one of so many samples meets the failure.
in_a_sample() {
	psp fail "$1" 0x3 "$2"
	exits 1 sev --guest-mem 16M --pin demand --runs "$3" -o /tmp/x.json
}

# The kernel flushes when it has no ASID left that was not used. Just after that it has some.
flushed() {
	flushes=$(psp count DF_FLUSH)
	until [ "$(psp count DF_FLUSH)" -gt "$flushes" ]; do
		sev --guest-mem 16M --pin none --runs 1 -o /tmp/x.json || return 1
	done
}

for command in $commands; do
	step=$(step_of "$command")
	psp fail "$command" 0x17
	check "$command fails at once" exits 3 sev --guest-mem 16M --pin none -o /tmp/x.json
	check "$command, told" says "cannot start an SEV guest: $step: RESOURCE_LIMIT" \
		"(firmware status 0x17)" "the firmware can hold no more guests"
	check "$command, nothing left" all_clear
	check "$command fails in a sample" in_a_sample "$command" "$(nth "$command")" 4
	check "$command, told in the table" says "flag failed: 1 of 4 samples: $step: " \
		"INVALID_CONFIG" "(firmware status 0x3)"
	check "$command, nothing left of the sample" all_clear
	psp clear
done

# Before ASIDs are used again: among more guests than ASIDs one gets none.
check "DF_FLUSH, not needed for a while" flushed
check "DF_FLUSH fails" in_a_sample DF_FLUSH 1 20
check "DF_FLUSH, told" says "flag failed: 1 of 20 samples: KVM_SEV_INIT" "no ASID is free"
check "DF_FLUSH, nothing left" all_clear

psp fail DECOMMISSION 0x16
check "DECOMMISSION fails: the guest is gone all the same" exits 0 sev --guest-mem 16M \
	--pin demand -o /tmp/x.json
check "DECOMMISSION, nothing left" all_clear
check "good again" exits 0 sev --guest-mem 16M --pin demand -o /tmp/x.json

# The kernel hands the ASID out again, which the firmware still counts to the guest that is gone.
psp fail DEACTIVATE 0x16 2
check "DEACTIVATE fails: the guest is gone all the same" exits 0 sev --guest-mem 16M \
	--pin demand -o /tmp/x.json
check "DEACTIVATE, nothing pinned" all_clear
check "DEACTIVATE: its ASID is lost" exits 1 sev --guest-mem 16M --pin none --runs 20 \
	-o /tmp/x.json
check "DEACTIVATE: told" says "KVM_SEV_LAUNCH_START: ASID_OWNED" "(firmware status 0xc)" \
	"whose DEACTIVATE failed"
