#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guests of other shapes: many chunks, memory above 4 GiB, other backings, several vCPUs, and
# where the result goes.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests

r=$scratch/r.json
pool=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
pool_before=
child=

clean_up() {
	[ -n "$child" ] && kill -KILL "$child" 2>/dev/null
	[ -n "$pool_before" ] && echo "$pool_before" >$pool
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# shape OPTION...: one start each, every mode unless --pin says otherwise.
shape() {
	part "$*"
	measure 0 "$program" run --pin eager,demand,none --runs 1 --warmup 0 --no-plots -o "$r" "$@"
}

check_all() {
	assert "$r" <<-PYTHON
		same(d["complete"], True)
		for cell, sample in samples(d):
		    check_sample(cell, sample, $1)
	PYTHON
}

shape --guest-mem 96M --touch 100% --chunk 4K --pin demand
check_all ""
assert "$r" <<'PYTHON'
(cell, sample), = samples(d)
same(cell["chunk_bytes"], PAGE)
same(sample["pins"]["after_touch"]["ledger_pages"], 96 * MIB // PAGE, "more than a ring holds")
same(sample["faults"]["count"], 96 * MIB // PAGE - BOOT_PAGES, "a fault for each page")
PYTHON

shape --guest-mem 64M --chunk 64K --touch 1M
check_all ""

# The working set passes 2 GiB, behind which memory appears from 4 GiB on.
shape --guest-mem 3G --touch 2100M --touch-op read --pin none
assert "$r" <<'PYTHON'
(cell, sample), = samples(d)
same((flags_of(sample), sample["touched_pages"]), ([], 2100 * MIB // PAGE))
PYTHON

# The boot area of 5G is no larger than that of 1G: the tables map what is touched.
shape --guest-mem 5G --touch 4M --pin demand,none
assert "$r" <<'PYTHON'
for cell, sample in samples(d):
    check_sample(cell, sample)
PYTHON

shape --guest-mem 2M --touch 100%
check_all ""
assert "$r" <<'PYTHON'
for cell, sample in samples(d):
    same(sample["touched_pages"], 512 - BOOT_PAGES, "the boot area is not in the working set")
PYTHON

shape --guest-mem 64M --touch 0
check_all ""

shape --guest-mem 64M --touch 50% --touch-order random --touch-op read --vcpus 3
check_all ""
assert "$r" <<'PYTHON'
for cell in d["cells"]:
    same((cell["touch_order"], cell["touch_op"], cell["vcpus"], cell["touch_bytes"]),
         ("random", "read", 3, 32 * MIB))
PYTHON

# A folio may count as one pin on the host (from 6.12): then its count is the smaller one.
shape --guest-mem 64M --backing thp
check_all 'counts=COUNTS[:2], flags=["folio-units"]'
assert "$r" <<'PYTHON'
if d["host"]["memory"]["thp_enabled"] != "never":
    faults = cell_of(d, "eager")["samples"][0]["minor_faults"]
    check(faults < 64 * MIB // PAGE // 2, faults, "faults: these are no huge pages")
same(cell_of(d, "demand")["note"] != "", True, "a note that userfaultfd makes no huge pages")
PYTHON

shape --guest-mem 64M --backing anon --pin eager
check_all ""
assert "$r" <<'PYTHON'
faults = cell_of(d, "eager")["samples"][0]["minor_faults"]
check(faults >= 64 * MIB // PAGE, faults, "faults: these are huge pages")
PYTHON

shape --guest-mem 64M --backing memfd
check_all 'counts=COUNTS[:2], flags=["folio-units"]'

shape --guest-mem 64M --backing memfd --prefault 2
check_all 'counts=COUNTS[:2], flags=["folio-units"]'
assert "$r" <<'PYTHON'
for cell, sample in samples(d):
    same((cell["prefault_threads"], cell["note"]), (2, ""), cell["pin"])
    check(sample["phases_ns"]["prefault"] > 1000000, cell["pin"], "was not prefaulted")
PYTHON

shape --guest-mem 64M --prefault 2
check_all ""
assert "$r" <<'PYTHON'
eager, demand, none = (cell_of(d, pin) for pin in ("eager", "demand", "none"))
same((eager["prefault_threads"], none["prefault_threads"]), (2, 2))
phases = eager["samples"][0]["phases_ns"]
check(phases["pin"] < phases["prefault"], "the pin still faults memory in", phases)
same(demand["prefault_threads"], 0, "absent pages cannot be prefaulted")
check("not prefaulted" in demand["note"], "no note:", demand["note"])
same(demand["samples"][0]["phases_ns"]["prefault"] < 1000000, True)
PYTHON

shape --guest-mem 64M --pin-threads 2 --backing anon,memfd
check_all 'counts=COUNTS[:2], flags=["folio-units"]'
assert "$r" <<'PYTHON'
for cell in d["cells"]:
    same(cell["pin_threads"], 2 if cell["pin"] == "eager" else 1, cell["pin"])
PYTHON

pool_before=$(cat $pool 2>/dev/null)
if [ -n "$pool_before" ] && echo $((pool_before + 32)) 2>/dev/null >$pool &&
	[ "$(cat ${pool%nr_hugepages}free_hugepages)" -ge 32 ]; then
	shape --guest-mem 64M --backing hugetlb-2M
	check_all 'counts=COUNTS[:2], flags=["folio-units"]'
	shape --guest-mem 64M --backing hugetlb-2M --prefault 2
	check_all 'counts=COUNTS[:2], flags=["folio-units"]'
else
	echo "left out: no pool of 32 huge pages can be made"
fi
if [ -n "$pool_before" ]; then
	echo "$pool_before" >$pool
	pool_before=
fi

part "an empty pool of huge pages is refused with numbers"
if [ "$(cat ${pool%nr_hugepages}free_hugepages 2>/dev/null || echo 99)" -lt 32 ]; then
	expect 3 "$program" run --guest-mem 64M --pin eager --backing hugetlb-2M --runs 1 \
		--no-plots -o "$r"
	printed "needs 32 huge pages of 2 MiB" "nr_hugepages"
	assert "$r" <<-'PYTHON'
		same((d["cells"], [c["pin"] for c in d["refused"]]), ([], ["eager"]))
	PYTHON
fi

part "labels"
measure 0 "$program" run --guest-mem 2M --pin none --runs 1 --warmup 0 --no-plots -o "$r" \
	--label rack=7 --label 'note=a "quoted" \ text' --label eq=a=b
assert "$r" <<'PYTHON'
same(d["plan"]["labels"], {"rack": "7", "note": 'a "quoted" \\ text', "eq": "a=b"})
PYTHON

part "--cpu and --numa-node"
measure 0 "$program" run --guest-mem 4M --cpu 0 --numa-node 0 --runs 1 --no-plots -o "$r"
assert "$r" <<'PYTHON'
same(d["plan"]["cpu_list"], "0")
for cell, sample in samples(d):
    same(cell["numa_node"], 0)
    check_sample(cell, sample)
PYTHON
expect 3 "$program" run --guest-mem 4M --numa-node 63 --runs 1 --no-plots -o "$r"
printed "needs NUMA node 63"

rm -f "$r"
"$program" run --guest-mem 16M --pin demand --vcpus 2 --touch 100% --cpu 0 --runs 1000 -q \
	--no-plots -o "$r" >"$out" 2>"$err" &
child=$!
wait_for_lines "$r.journal" 2 $child
for _ in 1 2 3 4 5 6 7 8; do
	for status in /proc/"$child"/task/[0-9]*/status; do
		cpus=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "$status" 2>/dev/null)
		[ -z "$cpus" ] || [ "$cpus" = 0 ] || fail "a thread may run on CPU $cpus"
	done
	sleep 0.05
done
kill -TERM $child
wait $child
[ $? -eq 143 ] || fail "SIGTERM did not end it with 143"
child=

part "-o names a folder"
mkdir "$scratch/folder" || exit 1
for path in "$scratch/folder" "$scratch/folder/"; do
	# shellcheck disable=SC2016 # for the inner shell
	measure 0 sh -c 'rm -f "$1"/* && shift && exec "$@"' - "$path" \
		"$program" run --guest-mem 2M --pin none --runs 1 --warmup 0 --no-plots -o "$path"
	ls "$scratch/folder" >"$scratch/list"
	grep -qxE '[A-Za-z0-9._-]+-[0-9]{8}T[0-9]{6}Z\.json' "$scratch/list" ||
		fail "no result of a default name: $(cat "$scratch/list")"
	[ "$(wc -l <"$scratch/list")" -eq 1 ] || fail "more than it: $(cat "$scratch/list")"
	printed "result: $scratch/folder/$(cat "$scratch/list")"
	assert "$scratch/folder/$(cat "$scratch/list")" <<-'PYTHON'
		same((d["complete"], len(d["cells"])), (True, 1))
	PYTHON
done

part "without -o: results/ below the current folder"
mkdir "$scratch/cwd" || exit 1
# shellcheck disable=SC2016
measure 0 sh -c 'cd "$1" && rm -rf results && shift && exec "$@"' - "$scratch/cwd" \
	"$program" run --guest-mem 2M --pin none --runs 1 --warmup 0
set -- "$scratch"/cwd/results/*Z.json
{ [ $# -eq 1 ] && [ -f "$1" ]; } || fail "no result in results/"
no_file "$scratch"/cwd/results/*.journal "$scratch"/cwd/results/*.tmp.*
[ "$(ls "$scratch/cwd")" = results ] || fail "other files: $(ls "$scratch/cwd")"
