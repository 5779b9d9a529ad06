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
for result in results/vm-anon-64M-2G.json results/sev-stock-6.1.json tests/fixtures/compare/hostile.json; do
	expect 0 "$program" report --openmetrics -o "$scratch/of.prom" "$result"
	printed "report: $scratch/of.prom"
	judge "$scratch/of.prom"
	! grep -q "$(printf '\342\200\256')" "$scratch/of.prom" || fail "a bidi character was kept"
done
expect 2 "$program" report --openmetrics results/sev-stock-6.1.json results/vm-anon-64M-2G.json
said "of one result"
expect 2 "$program" report --openmetrics --html results/sev-stock-6.1.json
if [ -c /dev/kvm ] && (exec 3<>/dev/kvm) 2>/dev/null; then
	measure 0 "$program" run --guest-mem 64M --runs 6 --no-plots -o "$scratch/r.json" \
		--openmetrics "$scratch/sevpinbench.prom"
	printed "metrics: $scratch/sevpinbench.prom"
	judge "$scratch/sevpinbench.prom"
	measure 3 "$program" run --guest-mem 64M --runs 1 --no-plots -o "$scratch/r.json" \
		--openmetrics "$scratch/none/x.prom"
fi
