#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --snp on
# SEV-SNP guests, on a host whose hypervisor bit is hidden: what is measured is labelled all the same.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

snp() {
	sevpinbench run --guest-type sev-snp --no-plots -q --warmup 0 --runs 1 "$@"
}

es_asids_in_use() {
	awk '$1 == "sev_es" { print $2 }' /sys/fs/cgroup/command/misc.current
}

no_warnings() {
	! dmesg | grep -i -e 'RMPUPDATE failed' -e 'leaking pfn' -e 'WARNING:' -e 'unexpected RMP'
}

check "SNP: KVM has it" grep -q Y /sys/module/kvm_amd/parameters/sev_snp
check "SNP: a campaign" exits 0 snp --guest-mem 16M,64M --vcpus 2 --touch-order random -o snp.json
check "SNP: said to be emulated" says "EMULATED"
check "SNP: more than 2 GiB, read only" exits 0 snp --guest-mem 4G --pin demand --touch 4M --touch-op read \
	-o snp-big.json
check "SNP: check" exits 0 sevpinbench check --guest-type sev-snp --guest-mem 16M
check "SNP: what it finds" says "PASS        kvm-sev-snp " "PASS        snp-rmp " "a guest of 4 MiB ran" \
	"sev-snp guests, pin mode eager: by guest-memfd" "EMULATED" "1024 pages pinned at first"
check "SNP: audit, eager" exits 0 sevpinbench audit --guest-type sev-snp --guest-mem 8M
check "SNP: what it finds" says "PASS  counted-touched " "0 FAIL"
check "SNP: audit, demand" exits 0 sevpinbench audit --guest-type sev-snp --guest-mem 8M --pin demand counted
check "SNP: what it finds" says "PASS  counted-started           7 pages" "0 FAIL"
check "SNP: never not pinned" exits 4 snp --pin none
check "SNP: no other policy" exits 1 snp --guest-mem 16M --sev-policy 0x100000 --pin demand -o /tmp/x.json
check "SNP: it is told" says "KVM does not take this --sev-policy"
for command in SNP_GCTX_CREATE SNP_LAUNCH_START SNP_ACTIVATE SNP_LAUNCH_UPDATE SNP_LAUNCH_FINISH; do
	psp fail $command 0x17 1
	check "SNP: $command fails" exits 1 snp --guest-mem 16M --pin demand -o /tmp/x.json
	check "SNP: it is told, $command" says "RESOURCE_LIMIT" "1 of 1 samples"
done
check "SNP: SEV guests beside it" exits 0 sevpinbench run --guest-type sev --no-plots -q --warmup 0 --runs 1 \
	--guest-mem 16M -o /tmp/x.json
check "SNP: no ASID lost" test "$(es_asids_in_use)" = 0
check "SNP: the kernel does not complain" no_warnings
check "SNP: all clear" all_clear
