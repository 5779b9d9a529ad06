#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A campaign that is ended in the middle: by ^C, by SIGTERM, by kill -9. What was measured is kept,
# nothing stays pinned, nothing goes on running. And "recover" of journals, whole and damaged.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests

cd "$scratch" || exit 1
cp "$program" program && program=$scratch/program || exit 1
before=$(pinned_pages)
child=

clean_up() {
	[ -n "$child" ] && kill -KILL "$child" 2>/dev/null
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# A shell starts background jobs with SIGINT ignored.
begin() { # OPTION...: a campaign far longer than this test
	rm -f r.json r.json.journal
	env --default-signal=INT "$program" run --runs 1000 -q --no-plots -o r.json "$@" \
		>"$out" 2>"$err" &
	child=$!
}

# end SIGNAL CODE
end() {
	kill "-$1" $child
	wait $child
	got=$?
	child=
	[ $got -eq "$2" ] || fail "exit $got where $2 is right: SIG$1"
}

nothing_left() {
	no_process_of "$program"
	nothing_pinned "$before"
}

# After a short and ever other while, repeatable: the pauses come from a fixed seed.
pauses() { # COUNT MAX
	awk -v n="$1" -v max="$2" 'BEGIN { srand(11); while (n--) printf "%.3f\n", rand() * max }'
}

stopped_well() { # SIGNAL
	no_file r.json.journal r.json.tmp.*
	printed "INCOMPLETE, stopped by SIG$1"
	assert r.json "SIG$1" <<-'PYTHON'
		same((d["complete"], d["stopped_by"]), (False, sys.argv[2]))
		taken = list(samples(d, warmups=True))
		check(3 <= len(taken) < 2002, len(taken), "samples")
		same(len(sequence(d)), len(taken), "samples in order")
		last = max(taken, key=lambda t: t[1]["order"])[1]
		for cell, sample in taken:
		    same(rise(sample, "after_destroy", "vmpin_pages"), 0, "VmPin after it")
		    if "interrupted" in sample["flags"]:
		        same(sample["order"], last["order"], "only the last one is interrupted")
		    elif "foreign-pins" not in sample["flags"] and "pin-mismatch" not in sample["flags"]:
		        check_sample(cell, sample)
		for cell in d["cells"]:
		    good = [s for s in cell["samples"] if not {"failed", "interrupted"} & set(s["flags"])]
		    same(cell["summary"]["valid"], len(good), "an interrupted sample is in no summary")
	PYTHON
}

for signal in INT:130 TERM:143; do
	part "SIG${signal%:*}"
	for pause in $(pauses 4 0.4); do
		begin --guest-mem 256M --pin eager,demand
		wait_for_lines r.json.journal 4 $child
		sleep "$pause"
		end "${signal%:*}" "${signal#*:}"
		stopped_well "${signal%:*}"
	done
done
nothing_left

part "SIGTERM while a guest touches much memory, with several vCPUs"
begin --guest-mem 1G --touch 100% --vcpus 3 --chunk 4K --pin demand --warmup 0
sleep 1.5
end TERM 143
assert r.json <<'PYTHON'
same(d["complete"], False)
((cell, sample),) = samples(d)
check("interrupted" in sample["flags"], sample["flags"])
same(rise(sample, "after_destroy", "vmpin_pages"), 0)
PYTHON
nothing_left

part "SIGHUP that is ignored, as under nohup, ends nothing"
rm -f r.json
(trap '' HUP && exec "$program" run --guest-mem 4M --pin none --runs 200 -q --no-plots \
	-o r.json) >"$out" 2>"$err" &
child=$!
wait_for_lines r.json.journal 3 $child
kill -HUP $child
wait $child
nohup_code=$?
child=

part "kill -9 at any moment"
some=0
for pause in $(pauses 10 0.9); do
	begin --guest-mem 64M --pin eager,demand
	sleep "$pause"
	kill -KILL $child
	wait $child 2>/dev/null
	child=
	no_file r.json
	[ -e r.json.journal ] || continue # killed before the first sample
	lines=$(wc -l <r.json.journal)
	[ "$lines" -gt 0 ] || continue
	expect 0 "$program" recover r.json.journal
	printed "result: r.json"
	assert r.json "$lines" <<-'PYTHON'
		same((d["complete"], d["stopped_by"]), (False, "recovered from journal"))
		taken = list(samples(d, warmups=True))
		same(len(taken), int(sys.argv[2]) - 1, "samples of the journal")
		same(d["plan"]["runs"], 1000)
		for cell, sample in taken:
		    check_times(sample)
		    same(rise(sample, "after_touch", "vmpin_pages"), wanted_pins(cell)[2])
	PYTHON
	[ "$lines" -gt 3 ] && some=$((some + 1)) && cp r.json.journal good.journal
done
[ $some -gt 0 ] || fail "none of the ten campaigns had come to a sample"
nothing_left

part "recover leaves the journal, and does not replace a document unasked"
cp good.journal copy.journal
rm -f good copy
expect 0 "$program" recover copy.journal
cmp -s good.journal copy.journal || fail "the journal is not as it was"
cp copy document
expect 2 "$program" recover copy.journal
cmp -s copy document || fail "a document was replaced unasked"
echo old >asked
expect 0 "$program" recover copy.journal -o asked
cmp -s asked document || fail "the document asked for is another"

part "a last line that is torn"
lines=$(wc -l <good.journal)
for cut in 2 40 400; do
	head -c -$cut good.journal >torn.journal
	expect 0 "$program" recover torn.journal -o torn.json
	assert torn.json "$lines" <<-'PYTHON'
		same(len(list(samples(d, warmups=True))), int(sys.argv[2]) - 2, "all but the torn one")
	PYTHON
done
head -c -1 good.journal >torn.journal
expect 0 "$program" recover torn.journal -o torn.json
assert torn.json "$lines" <<'PYTHON'
same(len(list(samples(d, warmups=True))), int(sys.argv[2]) - 1, "it lacks its newline alone")
PYTHON

part "a line in the middle that is damaged"
rm -f bad.json
for damage in '3s/"flags"/"flegs"/' '3s/}$//' '3s/.*//' '3s/"cell":[ ]*[0-9]*/"cell":9/' \
	'3s/"ledger_pages":[ ]*0/"ledger_pages":"x"/' '1s/"cells"/"sells"/'; do
	sed "$damage" good.journal >bad.journal
	cmp -s bad.journal good.journal && fail "the damage $damage did none"
	expect 1 "$program" recover bad.journal -o bad.json
	said "line ${damage%%s*}" "bad.journal"
	no_file bad.json bad.json.tmp.*
done

[ $nohup_code -eq 0 ] || [ $nohup_code -eq 5 ] || fail "exit $nohup_code where 0 is right: an ignored SIGHUP"
