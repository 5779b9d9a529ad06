#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# 16 guests at once against 15 ASIDs.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

hold_asids 16
check "15 guests hold 15 ASIDs" test "$(asids_in_use)" = 15
check "the 16th gets none" exits 3 sev --guest-mem 16M --pin none -o /tmp/x.json
check "it says why" says "KVM_SEV_INIT" "Device or resource busy" "no ASID is free" "misc.current"
drop_asids
check "given back" all_clear
check "then it starts" exits 0 sev --guest-mem 16M --pin none -o /tmp/x.json

# 40 lives on 15 ASIDs: they are reused after a flush.
check "40 guests one after the other" exits 0 sev --guest-mem 16M --pin none --runs 40 \
	-o /tmp/x.json
check "no ASID lost" all_clear
