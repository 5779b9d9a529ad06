#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# "sevpinbench audit" of a stock kernel. What it finds is compared with tests/golden/audit-*.txt by
# judge.py; here only that it can be made, quickly, and leaves nothing.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

start=$(date +%s)
check "as it is by default" audit untouched
took=$(($(date +%s) - start))
check "within a minute: $took s" [ $took -lt 60 ]
check "faulted in before" audit prefault --prefault 1
check "on demand, in user space" audit demand --pin demand
check "not pinned" audit none --pin none
check "a file's memory" audit memfd --backing memfd
check "a vm guest" audit vm --guest-type vm
check "a vm guest on demand" audit vm-demand --guest-type vm --pin demand
check "huge pages" audit thp --backing thp
echo never >/sys/kernel/mm/transparent_hugepage/enabled
check "huge pages that are not to be had" audit thp-never --backing thp
echo 64 >/proc/sys/vm/nr_hugepages
check "huge pages of a pool" audit hugetlb --backing hugetlb-2M
echo 0 >/proc/sys/vm/nr_hugepages

check "a test by its name" exits 0 sevpinbench audit --prefault 1 counted-registered
check "one test" says "1 tests: 1 PASS"
check "tests by their subject" exits 0 sevpinbench audit idempotent
check "six of them" says "6 tests: 6 PASS"
check "what is wrong" exits 1 sevpinbench audit flushes
check "what follows" says "every CPU of the host writes its caches back"
chmod 666 /dev/kvm
chmod 644 /dev/sev
check "nobody cannot look" exits 3 nobody 8388608 sevpinbench audit --guest-mem 4M counted-registered
check "and is told so" says "the pin counters: Permission denied; run as root"
check "all clear" all_clear
