#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --module build/kernel/KERNEL/kvm-amd.ko
# "sevpinbench audit" of a kvm_amd that pins on demand; see audit.sh.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

check "on demand" audit module-demand --pin demand
check "on demand, faulted in before" audit module-demand-prefault --pin demand --prefault 1
check "on demand, huge pages" audit module-demand-thp --pin demand --backing thp
check "eagerly" audit module-eager
check "eagerly, faulted in before" audit module-eager-prefault --prefault 1
check "the switch is put back" grep -qx eager /sys/module/kvm_amd/parameters/sev_pinning
check "all clear" all_clear
