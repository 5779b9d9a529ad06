#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The nightly units, before systemd-analyze: they say what systemd knows, and no more is open to them than
# there should be. tests/package/nightly runs them. What goes wrong reaches the journal with its level.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

command -v systemd-analyze >/dev/null || skip "no systemd-analyze: install the Debian package systemd"

for unit in service timer; do
	sed "s,^ExecStart=/usr/bin/sevpinbench,ExecStart=$program," \
		"systemd/sevpinbench.$unit" >"$scratch/sevpinbench.$unit"
done
systemd-analyze verify --man=no --recursive-errors=no "$scratch"/sevpinbench.* >"$out" 2>"$err" ||
	fail "systemd-analyze verify"
grep "$scratch/sevpinbench" "$err" && fail "systemd-analyze verify has something to say"

# 10 is wide open. What it must have (root, CAP_SYS_ADMIN, tunables) is most of what is left.
expect 0 systemd-analyze security --offline=true --threshold=30 "$scratch/sevpinbench.service"

# The command itself is one that the program takes.
guests=$(sed -n 's/^Environment="GUESTS=\(.*\)"$/\1/p' systemd/sevpinbench.service)
command=$(sed -n "s,^ExecStart=/usr/bin/sevpinbench,,p" systemd/sevpinbench.service |
	sed "s,\${STATE_DIRECTORY},$scratch,g; s/\$GUESTS/$guests/")
case $command in
*--guest-mem*) ;;
*) fail "no guests in ExecStart" ;;
esac
# shellcheck disable=SC2086 # words
"$program" $command --dry-run >"$out" 2>"$err"
code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 3 ] || [ "$code" -eq 4 ] || fail "ExecStart exits $code"

# As systemd tells a service that its standard error is the journal's; another file gets no levels.
: >"$err"
JOURNAL_STREAM=$(stat -c %d:%i "$err")
export JOURNAL_STREAM
"$program" run --frob >"$out" 2>"$err"
grep -q "^<3>sevpinbench run: " "$err" || fail "no level of an error"
[ "$(grep -c "^<" "$err")" -eq 1 ] || fail "more than one line with a level"
"$program" run --frob 2>&1 >"$out" | grep -q "^sevpinbench run: " || fail "a level for people"
