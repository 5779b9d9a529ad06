#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --nodes 2 --cpus 2 --module build/kernel/KERNEL/kvm-amd.ko
# A kvm_amd that pins eagerly or on demand, as its parameter says: both in one campaign.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh
parameter=/sys/module/kvm_amd/parameters/sev_pinning

as_found() { # WORD
	[ "$(cat $parameter)" = "$1" ] || { cat $parameter; return 1; }
}

check "it is eager unless told otherwise" as_found eager
check "both in one campaign" exits 0 sev --guest-mem 32M,64M --pin eager,demand,none \
	--prefault 1 --runs 3 -o demand.json
check "put back" as_found eager
# The last guest, whatever the order, needs the other way.
check "demand alone" exits 0 sev --guest-mem 32M --pin demand -o /tmp/x.json
check "put back from demand" as_found eager
echo demand >$parameter
check "the same, from demand" exits 0 sev --guest-mem 32M --pin eager,demand --prefault 1 \
	-o demand-found.json
check "eager alone" exits 0 sev --guest-mem 32M --pin eager --prefault 1 -o /tmp/x.json
check "put back to demand" as_found demand

check "no switch: eager is refused" exits 3 sev --guest-mem 32M --pin eager,demand \
	--no-kernel-switch -o demand-fixed.json
check "no switch: told" says "KVM here pins on demand only" "--no-kernel-switch forbids it" \
	"echo eager >"
check "no switch: left alone" as_found demand
echo eager >$parameter
check "no switch, eager: demand by userfault" exits 0 sev --guest-mem 32M --pin demand \
	--no-kernel-switch -o demand-user.json
check "by userfault" grep -q '"mechanism":"userfault"' demand-user.json

sev --guest-mem 32M --pin eager,demand --prefault 1 --runs 1000 -o /tmp/long.json >/dev/null 2>&1 &
usleep 2000000
kill -TERM $!
wait $! 2>/dev/null
check "put back after SIGTERM" as_found eager

# Two at once would spoil each other's guests. The first one is stopped, so that it pins nothing.
sev --guest-mem 32M --pin none --runs 1000 -o /tmp/long.json >/dev/null 2>&1 &
usleep 2000000
kill -STOP $!
check "another one at work: what is pinned is refused" exits 3 sev --guest-mem 32M \
	--pin demand,eager,none -o /tmp/x.json
check "another one at work: told" says "another program switches it at present" "sev   none"
kill -CONT $!
kill -TERM $!
wait $! 2>/dev/null

check "huge pages" exits 0 sh -c "echo 64 >/proc/sys/vm/nr_hugepages &&
	sev --guest-mem 64M --pin demand --backing hugetlb-2M,anon --touch 1M -o demand-huge.json"
echo 0 >/proc/sys/vm/nr_hugepages
check "64 GiB, registered whole" exits 0 sev --guest-mem 64G --pin demand --touch 64M \
	-o demand-big.json
check "all clear" all_clear
