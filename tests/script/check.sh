#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "sevpinbench check" on this host: as it is, without /dev/kvm, as nobody, with little locked
# memory; its document against docs/check.schema.json; wrong options. What the tree says of other
# hosts is in tests/unit/test_check.c.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_python

json=$scratch/check.json

# checked CODE...: run with the rest of the arguments; its exit code must be one of the codes up to
# "--", and say what the document says.
checked() {
	codes=
	while [ "$1" != -- ]; do
		codes="$codes $1"
		shift
	done
	shift
	"$@" --json >"$json" 2>"$err"
	got=$?
	case " $codes " in
	*" $got "*) ;;
	*) fail "exit $got is none of$codes: $*" ;;
	esac
	[ ! -s "$err" ] || fail "it spoke on stderr"
	"$python" - "$json" "$got" <<'PYTHON' || fail "the document of $* is not as it must be"
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    d = json.load(file)
code = int(sys.argv[2])
assert d["schema"] == "sevpinbench.check/1"
checks = d["checks"]
ids = [c["id"] for c in checks]
assert len(set(ids)) == len(ids), "an id twice"
by_id = dict(zip(ids, checks))
for i, c in enumerate(checks):
    assert c["parent"] is None or c["parent"] in ids[:i], c["id"]
    if c["parent"] and by_id[c["parent"]]["verdict"] in ("FAIL", "SKIP"):
        assert c["verdict"] == "SKIP", f"{c['id']} was asked though {c['parent']} is not there"
    assert c["verdict"] != "FAIL" or c["needed"], f"{c['id']} is not needed and fails"
    assert c["verdict"] not in ("FAIL", "WARN") or c["fix"], f"{c['id']} has no remedy"
    assert c["found"] and c["expected"] and c["why"], c["id"]
for verdict, count in d["summary"].items():
    assert count == sum(c["verdict"] == verdict for c in checks), verdict
failed = d["summary"]["FAIL"] > 0
assert code == (1 if failed else 3 if d["could_not_look"] else 0), (code, failed)
PYTHON
}

verdict() { # ID VERDICT
	"$python" - "$json" "$@" <<'PYTHON' || fail "check $1 of $json"
import json
import sys

checks = json.load(open(sys.argv[1], encoding="utf-8"))["checks"]
found = [c for c in checks if c["id"] == sys.argv[2]][0]
if found["verdict"] != sys.argv[3]:
    sys.exit(f"{found['id']} is {found['verdict']}, not {sys.argv[3]}: {found['found']}")
PYTHON
}

part "this host, every guest type and pin mode"
for type in auto vm sev sev-es sev-snp; do
	for mode in eager demand none; do
		checked 0 1 3 -- "$program" check --guest-type $type --pin $mode --guest-mem 64M
	done
done
cp "$json" "$scratch/first.json"

part "the tree"
"$program" check --guest-mem 64M >"$out" 2>"$err"
code=$?
[ ! -s "$err" ] || fail "it spoke on stderr"
printed "host:  " "guest: " " cpu  " " kvm  " " memlock  " " checks: "
if grep -q 'why       ' "$out"; then
	fail "it explains itself unasked"
fi
case $code in
0) printed "nothing found that stands against" ;;
1) printed "FAIL:" "will not work here" ;;
3) printed "not all could be looked at" ;;
*) fail "exit $code" ;;
esac
"$program" check --guest-mem 64M --verbose >"$out" 2>"$err"
printed "expected  " "why       " "looked at "

part "in time"
start=$(date +%s%N)
"$program" check --no-experiment >/dev/null
took=$((($(date +%s%N) - start) / 1000000))
[ $took -lt 1000 ] || echo "took $took ms without a guest, on a busy host?"
[ $took -lt 5000 ] || fail "took $took ms without a guest"

part "a guest that fits nowhere"
checked 1 -- "$program" check --guest-type vm --guest-mem 4T --no-experiment
verdict memory FAIL
verdict guest-start SKIP

part "the document and the schema"
for validator in /usr/bin/python3 python3; do
	"$validator" -c 'import jsonschema' 2>/dev/null && break
	validator=
done
if [ -n "$validator" ]; then
	"$validator" - docs/check.schema.json docs/result.schema.json "$json" "$scratch/first.json" \
		<<'PYTHON' || fail "the schema and the documents differ"
import copy
import json
import sys

import jsonschema

schema, result, *documents = [json.load(open(path, encoding="utf-8")) for path in sys.argv[1:]]
validator = jsonschema.Draft7Validator
validator.check_schema(schema)


def strict(part):
    """Without room for keys that the schema does not know: every key is described."""
    if isinstance(part, dict):
        part = {key: strict(value) for key, value in part.items()}
        if "required" in part and "properties" in part:
            part.setdefault("additionalProperties", False)
            assert set(part["properties"]) <= set(part["required"]) | {"stopped_by"}
    return part


closed = strict(copy.deepcopy(schema))
closed["properties"]["host"] = {"type": "object"}
host = {"$ref": "#/definitions/host", "definitions": result["definitions"]}
for document in documents:
    validator(schema).validate(document)
    validator(closed).validate(document)
    validator(host).validate(document["host"])
# The schema must have teeth.
for spoil in (
    lambda d: d.update(schema="sevpinbench.check/2"),
    lambda d: d.pop("summary"),
    lambda d: d.update(checks=[]),
    lambda d: d["checks"][0].update(verdict="MAYBE"),
    lambda d: d["checks"][0].pop("fix"),
    lambda d: d["checks"][0].update(id="No Id"),
    lambda d: d["checks"][0].update(verdict="FAIL", needed=False),
    lambda d: d["asked"].update(guest_bytes=0),
):
    document = copy.deepcopy(documents[0])
    spoil(document)
    assert not validator(schema).is_valid(document), "the schema accepts a spoilt document"
PYTHON
else
	echo "left out: no python3 with jsonschema"
fi

part "wrong options"
for options in "--guest-type tdx" "--guest-mem 0" "--guest-mem x" "--guest-mem 1G,2G" \
	"--guest-mem 1G..2G" "--guest-mem 5000" "--guest-mem 9000T" "--pin lazy" "--pin eager,none" \
	"--frob" "-x" "--guest-mem" "--json=yes" "left over" "--guest-mem 3M --pin demand"; do
	# shellcheck disable=SC2086 # words
	expect 2 "$program" check $options
	said "sevpinbench check: " "\"sevpinbench check --help\" shows the usage"
	[ ! -s "$out" ] || fail "it wrote to stdout: check $options"
done
expect 0 "$program" check --help
printed "usage: sevpinbench check" "--guest-mem"
"$program" check --json --no-experiment >/dev/full 2>"$err" && fail "a full disk goes unnoticed"
said "standard output"

part "SIGTERM, at any moment"
for delay in 0 0.01 0.03; do
	"$program" check --guest-type vm >/dev/null 2>&1 &
	sleep $delay
	kill -TERM $! 2>/dev/null
	wait $!
	code=$?
	case $code in
	0 | 1 | 3 | 143) ;;
	*) fail "exit $code after SIGTERM" ;;
	esac
done

[ "$(id -u)" -eq 0 ] || exit 0
if ! unshare --mount true 2>/dev/null; then
	echo "left out: no mount namespace can be made here"
	exit 0
fi

with_dev() { # as tests/script/lib/with-dev
	unshare --mount sh "$lib/with-dev" "$@"
}

part "no /dev/kvm, and none behind it"
checked 1 -- with_dev none "$program" check --guest-type vm
verdict kvm FAIL
verdict kvm-addresses SKIP
verdict guest-start SKIP
checked 1 -- with_dev dead "$program" check --guest-type vm
verdict kvm FAIL

chmod 755 "$scratch" && mkdir -m 777 "$scratch/open" && cp "$program" "$scratch/open/program" ||
	exit 1
program=$scratch/open/program
anybody="setpriv --reuid=65534 --regid=65534 --clear-groups"
# shellcheck disable=SC2086 # words
if $anybody "$program" --version >/dev/null 2>&1; then
	part "nobody"
	checked 0 1 3 -- $anybody "$program" check --guest-type vm --guest-mem 4M
	verdict pin-counters WARN
	verdict pagemap INFO
	checked 1 -- with_dev 600 $anybody "$program" check --guest-type vm --guest-mem 4M
	verdict kvm FAIL
else
	echo "left out: nobody cannot run a program from $scratch"
fi

part "64K of locked memory, without CAP_IPC_LOCK"
checked 1 -- prlimit --memlock=65536 setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock \
	"$program" check --guest-type vm --guest-mem 64M
verdict memlock FAIL
prlimit --memlock=65536 setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock \
	"$program" check --guest-type vm --guest-mem 64M >"$out" 2>"$err"
printed "/etc/security/limits.d/" "LimitMEMLOCK=65600K" "<hard_limit unit='KiB'>"
