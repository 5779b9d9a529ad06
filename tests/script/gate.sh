#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# compare, gate, baseline: from results alone; no guest is started.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_python
fixtures=$PWD/tests/fixtures/compare
results=$PWD/results
hostile=$PWD/tests/fixtures/result
schemas=$PWD/docs

cp "$fixtures"/*.json "$scratch"
cd "$scratch" || exit 1

part "verdicts as exit codes"
expect 0 "$program" gate -b base.json same.json
expect 1 "$program" gate -b base.json slower.json
expect 0 "$program" gate -b slower.json base.json --allow kernel --config bounds.json
expect 5 "$program" gate -b base.json few.json
printed "7 runs a side would do, 5 more of NEW"
expect 5 "$program" gate -b base.json kernel.json
said "6.13.0-example" "--allow kernel"
expect 0 "$program" gate -b base.json --allow kernel kernel.json

part "faster never fails"
cat >tight.json <<'END'
{"schema": "sevpinbench.gate/1", "rules": [{"relative": 0}, {"metric": "startup", "absolute": 1},
 {"metric": "pinned-touched", "need": "off"}, {"metric": "host-pinned", "need": "off"}]}
END
"$program" gate -b slower.json -c tight.json base.json >"$out"
[ $? -ne 1 ] || fail "being faster failed"

part "every format says EMULATED, and is well-formed"
expect 1 "$program" gate -b emulated.json --allow platform slower.json \
	--format table=t,json=j,github=g,junit=x,markdown=m,bencher=b
for file in t g x m b; do
	grep -q EMULATED $file || fail "$file does not say EMULATED"
done
grep -q '"emulated": true' j || fail "json does not say that it is emulated"
"$python" -c 'import json; json.load(open("j")); json.load(open("b"))' || fail "no JSON"
! command -v xmllint >/dev/null || xmllint --noout x || fail "no XML"
for format in table markdown csv; do
	expect 0 "$program" compare --format $format --allow platform base.json emulated.json
	printed EMULATED
done
expect 0 "$program" compare --format json --allow platform base.json emulated.json
printed '"emulated": true'
if "$python" -c 'import jsonschema' 2>/dev/null; then
	cp "$out" c
	"$python" - "$schemas" <<'PYTHON' || fail "not as the schemas say"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1] + "/compare.schema.json"))
for name in ("c", "j"):
    jsonschema.validate(json.load(open(name)), schema)
jsonschema.validate(json.load(open("bounds.json")), json.load(open(sys.argv[1] + "/gate.schema.json")))
PYTHON
fi

part "hostile text is data in every format"
expect 5 "$program" compare base.json hostile.json
! grep -q "$(printf '\342\200\256')" "$err" || fail "a bidi character reached the terminal"
expect 0 "$program" gate -b base.json --allow kernel hostile.json \
	--format table=t,json=j,github=g,junit=x,markdown=m,bencher=b
! grep -q "$(printf '\342\200\256')" t j g x m b || fail "a bidi character was kept"
! grep -q '<b>\|@all' m || fail "markup or a mention in Markdown"
grep -c '^::' g | grep -qx "$(wc -l <g)" || fail "a line that is no annotation"
! grep -q '[^2]%0A' g || fail "an escape of GitHub's was kept"
! command -v xmllint >/dev/null || xmllint --noout x || fail "no XML"
mv base.json '=cmd|evil,"x".json'
expect 0 "$program" compare --format csv '=cmd|evil,"x".json' same.json
mv '=cmd|evil,"x".json' base.json

part "the same campaign twice"
expect 2 "$program" compare base.json base.json
said "stands on both sides"
cp base.json copy.json
expect 2 "$program" gate -b same.json base.json copy.json
said "the same campaign as base.json"

part "several results are pooled"
expect 0 "$program" compare --base base.json --base same.json few.json
printed "base.json and 1 more"
expect 0 "$program" compare few.json base.json slower.json
printed "were pooled, but differ by more than their noise"

part "bad files"
for file in newer-schema journal-schema other-schema cut-short nan negative-phase not-json; do
	expect 3 "$program" compare base.json "$hostile/$file.json"
	said "read result"
	expect 3 "$program" gate -b "$hostile/$file.json" base.json
done
expect 3 "$program" compare base.json missing.json
expect 0 "$program" compare base.json few.json --alpha 0.5
expect 2 "$program" compare base.json few.json --alpha 0
expect 2 "$program" compare base.json
expect 2 "$program" gate base.json
expect 2 "$program" gate -b base.json --format pie same.json
expect 3 "$program" gate -b base.json --format junit=missing/x.xml same.json
echo '{"schema": "sevpinbench.gate/1", "rules": [{"metric": "startup", "relativ": 0.1}]}' >bad.json
expect 2 "$program" gate -b base.json -c bad.json same.json
said "rules[0].relativ: a rule has no such key"
echo '{"schema": "sevpinbench.gate/1", "rules": [{"absolute": 5}]}' >bad.json
expect 2 "$program" gate -b base.json -c bad.json same.json
said "without a \"metric\""

part "results on record"
expect 0 "$program" compare --allow kernel "$results/sev-demand-6.1.json" \
	"$results/sev-demand-6.12.json"
printed "EMULATED" "host-pinned"
expect 1 "$program" gate --allow kernel -b "$results/sev-demand-6.1.json" \
	"$results/sev-demand-6.12.json"

part "baselines"
rm -rf results
expect 0 "$program" baseline save main base.json same.json
expect 2 "$program" baseline save main base.json
said "exists"
expect 0 "$program" baseline save --force main base.json
expect 0 "$program" baseline list
printed "1 result" "main"
[ "$(find results/baselines -type f | wc -l)" -eq 1 ] || fail "an old result was left"
expect 2 "$program" baseline save ../x base.json
expect 2 "$program" baseline show none
host=$(ls results/baselines)
expect 0 "$program" baseline show --host "$host" main
printed "vm    eager"
expect 1 "$program" gate -b main slower.json
expect 3 "$program" gate -b other slower.json
said "no baseline other of the machine $host"
expect 0 "$program" baseline rm --host "$host" main
expect 3 "$program" gate -b main slower.json
