#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real document against docs/result.schema.json with a real validator, and against the keys that
# scripts were promised. Needs python3-jsonschema and a /dev/kvm that works.
set -u

skip() {
	echo "$1"
	exit 77
}

# Debian's own python3 has the module; another first on PATH may not.
for python in /usr/bin/python3 python3; do
	"$python" -c 'import jsonschema' 2>/dev/null && break
	python=
done
[ -n "$python" ] || skip "no python3 with jsonschema: install the Debian package python3-jsonschema"

result=$TMPDIR/result.json
refused=$TMPDIR/refused.json
"$SEVPINBENCH" run --guest-mem 64M --runs 2 --no-plots -o "$result"
code=$?
case $code in
0) ;;
3 | 4) skip "no document to check: \"sevpinbench run\" cannot run here (exit $code)" ;;
*)
	# 5 is a measurement disturbed from outside: its document must be in order all the same.
	[ "$code" -eq 5 ] || exit 1
	;;
esac

# No machine that runs this has 4 TiB to pin: a document with a refused cell beside a measured one.
"$SEVPINBENCH" run --guest-mem 64M,4T --pin eager --runs 1 --no-plots -o "$refused"
code=$?
[ "$code" -eq 3 ] || [ "$code" -eq 5 ] || { # 5: and the machine was busy
	echo "a cell of 4 TiB was to be refused: exit $code"
	exit 1
}

"$python" - "$result" "$refused" <<'PYTHON'
import copy
import json
import sys

import jsonschema

FIXTURES = "tests/fixtures/result/"

# Keys that came after the first documents, which stay readable, or that only some guests have.
OPTIONAL = {"stopped_by", "flush_counter", "flush_counter_reason", "sev_pinning", "count_flushes",
            "parallel", "pin_threads", "audit", "encrypted_bytes", "first_ns", "flushes", "guest", "kvm", "histogram",
            "encryption_bytes_per_s", "rounds"}


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def strict(schema):
    """The same schema without room for keys that it does not know: every key is described."""
    if isinstance(schema, dict):
        schema = {key: strict(value) for key, value in schema.items()}
        if "required" in schema and "properties" in schema:
            schema.setdefault("additionalProperties", False)
            missing = set(schema["properties"]) - set(schema["required"]) - OPTIONAL
            assert not missing, f"described, not required: {missing}"
    elif isinstance(schema, list):
        schema = [strict(value) for value in schema]
    return schema


def whole(value, path="document"):
    """No real number but the load averages: integers stay integers."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("load1", "load5", "load15"):
                whole(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            whole(inner, f"{path}[{i}]")
    assert not isinstance(value, float), f"{path} is not an integer"


def check_sample(sample):
    phases = sample["phases_ns"]
    upto_first = ["open", "vm-create", "mem-map", "prefault", "memslot", "pin", "payload",
                  "vcpu-create", "first-instruction"]
    for word, ns in phases.items():
        assert type(ns) is int and ns >= 0, word
    startup = sum(phases[word] for word in upto_first)
    assert sample["startup_ns"] == startup, "startup_ns is the sum of its phases"
    assert sample["startup_without_prefault_ns"] == startup - phases["prefault"]
    assert sample["working_set_ns"] == startup + phases["touch"]
    assert list(sample["pins"]) == ["before", "after_pin", "first_instruction", "after_touch",
                                    "after_destroy"]
    for point in sample["pins"].values():
        for key in ("ledger_pages", "vmpin_pages", "host_pages"):
            assert point[key] is None or type(point[key]) is int and point[key] >= 0, key
    for key in ("count", "p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns", "sum_ns"):
        assert type(sample["faults"][key]) is int, key
    assert isinstance(sample["flags"], list)
    assert all(isinstance(flag, str) for flag in sample["flags"])
    assert sample["failure"] is None
    if not sample["flags"]:
        assert sample["pins"]["after_destroy"]["ledger_pages"] == 0


def check_summary(cell):
    summary, samples = cell["summary"], cell["samples"]
    assert summary["valid"] + summary["excluded"] == len(samples), "no sample is dropped silently"
    startup = summary["startup_ns"]
    times = [sample["startup_ns"] for sample in samples]
    if summary["valid"] == len(samples):
        assert startup["n"] == len(times)
        assert startup["min"] == min(times) and startup["max"] == max(times)
    assert startup["p99"] is None, "2 samples have no 99th percentile"


def check_promises(document):
    for key in ("schema", "tool", "host", "plan", "refused", "cells", "complete"):
        assert key in document, key
    assert document["schema"] == "sevpinbench.result/1"
    assert document["complete"] is True
    assert "sevpinbench" in document["tool"]["command_line"]
    assert document["plan"]["start"].endswith("Z")
    assert document["plan"]["end_s"] >= document["plan"]["start_s"] > 1700000000
    assert document["plan"]["runs"] == 2
    modes = [cell["pin"] for cell in document["cells"]]
    assert modes == ["eager", "demand"], modes
    for cell in document["cells"]:
        assert cell["guest_bytes"] == 64 << 20
        assert isinstance(cell["vcpus"], int) and isinstance(cell["touch_bytes"], int)
        for key in ("guest_type", "mechanism", "backing"):
            assert isinstance(cell[key], str), key
        assert len(cell["samples"]) == 2
        for sample in cell["samples"]:
            check_sample(sample)
        check_summary(cell)


schema = load("docs/result.schema.json")
validator = jsonschema.Draft7Validator
validator.check_schema(schema)
documents = [load(path) for path in sys.argv[1:]]
for document in documents + [load(FIXTURES + "good.json")]:
    validator(schema).validate(document)
    validator(strict(copy.deepcopy(schema))).validate(document)
    whole(document)
check_promises(documents[0])
assert len(documents[1]["cells"]) == 1
assert [cell["guest_bytes"] for cell in documents[1]["refused"]] == [4 << 40]
assert documents[1]["refused"][0]["reason"] != ""
assert documents[1]["refused"][0]["needed_bytes"] > documents[1]["refused"][0]["available_bytes"]

# The schema must have teeth: what the program refuses for its form, the schema refuses too.
for name in ("unknown-word", "unknown-flag", "unknown-phase", "unknown-platform", "wrong-type",
             "samples-object", "sample-number", "phases-array", "negative", "negative-phase",
             "zero-guest", "no-vcpus", "huge-number", "big-vcpus", "null-word", "missing-cell-key",
             "missing-samples", "missing-cells", "missing-complete", "many-labels", "many-nodes",
             "nameless-failure", "bad-memlock", "other-schema", "newer-schema", "no-schema"):
    document = load(FIXTURES + name + ".json")
    assert not validator(schema).is_valid(document), f"the schema accepts {name}.json"
print(f"{len(documents)} documents are as described")
PYTHON
