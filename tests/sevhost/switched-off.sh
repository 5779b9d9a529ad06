#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --append kvm_amd.sev=0
# kvm_amd loaded without SEV.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

check "SEV switched off" exits 4 sev --guest-mem 16M --pin none -o /tmp/x.json
check "SEV switched off: told" says "cannot start SEV guests" "sev=0"
