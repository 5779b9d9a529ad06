#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# "sevpinbench run --audit": the cells' marks, in document, table and exit status. What the tests
# find is in audit.sh; here that the cell's own guests are meant, and the samples are as without.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

audited() { # CODE DOCUMENT ARGUMENT...
	code=$1 document=$2
	shift 2
	exits "$code" sevpinbench run --audit --runs 1 --warmup 0 --quiet --no-plots --seed 1 \
		-o "audited-$document.json" "$@"
}

check "fine" audited 0 fine --guest-mem 4M --pin eager,demand --prefault 1 --vcpus 2
check "its column" says "audit" "PASS"
release=$(uname -r)
case $release in
6.1.*) # untouched memory is registered, and not pinned: docs/findings.md
	check "not pinned" audited 1 wrong --guest-mem 4M,6M --pin eager
	# Compaction moves some of the memory of the one guest, or of both.
	check "what follows" says "FAIL" "audit of sev eager 4M" \
		"own-pages" "guest memory is not pinned although registration succeeded"
	;;
*) # memory with a memslot is flushed for each page, and only then
	check "flushed" audited 1 wrong --guest-mem 4M,6M --pin eager --pin-order memslot-first
	check "what follows" says "audit of sev eager 4M and 1 more: FAIL" \
		"flushes-register-memslot: every CPU of the host"
	check "not in the other order" audited 0 order --guest-mem 4M --pin eager
	;;
esac
check "too large for it" audited 3 large --guest-mem 4M,1026M --pin none --touch 1M
check "and why" says "audit of sev none 1026M: not made: 1026M: from 4M to 1G, in steps of 2M"
chmod 666 /dev/kvm
check "nobody cannot look" exits 3 nobody 8388608 sevpinbench run --audit --runs 1 --warmup 0 --quiet \
	--no-plots --guest-type vm --guest-mem 4M --pin none -o /tmp
check "and is told so" says "INFO" "audit of vm none 4M: no test failed, but not all could be looked at"
check "not without the option" exits 0 sevpinbench run --runs 1 --warmup 0 --quiet --no-plots \
	--guest-mem 4M --pin none -o /tmp
check "all clear" all_clear
