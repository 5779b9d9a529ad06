#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sevhost: --nodes 2 --cpus 2
# "sevpinbench audit" where there is another node to move to; see audit.sh.
# shellcheck source=SCRIPTDIR/lib.sh
. /files/lib.sh

check "not touched before" audit nodes
check "faulted in before" audit nodes-prefault --prefault 1
check "on demand" audit nodes-demand --pin demand
check "not pinned" audit nodes-none --pin none
check "a vm guest" audit nodes-vm --guest-type vm
check "all clear" all_clear
