#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run --parallel: guests at once. Their pins are there together, whatever ends one of them or all of
# them leaves nothing, and a round of them is one value.
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

part "rounds of 1, 2 and 4"
measure 0 "$program" run --guest-mem 16M --pin eager,demand,none --parallel 1..4 --runs 7 \
	--no-plots -o r.json
printed "eager 16M, 4 at once: " " guests a second" "with each more guest at once (R2 " "7 x 4"
assert r.json <<'PYTHON'
same([c["parallel"] for c in d["cells"]], [1, 1, 1, 2, 2, 2, 4, 4, 4])
orders = set()
for cell in d["cells"]:
    guests = cell["parallel"]
    for taken, rounds in ((cell["samples"], 7), (cell["warmup_samples"], 1)):
        same(len(taken), rounds * guests, "samples")
        for at in range(0, len(taken), guests):
            group = taken[at:at + guests]
            same([s["guest"] for s in group], list(range(guests)))
            same(len({s["order"] for s in group}), 1, "a round has one place in the order")
            check(group[0]["order"] not in orders, "each round its own")
            orders.add(group[0]["order"])
            wanted = wanted_pins(cell)
            for sample in group:
                same((flags_of(sample), sample["failure"]), ([], None))
                check_times(sample)
                check_faults(cell, sample)
                same(sample["touched_pages"], touch_pages(cell))
                # Its own pins at every boundary, and the host's of all of them where all are there.
                for boundary, pages in zip(BOUNDARIES[1:4], wanted):
                    same(sample["pins"][boundary]["ledger_pages"], pages)
                    same(rise(sample, boundary, "vmpin_pages"), pages)
                same(rise(sample, "after_touch", "host_pages"), guests * wanted[2], "all guests")
                same(rise(sample, "after_destroy", "host_pages"), 0)
                check(sample["start_ns"] + sample["startup_ns"] <= sample["first_ns"], "it takes longer on the wall")
    n = cell["summary"]["startup_ns"]["n"]
    same((n, cell["summary"]["valid"]), (7, 7 * guests), "a round is one value")
    same("rounds" in cell["summary"], guests > 1)
    if guests > 1:
        rounds = cell["summary"]["rounds"]
        same((rounds["whole"], rounds["excluded"]), (7, 0))
        check(rounds["slowest_startup_ns"]["median"] >= cell["summary"]["startup_ns"]["median"])
        check(0 < rounds["start_spread_ns"]["median"] < rounds["up_ns"]["median"], rounds)
        same(round(rounds["guests_per_s"] * rounds["up_ns"]["median"] / 1e9, 3), guests)
same(orders, set(range(8 * 9)))
PYTHON

part "a comparison counts rounds"
measure 0 "$program" run --guest-mem 16M --pin eager,demand,none --parallel 1..4 --runs 7 \
	--no-plots -o new.json
"$program" compare --format json r.json new.json >c.json 2>"$err" || fail "compare"
assert c.json <<'PYTHON'
rows = [r for r in d["rows"] if r["metric"] in ("startup", "failed", "host-pinned")]
same({(r["base"]["n"], r["new"]["n"]) for r in rows}, {(7, 7)})
pinned = sorted(r["base"]["median"] for r in rows if r["metric"] == "host-pinned" and "eager" in str(r["cell"]))
same(pinned, [4096] * 3, "a guest's share of what the host counts")
PYTHON

part "four guests are there at once, as the host counts"
"$program" run --guest-mem 128M --pin eager --parallel 4 --touch 100% --runs 60 -q --no-plots \
	-o long.json >"$out" 2>"$err" &
child=$!
wait_for_lines long.json.journal 5 $child
most=0 tries=400
while [ "$most" -lt $((before + 4 * 32768)) ]; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || fail "at most $most pages are pinned, $before before; 4 guests have 131072"
	now=$(pinned_pages)
	[ "$now" -gt "$most" ] && most=$now
done
[ "$(pgrep -c -P $child)" -eq 4 ] || fail "$(pgrep -c -P $child) processes of guests, not 4"

part "a guest's process is killed"
lines=$(wc -l <long.json.journal)
kill -KILL "$(pgrep -P $child | tail -1)"
wait_for_lines long.json.journal $((lines + 12)) $child
[ "$(pgrep -c -P $child)" -eq 4 ] || fail "its place was not filled"
# The lowest number is the one that is oldest: a signal for it alone is its own failure, too.
lines=$(wc -l <long.json.journal)
kill -TERM "$(pgrep -o -P $child)"
wait_for_lines long.json.journal $((lines + 12)) $child

part "SIGTERM ends the campaign, which kept all"
kill -TERM $child
wait $child
[ $? -eq 143 ] || fail "SIGTERM did not end it with 143"
child=
no_process_of "$program"
nothing_pinned "$before"
printed "INCOMPLETE, stopped by SIGTERM"
assert long.json <<'PYTHON'
taken = d["cells"][0]["samples"] + d["cells"][0]["warmup_samples"]
failed = [s for s in taken if "failed" in s["flags"]]
same(sorted(s["failure"]["object"].split(" was ")[1] for s in failed), ["killed by SIGKILL", "sent a signal"])
check(all(s["failure"]["op"] == "guest process" and s["failure"]["hint"] for s in failed))
for s in failed:
    same(len([o for o in taken if o["order"] == s["order"] and "failed" not in o["flags"]]), 3, "the others go on")
last = max(s["order"] for s in taken)
check(all(s["order"] == last for s in taken if "interrupted" in s["flags"]))
same(len(d["cells"][0]["samples"]) % 4, 0, "whole rounds are written")
rounds = d["cells"][0]["summary"]["rounds"]
check(2 <= rounds["excluded"] <= 3, rounds["excluded"])
same(rounds["whole"], d["cells"][0]["summary"]["startup_ns"]["n"])
PYTHON

# ended SIGNAL WHOM CODE: in the middle of a round, whatever that is doing
ended() {
	rm -f r.json r.json.journal
	setsid env --default-signal=INT "$program" run --guest-mem 128M --pin eager,demand \
		--parallel 3 --touch 100% --runs 40 -q --no-plots -o r.json >"$out" 2>"$err" &
	child=$!
	wait_for_lines r.json.journal 4 $child
	sleep "$4"
	env kill "-$1" -- "$2$child" || fail "nobody to be sent SIG$1"
	wait $child 2>/dev/null
	got=$?
	child=
	[ $got -eq "$3" ] || fail "exit $got where $3 is right: SIG$1"
}

part "^C, as a terminal sends it to all, and for the leader alone"
for pause in 0.05 0.3; do
	ended INT - 130 $pause
	no_process_of "$program"
	ended INT "" 130 $pause
	no_process_of "$program"
	nothing_pinned "$before"
	assert r.json <<-'PYTHON'
		same(d["stopped_by"], "SIGINT")
		check(all(len(c["samples"]) % 3 == 0 for c in d["cells"]))
	PYTHON
done

part "kill -9 of the leader"
for pause in 0.03 0.2; do
	ended KILL "" 137 $pause
	sleep 0.2
	no_process_of "$program"
	nothing_pinned "$before"
	expect 0 "$program" recover r.json.journal
	assert r.json <<-'PYTHON'
		same(d["stopped_by"], "recovered from journal")
		for cell in d["cells"]:
		    same(cell["parallel"], 3)
		    same(cell["summary"]["startup_ns"]["n"], len(cell["samples"]) // 3, "a round cut short is none")
	PYTHON
done

part "CPUs"
if [ "$(nproc)" -ge 2 ]; then
	"$program" run --guest-mem 128M --pin none --parallel 4 --touch 100% --cpu 0,1 --runs 500 -q \
		--no-plots -o cpu.json >"$out" 2>"$err" &
	child=$!
	wait_for_lines cpu.json.journal 5 $child
	cpus=
	for pid in $(pgrep -P $child); do
		cpus="$cpus $(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$pid/status")"
	done
	kill -TERM $child
	wait $child
	child=
	[ "$(echo "$cpus" | tr ' ' '\n' | sort | tr -d '\n')" = 0011 ] ||
		fail "guests on CPUs$cpus, not two on each"
fi

part "what guests at once need together"
rm -f r.json.journal
measure 3 "$program" run --guest-mem 64G --touch 1% --pin demand --parallel 1,1024 --runs 1 \
	--warmup 0 --no-plots -o r.json
printed "demand 64G: 1024 guests at once: needs 6" "GiB pinned" "(--parallel)"
if setpriv --bounding-set -ipc_lock true 2>/dev/null; then
	# The limit is a user's, not a process's: for one guest it is enough.
	measure 3 prlimit --memlock=$((6 << 20)) setpriv --bounding-set -ipc_lock \
		--inh-caps -ipc_lock "$program" run --guest-mem 4M --pin eager --parallel 1,2 \
		--runs 1 --no-plots -o r.json
	printed "2 guests at once: needs 8 MiB pinned; RLIMIT_MEMLOCK allows 6 MiB" "100.0%"
fi

part "wrong values"
while read -r value text; do
	expect 2 "$program" run --parallel "$value"
	said "$text"
done <<'END'
0 --parallel
2,2 2 is given twice
2,1..4 2 is given twice
8..2 the range 8..2 goes down
2000 1024
two --parallel
4.. --parallel
END
nothing_pinned "$before"
