#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The units of examples/systemd, before systemd-analyze: they say what systemd knows, and no more is
# open to them than there should be. They are not run.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

command -v systemd-analyze >/dev/null || skip "no systemd-analyze: install the Debian package systemd"

for unit in service timer; do
	sed "s,^ExecStart=/usr/bin/sevpinbench,ExecStart=$program," \
		"examples/systemd/sevpinbench.$unit" >"$scratch/sevpinbench.$unit"
done
systemd-analyze verify --man=no --recursive-errors=no "$scratch"/sevpinbench.* >"$out" 2>"$err" ||
	fail "systemd-analyze verify"
grep "$scratch/sevpinbench" "$err" && fail "systemd-analyze verify has something to say"

# 10 is wide open. What it must have (root, CAP_SYS_ADMIN, tunables) is most of what is left.
expect 0 systemd-analyze security --offline=true --threshold=30 "$scratch/sevpinbench.service"

# The command itself is one that the program takes.
command=$(sed -n "s,^ExecStart=/usr/bin/sevpinbench,,p" examples/systemd/sevpinbench.service |
	sed "s,\${STATE_DIRECTORY},$scratch,g")
# shellcheck disable=SC2086 # words
"$program" $command --dry-run >"$out" 2>"$err"
code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 3 ] || [ "$code" -eq 4 ] || fail "ExecStart exits $code"
