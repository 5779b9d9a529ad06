#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --nodes 2 --cpus 2 --append movablecore=1G
# Two NUMA nodes: what is pinned is pinned where it was asked for.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

acquired() { # NODE: pages ever pinned there
	echo 1 >/proc/sys/vm/stat_refresh
	awk '$1 == "nr_foll_pin_acquired" { print $2 }' /sys/devices/system/node/node"$1"/vmstat
}

# pins_on NODE MODE: a guest's pins appear on that node; on the other at most the 16 MiB of the guest
# that finds out about the kernel, which lies anywhere.
pins_on() {
	here=$(acquired "$1") there=$(acquired $((1 - $1)))
	exits 0 sev --guest-mem 64M --pin "$2" --prefault 1 --touch 100% --numa-node "$1" \
		-o "node$1-$2.json" || return 1
	here=$(($(acquired "$1") - here)) there=$(($(acquired $((1 - $1))) - there))
	echo "$here pages on node $1, $there on the other"
	[ $here -ge 16384 ] && [ $there -le $((4096 + 64)) ]
}

for node in 0 1; do
	for mode in eager demand; do
		check "$mode pins on node $node" pins_on $node $mode
	done
done
# Bound to no node, each thread's share comes from the node that the thread was put on.
pins_spread() {
	first=$(acquired 0) second=$(acquired 1)
	exits 0 sev --guest-mem 64M --pin eager --prefault 2 -o spread.json || return 1
	first=$(($(acquired 0) - first)) second=$(($(acquired 1) - second))
	echo "$first pages on node 0, $second on node 1"
	[ $((3 * first)) -ge $second ] && [ $((3 * second)) -ge $first ]
}
check "shares are spread over the nodes" pins_spread
check "a node that is not there" exits 3 sev --guest-mem 16M --pin none --numa-node 5 \
	-o /tmp/x.json
check "a node that is not there: told" says "needs NUMA node 5"
check "all clear" all_clear
