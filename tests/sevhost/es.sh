#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# SEV-ES guests: campaigns, check and audit. Their documents are judged by judge.py as those of SEV
# guests are.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

es() {
	sevpinbench run --guest-type sev-es --no-plots -q --warmup 0 --runs 1 "$@"
}

es_asids_in_use() {
	awk '$1 == "sev_es" { print $2 }' /sys/fs/cgroup/command/misc.current
}

ended_well() { # N: so many guests asked for their end
	[ "$(dmesg | grep -c 'SEV-ES guest requested termination: 0x0:0x0')" -eq "$1" ]
}

# 6.1 registers memory that nobody has touched without pinning it, of these guests as well.
case $(uname -r) in
6.1.*) unsafe=5 ;;
*) unsafe=0 ;;
esac

dmesg -c >/dev/null
check "ES: a campaign" exits 0 es --guest-mem 16M,64M --pin eager,demand,none --prefault 1 --vcpus 2 \
	-o es.json
check "ES: its phase" grep -q '"launch-update-vmsa":' es.json
check "ES: all guests ended by the GHCB's protocol" ended_well 7
check "ES: untouched memory" exits $unsafe es --guest-mem 16M --pin eager -o es-untouched.json
check "ES: 64 GiB" exits 0 es --guest-mem 64G --pin demand --touch 64M --touch-order random \
	-o es-big.json
check "ES: check" exits 0 sevpinbench check --guest-type sev-es --guest-mem 16M
check "ES: what it finds" says "PASS      kvm-sev-es " "PASS      firmware-es " \
	"free ASIDs: 15 of 15 (sev_es)" "a guest of 4 MiB ran" "sev-es guests, pin mode eager"
check "ES: audit" audit es --guest-type sev-es --guest-mem 8M --prefault 1 counted own-pages \
	launch-pages limit flushes

# The first one is the probe's.
psp fail LAUNCH_UPDATE_VMSA 0x17 2
check "ES: a VMSA that the firmware refuses" exits 1 es --guest-mem 16M --pin none -o /tmp/x.json
check "ES: it is told" says "KVM_SEV_LAUNCH_UPDATE_VMSA: RESOURCE_LIMIT" "1 of 1 samples"
check "ES: no policy of the other type" exits 2 sevpinbench run --guest-type sev --sev-policy 5
check "ES: no ASID lost" test "$(es_asids_in_use)" = 0
check "ES: all clear" all_clear
