#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --nodes 2 --cpus 2 --append movablecore=1G
# "sevpinbench audit" of a stock kernel where there is another node to move to, and ZONE_MOVABLE to be
# moved out of; see audit.sh.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh
thp=/sys/kernel/mm/transparent_hugepage/enabled

# What does not differ from another guest on record is not asked again.
pages="counted own-pages long-term launch-pages huge unmovable"

small() { # NAME ARGUMENT...
	name=$1
	shift
	audit "$name" --guest-mem 8M "$@"
}

check "not touched before" small nodes
check "faulted in before" small nodes-prefault --prefault 1
check "on demand, in user space" small nodes-demand --pin demand
check "not pinned" small nodes-none --pin none
check "a vm guest" small nodes-vm --guest-type vm
# shellcheck disable=SC2086 # words
{
	check "a vm guest on demand" small vm-demand --guest-type vm --pin demand $pages released
	check "a file's memory" small memfd --backing memfd $pages
	check "a file's memory on demand" small memfd-demand --backing memfd --pin demand --prefault 1 $pages
	echo always >$thp
	check "huge pages" small thp --backing thp $pages flushes
	check "huge pages, faulted in before" small thp-prefault --backing thp --prefault 1 $pages
	echo never >$thp
	check "huge pages that are not to be had" small thp-never --backing thp $pages
	check "the same, faulted in before" small thp-never-prefault --backing thp --prefault 1 $pages
	echo always >$thp
}
check "all clear" all_clear
