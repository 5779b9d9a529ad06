#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What --openmetrics writes, before promtool: the golden file, and a real one where guests start.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

command -v promtool >/dev/null || skip "no promtool: install the Debian package prometheus"

judge() {
	promtool check metrics <"$1" >"$out" 2>"$err" || fail "promtool does not like $1"
	if [ -s "$err" ] || [ -s "$out" ]; then
		fail "promtool has something to say of $1"
	fi
}

judge tests/golden/openmetrics.prom
if [ -c /dev/kvm ] && (exec 3<>/dev/kvm) 2>/dev/null; then
	measure 0 "$program" run --guest-mem 64M --runs 6 --no-plots -o "$scratch/r.json" \
		--openmetrics "$scratch/sevpinbench.prom"
	printed "metrics: $scratch/sevpinbench.prom"
	judge "$scratch/sevpinbench.prom"
	expect 3 "$program" run --guest-mem 64M --runs 1 --no-plots -o "$scratch/r.json" \
		--openmetrics "$scratch/none/x.prom"
fi
