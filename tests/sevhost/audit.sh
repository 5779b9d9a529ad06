#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# "sevpinbench audit" of a stock kernel. What it finds is compared with tests/golden/audit-*.txt by
# judge.py; here only that it can be made, quickly, and leaves nothing. Other guests are in
# audit-nodes.sh, where there is more to see of each.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

start=$(date +%s)
check "as it is by default" audit untouched
took=$(($(date +%s) - start))
check "within a minute: $took s" [ $took -lt 60 ]
check "faulted in before" audit prefault --guest-mem 8M --prefault 1 counted own-pages flushes
echo 32 >/proc/sys/vm/nr_hugepages
check "huge pages of a pool" audit hugetlb --guest-mem 8M --backing hugetlb-2M \
	counted own-pages launch-pages huge unmovable limit flushes
echo 0 >/proc/sys/vm/nr_hugepages

# Pages of 1 GiB, of which there is room for one.
gigantic=/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages
echo 1 >$gigantic
check "a page of 1 GiB" audit gigantic --backing hugetlb-1G --guest-mem 1G \
	huge own-pages-written
echo 0 >$gigantic

check "a test by its name" exits 0 sevpinbench audit --guest-mem 4M --prefault 1 counted-registered
check "one test" says "1 tests: 1 PASS"
check "tests by their subject" exits 0 sevpinbench audit --guest-mem 4M idempotent
check "six of them" says "6 tests: 6 PASS"
check "what is wrong" exits 1 sevpinbench audit --guest-mem 4M flushes
check "what follows" says "every CPU of the host writes its caches back"
chmod 666 /dev/kvm
chmod 644 /dev/sev
check "nobody cannot look" exits 3 nobody 8388608 sevpinbench audit --guest-mem 4M counted-registered
check "and is told so" says "the pin counters: Permission denied; run as root"
check "all clear" all_clear
