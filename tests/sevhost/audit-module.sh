#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --nodes 2 --cpus 2 --module build/kernel/KERNEL/kvm-amd.ko
# "sevpinbench audit" of a kvm_amd that pins on demand, where some pages are pinned and others are not;
# see audit-nodes.sh.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh
thp=/sys/kernel/mm/transparent_hugepage/enabled

pages="counted own-pages long-term launch-pages huge unmovable"

small() { # NAME ARGUMENT...
	name=$1
	shift
	audit "module-$name" --guest-mem 8M "$@"
}

check "on demand" small demand --pin demand
check "on demand, faulted in before" small demand-prefault --pin demand --prefault 1
# shellcheck disable=SC2086 # words
{
	check "on demand, a file's memory" small demand-memfd --pin demand --backing memfd $pages
	echo always >$thp
	check "on demand, huge pages" small demand-thp --pin demand --backing thp $pages flushes
	check "on demand, huge pages, faulted in before" small demand-thp-prefault --pin demand \
		--backing thp --prefault 1 $pages
	check "eagerly, huge pages, faulted in before" small eager-thp-prefault --backing thp \
		--prefault 1 counted own-pages long-term huge
	echo never >$thp
	check "on demand, huge pages that are not to be had" small demand-thp-never --pin demand \
		--backing thp $pages
	echo always >$thp
	check "eagerly" small eager $pages flushes
	check "eagerly, faulted in before" small eager-prefault --prefault 1 $pages
}
check "the switch is put back" grep -qx eager /sys/module/kvm_amd/parameters/sev_pinning
check "all clear" all_clear
