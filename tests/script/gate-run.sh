#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gate --run: the baseline's plan measured again with real guests, judged, and what looks worse
# measured again; and baselines that are hostile, for which nothing is started.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests
command -v jq >/dev/null || skip "no jq: install the Debian package jq"

schemas=$PWD/docs examples=$PWD/examples
cd "$scratch" || exit 1
before=$(pinned_pages)

# Alike campaigns of a busy machine may differ, or wander so much that nothing can be told of times;
# they are no matter of milliseconds' being right.
cat >wide.json <<'END'
{"schema": "sevpinbench.gate/1", "alpha": 0.1, "rules": [{"relative": 9},
 {"metric": "startup", "absolute": 1e9, "need": "watched"},
 {"metric": "working-set", "absolute": 1e9, "need": "watched"},
 {"metric": "pinned-start", "relative": 0}, {"metric": "pinned-touched", "relative": 0},
 {"metric": "host-pinned", "need": "off"}]}
END
gate() { # CODE OPTION...
	wanted=$1
	shift
	measure "$wanted" "$program" gate -q -b base.json --run -o new.json "$@"
}

part "a baseline"
# Pins of other processes (exit 5) do not matter to what is tried here.
"$program" run -q --no-plots --guest-mem 8M --pin eager,demand --chunk 64K --touch 50% \
	--touch-order random --runs 12 --warmup 2 --cpu 0 --seed 7 -o base.json >"$out" 2>"$err"
case $? in 0 | 5) ;; *) fail "no baseline" ;; esac

part "its plan again, and it passes"
gate 0 --config wide.json --seed 11
printed "gate: pass"
said "result: new.json"
no_file new.json.journal new-again-1.json
jq -e --slurpfile b base.json '
	(.plan | {runs, warmup, cpu_list, seed}) == {runs: 12, warmup: 2, cpu_list: "0", seed: 11}
	and ([.cells[] | [.pin, .guest_bytes, .chunk_bytes, .touch_bytes, .touch_order]] ==
	     [$b[0].cells[] | [.pin, .guest_bytes, .chunk_bytes, .touch_bytes, .touch_order]])
	and ([.cells[].samples | length] | unique) == [12]' new.json >"$out" ||
	fail "another plan was run"

part "a named baseline, of this machine"
expect 0 "$program" baseline save main base.json
measure 0 "$program" gate -q -b main --run -o named.json --config wide.json
expect 3 "$program" gate -q -b other --run -o named.json
said "no baseline other of the machine" "which this host is of"

part "one that was ten times as fast"
jq '(.cells[].samples[].phases_ns[]) |= (. / 10 | floor)' base.json >fast.json || exit 1
measure 1 "$program" gate -q -b fast.json --run -o slow.json --rerun-on-fail 2 \
	--format "table,json=slow-gate.json,junit=slow.xml,markdown=slow.md"
said "measured again (1 of 2)" "measured again (2 of 2)"
printed "gate: FAIL" "measured again 2x, failed each time" "suspects were measured again 2x"
jq -e '.gate.reruns == 2 and (.gate.again | length) == 2
	and ([.rows[].gate.again // empty | length] | max) == 2
	and ([.rows[].gate.again // empty | .[0].n] | max) == 12' slow-gate.json >"$out" ||
	fail "the verdict's document does not tell"
grep -q "failed each time" slow.xml || fail "the JUnit report does not tell"
grep -q "measured again 2x" slow.md || fail "the comment does not tell"
jq -e '.plan.labels["gate-reruns"] == "2: slow-again-1.json slow-again-2.json"
	and .complete and ([.cells[].samples | length] | unique) == [12]' slow.json >"$out" ||
	fail "the first document does not tell"
jq -e '.plan.labels["gate-rerun"] == "1 of 2: of slow.json"' slow-again-1.json >"$out" || fail "no label"
if "$python" -c 'import jsonschema' 2>/dev/null; then
	"$python" - "$schemas" <<'PYTHON' || fail "not as the schemas say"
import json, sys, jsonschema
for name, schema in ("slow-gate", "compare"), ("slow", "result"), ("slow-again-2", "result"):
    jsonschema.validate(json.load(open(name + ".json")),
                        json.load(open(sys.argv[1] + "/%s.schema.json" % schema)))
PYTHON
fi
expect 1 "$program" gate -b fast.json slow.json
printed "gate: FAIL"

part "pages more are no matter of chance"
jq '(.cells[].samples[].pins[].ledger_pages) |= (if . > 0 then . - 1 else . end)' base.json >less.json
measure 1 "$program" gate -q -b less.json --run -o pages.json --config wide.json --rerun-on-fail 1
no_file pages-again-1.json

part "the sandbox: who reads does not measure, who measures does not read"
if command -v strace >/dev/null; then
	strace -f -o trace -e trace=openat,seccomp,ioctl,fork,clone,clone3,vfork \
		"$program" gate -q -b base.json --run -o traced.json --config wide.json >"$out" 2>"$err"
	"$python" - <<'PYTHON' || fail "a document was opened outside the sandbox, or a guest made inside"
import re
lines = [line.split(None, 1) for line in open("trace")]
made = {}  # whom each process or thread was made by, and when
entered = {}
for at, (pid, rest) in enumerate(lines):
    child = re.search(r'clone3?\b.*= (\d+)$', rest)
    if child:
        made[child.group(1)] = pid, at
    if rest.startswith("seccomp(SECCOMP_SET_MODE_FILTER"):
        entered[pid] = at
main = lines[0][0]

def boxed(pid, at):
    if pid in entered:
        return entered[pid] < at
    return pid in made and boxed(*made[pid])

opened = guests = 0
for at, (pid, rest) in enumerate(lines):
    if re.search(r'openat\([^"]*"(base|traced)\.json"', rest) and "O_RDONLY" in rest:
        opened += 1
        assert boxed(pid, at), rest
    if "KVM_CREATE_VM" in rest:
        guests += 1
        assert pid == main and not boxed(pid, at), rest
assert len(entered) == 2 and opened >= 3 and guests >= 28, (entered, opened, guests)
PYTHON
else
	echo "no strace: left out"
fi

part "the example for any CI"
mkdir ci && cd ci || exit 1
ci() { # CODE...: one of them
	SEVPINBENCH=$program RUNS=12 sh "$examples/gate.sh" --guest-mem 8M --pin eager,demand >"$out" 2>"$err"
	got=$?
	case " $* " in *" $got "*) ;; *) fail "gate.sh: exit $got where one of $* is right" ;; esac
}
ci 0
printed "no baseline main of this machine until now"
ci 0 1 5 # on a busy machine two campaigns may be what they like
printed "gate: "
grep -q '<testsuites' gate-out/gate.xml || fail "no JUnit report"
grep -q '^###' gate-out/gate.md || fail "no comment"
expect 0 "$program" baseline rm main
expect 0 "$program" baseline save main ../fast.json
ci 1
said "cells are measured again (1 of 1)"
expect 0 "$program" baseline rm main
jq '.plan.runs = 2 | .cells[].samples |= .[:2]' ../base.json >few.json || exit 1
expect 0 "$program" baseline save main few.json
ci 5
printed "measuring once more" "can't tell"
jq '.host.kernel_release = "6.6.6"' ../base.json >other.json || exit 1
expect 0 "$program" baseline save --force main other.json
ci 5
said "are unlike"
no_file gate-out/new.json
cd ..

part "hostile baselines"
hostile() { # CODE TEXT JQ
	rm -f evil.json never.json*
	jq "$3" base.json >evil.json || exit 1
	expect "$1" timeout 20 "$program" gate -q -b evil.json --run -o never.json
	said "$2"
	no_file never.json never.json.journal never-again-1.json
	! grep -q "$(printf '\033')" "$out" "$err" || fail "an escape reached the terminal"
}
hostile 3 "runs" '.plan.runs = 1000000000'
hostile 3 "--runs" '.plan.runs = 1000001'
hostile 3 "--runs" '.plan.runs = 0'
hostile 3 "--warmup" '.plan.warmup = 5000000'
hostile 3 "guest_bytes" '.cells[0].guest_bytes = 9223372036854775808'
hostile 3 "8 TiB" '.cells[0].guest_bytes = 9223372036854771712'
hostile 3 "guest_bytes" '.cells[0].guest_bytes = -4096'
hostile 3 "2M" '.cells[0].guest_bytes = 4096'
hostile 3 "needs" '.cells[0].guest_bytes = 1099511627776'
hostile 3 "--vcpus" '.cells[1].vcpus = 100000'
hostile 3 "--prefault" '.cells[1].prefault_threads = 1000'
hostile 3 "--touch" '.cells[1].touch_bytes = 4097'
hostile 3 "touch" '.cells[1].touch_bytes = 1073741824'
hostile 3 "--chunk" '(.cells[] | select(.chunk_bytes != null and .chunk_bytes > 0)).chunk_bytes = 12288'
hostile 3 "--numa-node" '.cells[1].numa_node = 100000'
hostile 3 "pin" '.cells[0].pin = "sideways\u001b[2J"'
hostile 3 "mechanism" '.cells[0].mechanism = "by-hand"'
hostile 4 "are pinned by io-uring here, and were by kvm-region" '.cells[0].mechanism = "kvm-region"'
hostile 4 "no one run measures" '.cells[1].guest_type = "sev"'
hostile 3 "--cpu" '.plan.cpu_list = "0\u001b[31m,999999"'
hostile 5 "kernel" '.host.kernel_release = "6.\u001b[2J\u202e"'
hostile 3 "from 1 to 4096" '.cells = []'
hostile 3 "not a whole number of 4K pages" '.cells[0].note = "\u001b]0;x\u0007" | .cells[0].guest_bytes = 8388609'
if [ ! -e /dev/sev ]; then
	hostile 4 "cannot start SEV guests" \
		'.cells[].guest_type = "sev" | .cells[0].mechanism = "kvm-region" | .cells[].pin_order = "region-first"'
fi
hostile 4 "sev-snp" '.cells[].guest_type = "sev-snp"'
printf '{"schema": "sevpinbench.result/1", "cells": [' >evil.json
expect 3 "$program" gate -b evil.json --run -o never.json
no_file never.json

part "nothing is measured where the verdict could not be found"
expect 3 "$program" gate -b base.json --run -o never.json -c missing.json
echo '{"schema": "sevpinbench.gate/1", "rules": 3}' >bad.json
expect 2 "$program" gate -b base.json --run -o never.json -c bad.json
expect 3 "$program" gate -b base.json --run -o missing/never.json
expect 2 "$program" gate -b base.json --run new.json
expect 2 "$program" gate -b base.json --rerun-on-fail 1 new.json
expect 2 "$program" gate -b base.json --run --rerun-on-fail 10
expect 2 "$program" gate --run
no_file never.json

part "ended in the middle"
jq '.plan.runs = 100000' base.json >long.json
env --default-signal=INT "$program" gate -q -b long.json --run -o cut.json >"$out" 2>"$err" &
child=$!
tries=100
until [ "$(stat -c %s cut.json.journal 2>/dev/null || echo 0)" -gt 20000 ] || [ $((tries -= 1)) -eq 0 ]; do
	sleep 0.1
done
kill -INT $child
wait $child
got=$?
[ $got -eq 130 ] || fail "exit $got where 130 is right"
said "before there was a verdict"
jq -e '.complete == false and .stopped_by == "SIGINT"' cut.json >"$out" || fail "no document, or a whole one"
no_file cut.json.journal

part "killed in the middle"
rm -f cut.json
"$program" gate -q -b long.json --run -o cut.json >"$out" 2>"$err" &
child=$!
tries=100
until [ "$(stat -c %s cut.json.journal 2>/dev/null || echo 0)" -gt 20000 ] || [ $((tries -= 1)) -eq 0 ]; do
	sleep 0.1
done
kill -KILL $child
wait $child 2>/dev/null
expect 0 "$program" recover cut.json.journal
jq -e '.stopped_by == "recovered from journal" and (.cells[0].samples | length) > 0' cut.json >"$out" ||
	fail "not recovered"
nothing_pinned "$before"
