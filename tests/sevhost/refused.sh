# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# What an SEV guest may be refused for: each said with the reason and the remedy.
. /files/lib.sh

as_nobody() {
	/files/setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$@"
}

try="$sev --guest-mem 64M --pin eager -o /tmp/nobody/x.json"
mkdir -m 777 /tmp/nobody
chmod 666 /dev/kvm
chmod 600 /dev/sev
check "/dev/sev unreadable" exits 3 as_nobody $try
check "/dev/sev unreadable: told" says "open: /dev/sev: Permission denied" "setfacl"
chmod 644 /dev/sev
ulimit -l 8192
check "memlock too small" exits 3 as_nobody $try
# 64 MiB and what a launch update pins beside them.
check "memlock too small: the numbers" says "needs 64 MiB pinned; RLIMIT_MEMLOCK allows 8 MiB" \
	"ulimit -l 655"
need=$(sed -n 's/.*ulimit -l \([0-9]*\).*/\1/p' /tmp/answer | head -n 1)
ulimit -l unlimited
# The limit that it names is enough, and one page less is not: KVM is asked itself.
check "memlock: as much as it says is enough" sh -c "ulimit -l $need && . /files/lib.sh &&
	exits 5 /files/setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
	--bounding-set=-all $try --prefault 1 || exits 0 /files/setpriv --reuid=65534 \
	--regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all $try --prefault 1"
mv /dev/sev /dev/sev.away
check "/dev/sev missing" exits 4 $sev --guest-mem 64M --pin none -o /tmp/x.json
check "/dev/sev missing: told" says "open: /dev/sev: No such file or directory" "load ccp"
check "auto falls back to vm" exits 0 sevpinbench run --guest-mem 16M --pin none --runs 1 \
	--warmup 0 -q --no-plots -o /tmp/x.json
check "auto: vm" says "vm    none"
mv /dev/sev.away /dev/sev
check "all clear" all_clear
