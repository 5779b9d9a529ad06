#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# report: text, Markdown and HTML from results alone; no guest is started.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
result=$PWD/results/vm-anon-64M-2G.json

cd "$scratch" || exit 1
cp "$result" r.json

part "text and Markdown"
expect 0 "$program" report r.json
printed "== r.json" "startup grows by" "to repeat it: sevpinbench run"
expect 0 "$program" report --markdown r.json
printed "## r.json" "| vm | eager | io-uring | 64M | 10 |"

part "HTML: one file, whatever folder; whole or not at all"
expect 0 "$program" report --html --no-plots -o r.html r.json r.json
printed "report: r.html"
[ "$(tail -c 8 r.html)" = "</html>" ] || fail "the page is cut"
! grep -q 'https\?:' r.html || fail "the page names an address"
expect 3 "$program" report --html --no-plots -o no/r.html r.json
said "the report could not be written"
hash=$(sed -n "s/.*script-src 'sha256-\([^']*\)'.*/\1/p" r.html)
is=$(sed -n '/<script>/,/<\/script>/p' r.html | sed 's/<script>//; s/<\/script>//' | head -c -1 |
	openssl dgst -sha256 -binary 2>/dev/null | base64)
[ -z "$is" ] || [ "$hash" = "$is" ] || fail "the page's policy forbids its own script"

part "plots in it, or told why not"
if command -v gnuplot >/dev/null; then
	expect 0 "$program" report --html -o r.html r.json
	[ "$(grep -c 'class="light".*src="data:image/svg+xml;base64,' r.html)" -eq 5 ] || fail "not five plots"
	[ "$(grep -c 'class="dark".*src="data:image/svg+xml;base64,' r.html)" -eq 5 ] || fail "not five dark ones"
fi
expect 3 env PATH=/nonexistent "$program" report --html -o r.html r.json
said "plots are left out, the report is not affected" "apt-get install gnuplot-nox"
grep -q "not drawn" r.html || fail "the page does not say so"

part "a hostile result: text stays text, in plots and pages"
python3 - "$result" hostile.json <<'PYTHON' || fail "no hostile result could be made"
import json, sys
attack = '"; system("touch pwned"); "`touch pwned`$(touch pwned)\n!touch pwned\n</script><script>pwn()</script>{/*9 x}^2\u202e'
d = json.load(open(sys.argv[1]))
d["plan"]["labels"] = {"a": attack, "long": attack + "A" * 65536}
for where, key in ((d["host"], "name"), (d["host"], "kernel_release"), (d["host"]["cpu"], "name")):
    assert key in where, key
    where[key] = attack + "B" * 65536
json.dump(d, open(sys.argv[2], "w"))
PYTHON
harmless() { # FILE...; in text for a terminal markup is text
	no_file pwned
	for file; do
		[ "$file" = text ] || ! grep -q 'pwn()</script>' "$file" || fail "$file: the attack is markup"
		! grep -q "$(printf '\342\200\256')" "$file" || fail "$file: writes from right to left"
	done
}
expect 0 "$program" report --html --no-plots -o hostile.html hostile.json
harmless hostile.html
expect 0 "$program" report hostile.json
mv "$out" text
harmless text
expect 0 "$program" report --markdown hostile.json
harmless "$out"
if command -v gnuplot >/dev/null; then
	expect 0 "$program" plot -o . hostile.json
	harmless ./*.svg
	for file in ./*.svg; do
		! grep -q '<script>' "$file" || fail "$file: a script in it"
		xmllint --noout "$file" || fail "$file is no XML"
	done
fi

part "wrong use"
expect 2 "$program" report
said "at least one result is needed"
expect 2 "$program" report --html --markdown r.json
said "not with --html"
expect 3 "$program" report missing.json
said "a result could not be read"
