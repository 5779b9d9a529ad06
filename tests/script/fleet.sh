#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# compare --by: many hosts' results in one view, from results alone; no guest is started.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_python
schemas=$PWD/docs

cp tests/fixtures/fleet/*.json tests/fixtures/compare/*.json "$scratch"
cp results/sev-demand-6.1.json results/sev-demand-6.12.json "$scratch"
cd "$scratch" || exit 1
fleet="a1.json a2.json a3.json a4.json b1.json b2.json"

part "the same whatever the order"
# shellcheck disable=SC2086 # names of files
expect 0 "$program" compare --by host $fleet
printed "outliers: a4 (5 figures of 1 host)" "B differs from A in: kernel"
cp "$out" one
expect 0 "$program" compare --by host b2.json a4.json a1.json b1.json a3.json a2.json
cmp -s one "$out" || fail "another order, another answer"

part "documents are as their schema says"
# shellcheck disable=SC2086
expect 0 "$program" compare --by host --format json $fleet
cp "$out" j
# shellcheck disable=SC2086
expect 0 "$program" compare --by kernel --format json $fleet hostile.json
cp "$out" k
"$python" - j <<'PYTHON' || fail "another outlier than a4, or not its pin phase and pages"
import json, sys
d = json.load(open(sys.argv[1]))
odd = [(r["group"], r["cell"]["pin"], r["metric"]) for r in d["rows"] if r["verdict"] == "outlier"]
assert odd == [("a4", "eager", m) for m in ("startup", "pin-phase", "working-set")] + \
    [("a4", "demand", m) for m in ("pinned-touched", "host-pinned")], odd
assert all(r["verdict"] == "-" and r["p"] is None for r in d["rows"] if r["group"][0] == "b")
PYTHON
if "$python" -c 'import jsonschema' 2>/dev/null; then
	"$python" - "$schemas/fleet.schema.json" j k <<'PYTHON' || fail "not as the schema says"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
for name in sys.argv[2:]:
    jsonschema.validate(json.load(open(name)), schema)
PYTHON
fi

part "hostile text is data, and EMULATED is said"
for format in table markdown csv json; do
	expect 0 "$program" compare --by kernel --format $format hostile.json kernel.json emulated.json \
		--allow platform
	! grep -q "$(printf '\342\200\256')" "$out" || fail "a bidi character in $format"
	grep -qi emulated "$out" || fail "$format does not say EMULATED"
done
expect 0 "$program" compare --by kernel --format csv hostile.json kernel.json
! grep -q ',"=' "$out" || fail "a formula in CSV"
expect 0 "$program" compare --by kernel sev-demand-6.1.json sev-demand-6.12.json
printed EMULATED "6.1.0" "6.12."

part "what is pooled must be alike"
expect 5 "$program" compare --by host base.json kernel.json
said "unlike" "kernel:" "--allow kernel"
expect 0 "$program" compare --by host --allow kernel base.json kernel.json
expect 2 "$program" compare --by host a1.json a1.json
said "the same campaign"

part "wrong use"
expect 2 "$program" compare --by host a1.json
expect 2 "$program" compare --by rack a1.json a2.json
expect 2 "$program" compare --by host --base a1.json a2.json
said "has no base"
expect 3 "$program" compare --by host a1.json missing.json
