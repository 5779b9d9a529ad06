#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost:
# Several SEV guests at once: each its own pins, the host those of all, and no ASID that is left.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

# Debian's 6.1 pins none of what nobody has touched; what it pins of touched memory is the guest's.
check "3 guests at once" exits 0 sev --guest-mem 16M --pin eager,demand,none --prefault 1 \
	--parallel 3 -o parallel.json
check "it says so" says "3 guests at once" "guests a second" "x 3"
check "all clear" all_clear
check "16 guests need more ASIDs than there are" exits 3 sev --guest-mem 16M --pin none \
	--parallel 16 -o no.json
check "with numbers" says "16 guests at once: needs 16 ASIDs; 15 are free on this host"
rm -f no.json
