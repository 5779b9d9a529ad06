#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --append movablecore=1G --module build/kernel/KERNEL/kvm-amd.ko
# "sevpinbench audit" of a kvm_amd that pins on demand, where memory is in ZONE_MOVABLE before that; see
# audit-nodes.sh for a stock one.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

check "out of ZONE_MOVABLE on demand" audit module-zone --guest-mem 8M --pin demand --prefault 1 \
	counted own-pages long-term launch-pages unmovable flushes-touch
check "the same, not touched before" audit module-zone-untouched --guest-mem 8M --pin demand \
	counted own-pages long-term launch-pages unmovable flushes-touch
check "all clear" all_clear
