#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# What an SEV guest may be refused for: each said with the reason and the remedy.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

limit=8388608 # 8 MiB, the kernel's default

try() {
	nobody "$limit" sev --guest-mem 64M --pin eager --prefault 1 -o /tmp/nobody/x.json
}

mkdir -m 777 /tmp/nobody
chmod 666 /dev/kvm
chmod 600 /dev/sev
check "/dev/sev unreadable" exits 3 try
check "/dev/sev unreadable: told" says "open: /dev/sev: Permission denied" "setfacl"
chmod 644 /dev/sev

check "memlock too small" exits 3 try
check "memlock too small: the numbers" says \
	"needs 64 MiB pinned; RLIMIT_MEMLOCK allows 8 MiB" "ulimit -l 65"
need=$(sed -n 's/.*ulimit -l \([0-9]*\),.*/\1/p' /tmp/answer | head -n 1)
limit=$((need * 1024))
check "as much as it says is enough: $need KiB" exits 0 try
limit=$((limit - 4096))
check "a page less is too little, it says" exits 3 try

mv /dev/sev /dev/sev.away
check "/dev/sev missing" exits 4 sev --guest-mem 64M --pin none -o /tmp/x.json
check "/dev/sev missing: told" says "open: /dev/sev: No such file or directory" "load ccp"
check "auto falls back to vm" exits 0 sevpinbench run --guest-mem 16M --pin none --runs 1 \
	--warmup 0 -q --no-plots -o /tmp/x.json
check "auto: vm" says "vm    none"
mv /dev/sev.away /dev/sev
check "all clear" all_clear
