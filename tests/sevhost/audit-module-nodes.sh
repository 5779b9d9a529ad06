#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --nodes 2 --cpus 2 --module build/kernel/KERNEL/kvm-amd.ko
# "sevpinbench audit" where some pages are pinned, others are not, and there is another node to move
# to; see audit.sh.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

check "on demand, faulted in before" audit module-nodes --pin demand --prefault 1
check "all clear" all_clear
