#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --es-asids 0
# A firmware setup that has no ASIDs for SEV-ES guests: SEV guests start, those do not.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

check "no ASIDs for ES: SEV starts" exits 0 sev --guest-mem 16M --pin none -o /tmp/x.json
check "no ASIDs for ES: refused" exits 4 sevpinbench run --guest-type sev-es --guest-mem 16M
check "no ASIDs for ES: told" says "cannot start SEV-ES guests" "sev_es=0"
check "no ASIDs for ES: audit" exits 4 sevpinbench audit --guest-type sev-es
check "no ASIDs for ES: check" exits 1 sevpinbench check --guest-type sev-es --guest-mem 16M
check "no ASIDs for ES: by the setup" says "15: 15 for SEV, 0 for SEV-ES" \
	"SEV-ES ASID Space Limit"
