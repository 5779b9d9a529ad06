#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# Campaigns of all modes, in both orders, with and without prefault; a guest far larger than the
# host. Their documents are judged by judge.py.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

# Debian's 6.1 registers memory that nobody has touched and pins none of its pages: exit code 5.
case $(uname -r) in
6.1.*) unsafe=5 ;;
*) unsafe=0 ;;
esac

campaign() {
	sev --guest-mem 16M,64M --pin eager,demand,none --pin-order region-first,memslot-first \
		--runs 2 "$@"
}

check "a campaign without prefault" exits $unsafe campaign -o plain.json
check "labelled as emulated" says "platform: EMULATED (TCGTCGTCGTCG)"
check "unsafe without pins, it says" says "nothing is pinned: a page that the host moves is lost"
check "a campaign with prefault" exits 0 campaign --prefault 1 -o prefault.json
check "file and huge page backings" exits 0 sh -c "echo 64 >/proc/sys/vm/nr_hugepages &&
	sev --guest-mem 32M --pin eager,demand,none --backing memfd,hugetlb-2M --prefault 1 \
	-o backings.json"
echo 0 >/proc/sys/vm/nr_hugepages
check "64 GiB in a host of 3 GiB" exits 0 sev --guest-mem 64G --pin demand,none --touch 64M \
	-o big.json
check "eager there is refused, with numbers" exits 3 sev --guest-mem 64G --pin eager -o no.json
check "the numbers" says "needs 64.0 GiB pinned" "take a smaller --guest-mem"
rm -f no.json
check "several vCPUs" exits 0 sev --guest-mem 64M --pin demand,none --vcpus 4 -o vcpus.json
check "several threads pin" exits 0 sev --guest-mem 64M --pin eager --prefault 1 --pin-threads 1,4 \
	-o threads.json
check "encryption apart from pinning" exits $unsafe sev --guest-mem 64M --pin eager,none \
	--launch-update 32M -o encrypt.json
check "its rate" says "launch-update encrypts "
check "auto is sev here" exits 0 sevpinbench run --guest-mem 16M --pin none --runs 1 --warmup 0 \
	-q --no-plots --no-flush-count -o auto.json
check "plain guests, too" exits 0 sevpinbench run --guest-type vm --guest-mem 16M \
	--pin eager,demand,none --runs 1 --warmup 0 -q --no-plots -o vm.json
check "all clear" all_clear
