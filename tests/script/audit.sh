#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "sevpinbench audit" on this host: its options and its manual, which need no KVM, and an audit of
# io_uring's pins where guests can be started. What it finds of wrong mechanisms is in
# tests/unit/test_audit.c, of kernels in tests/sevhost/.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

part "wrong options"
for options in "--guest-type tdx" "--guest-mem 0" "--guest-mem 2M" "--guest-mem 5M" \
	"--guest-mem 2G" "--guest-mem 8M,16M" "--guest-mem 513M --backing hugetlb-1G" \
	"--pin lazy" "--pin eager,none" "--backing silk" "--prefault -1" "--prefault 65" "--frob" \
	"-x" "--guest-mem" "--json=yes" "no-such-test" "own-pages-" "counted frob"; do
	# shellcheck disable=SC2086 # words
	expect 2 "$program" audit $options
	said "sevpinbench audit: " "\"sevpinbench audit --help\" shows the usage"
	[ ! -s "$out" ] || fail "it wrote to stdout: audit $options"
done
expect 0 "$program" audit --help
printed "usage: sevpinbench audit" "--prefault"

part "each test is in the manual, and no other"
expect 0 "$program" audit --list
sed 's/ .*//' "$out" | LC_ALL=C sort >"$scratch/listed"
sed -n '/^\.Sh TESTS/,/^\.Sh JSON/s/^\.It Cm //p' man/sevpinbench-audit.1 | LC_ALL=C sort \
	>"$scratch/explained"
diff "$scratch/listed" "$scratch/explained" || fail "the manual's tests are not those listed"
"$program" audit --list >/dev/full 2>"$err" && fail "a full disk goes unnoticed"
said "standard output"

part "each test is on record for each kernel"
for record in tests/golden/audit-*.txt; do
	awk '$1 == "untouched" { print $2 }' "$record" | LC_ALL=C sort | diff "$scratch/listed" - ||
		fail "$record has other tests"
done

need_guests
part "a vm guest"
for mode in eager demand; do
	"$program" audit --guest-type vm --pin $mode --json >"$out" 2>"$err"
	[ $? -le 1 ] || fail "exit code"
	"$python" - "$out" <<'PYTHON' || fail "the document of pin mode $mode"
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
for test in document["tests"]:
    # The host's counts are others' as well; the pages are the guest's own.
    if test["id"].startswith(("own-pages", "long-term")):
        assert test["verdict"] in ("PASS", "SKIP"), test
for verdict, count in document["summary"].items():
    assert count == sum(t["verdict"] == verdict for t in document["tests"]), verdict
PYTHON
done
