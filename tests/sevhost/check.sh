#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# "sevpinbench check" on a host on which SEV guests start: as root, as nobody, with SEV used up.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

look() {
	sevpinbench check --guest-mem 64M "$@"
}

look_as_nobody() {
	nobody 8388608 sevpinbench check --guest-type sev "$@"
}

case $(uname -r) in
6.1.*) kernel=6.1 ;;
*) kernel=6.12 ;;
esac

line() { # VERDICT ID TEXT: the check's line in what the last command of exits said
	grep -qE "^  $1 +$2 .*$3" /tmp/answer && return 0
	echo "no $1 of $2 that says \"$3\" in:"
	cat /tmp/answer
	return 1
}

as_known() { # what is pinned when, which differs from kernel to kernel
	case $kernel in
	6.1)
		line WARN pin-mode "neither: of 1024 pages registered 0 .* there before, 1024" &&
			line WARN cache-flushes "5[0-9][0-9] from start to end"
		;;
	*)
		line PASS pin-mode "eager: 1024 of 1024 pages" &&
			line INFO cache-flushes "[2-9] from start to end"
		;;
	esac
}

check "check finds that SEV guests work" exits 0 look
check "it chose SEV, and tells that all is emulated" says "guest: sev (auto)" "EMULATED"
check "the firmware's state" line PASS firmware "API 1.55"
check "free ASIDs" line PASS asids "15 of 15"
check "a guest starts" line PASS guest-start "a guest of 4 MiB ran"
check "what the kernel pins when" as_known
check "nothing stays" all_clear
check "without a guest" exits 0 look --no-experiment
check "then nothing is known of pins" line SKIP guest-start "no-experiment"
for mode in eager demand none; do
	check "a vm guest, $mode" exits 0 look --guest-type vm --pin $mode
	check "is pinned as meant, $mode" line PASS pin-mode "pages pinned at first"
done
check "SEV-SNP is not there" exits 1 look --guest-type sev-snp
check "by the CPU, and nothing below it is asked" line SKIP msr-snp "not asked: see cpu-sev-snp"

chmod 666 /dev/kvm
chmod 600 /dev/sev
check "nobody may not read /dev/sev" exits 1 look_as_nobody --guest-mem 64M
check "and is told so" line FAIL sev-device "Permission denied"
chmod 644 /dev/sev
check "nobody cannot lock so much" exits 1 look_as_nobody --guest-mem 64M
check "memlock" line FAIL memlock "hard 8 MiB"
check "what is to be done" says "limits.d" "LimitMEMLOCK=" "<hard_limit"
check "nobody with a small guest: could not look" exits 3 look_as_nobody --guest-mem 4M
check "at its pins" line SKIP pin-mode "Permission denied"

hold_asids 15
check "no ASID is left" exits 1 look --guest-type sev
check "by the kernel's count" line FAIL asids "0 of 15"
check "nor does a guest start" line FAIL guest-start "Device or resource busy"
drop_asids
check "all given back" all_clear
