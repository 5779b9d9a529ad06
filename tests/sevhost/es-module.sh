#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --module build/kernel/KERNEL/kvm-amd.ko
# A kvm_amd that pins on demand, with SEV-ES guests.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

check "ES: both in one campaign" exits 0 sevpinbench run --guest-type sev-es --no-plots -q --warmup 0 \
	--runs 2 --guest-mem 32M --pin eager,demand,none --prefault 1 -o demand-es.json
check "ES: by KVM itself" grep -q '"mechanism":"kvm-demand"' demand-es.json
check "ES: audit on demand" audit es-module-demand --guest-type sev-es --guest-mem 8M \
	--pin demand counted own-pages long-term launch-pages
check "ES: all clear" all_clear
