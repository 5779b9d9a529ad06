#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the program itself takes and gives back: pins on the host, descriptors and mappings from
# sample to sample, and its own memory, which must not follow the size of the guest.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests

limit_kb=$((16 * 1024))
r=$scratch/r.json
child=

clean_up() {
	[ -n "$child" ] && kill -KILL "$child" 2>/dev/null
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

before=$(pinned_pages)

part "pins after campaigns of every kind"
measure 0 "$program" run --guest-mem 16M --pin eager,demand,none --runs 5 --no-plots -o "$r"
measure 0 "$program" run --guest-mem 16M --backing memfd --pin eager,demand,none --prefault 2 \
	--vcpus 2 --runs 5 --no-plots -o "$r"
measure 0 "$program" run --guest-mem 16M --chunk 4K --touch 100% --touch-order random \
	--pin demand --runs 2 --no-plots -o "$r"
# Starts that fail half-way: a file as large as the guest's memory is not allowed.
expect 1 prlimit --fsize=$((100 << 20)) "$program" run --guest-mem 256M --backing memfd \
	--pin eager,demand,none --runs 2 --no-plots -o "$r"
assert "$r" <<'PYTHON'
for cell, sample in samples(d):
    same(flags_of(sample), ["failed"])
    same((sample["failure"]["op"], sample["failure"]["error"]), ("ftruncate", "File too large"))
    same(rise(sample, "after_destroy", "vmpin_pages"), 0)
PYTHON
nothing_pinned "$before"

# usage_of PID: the fewest descriptors, mappings and threads of many looks at it: what it has between
# two samples, to which a leak would add. What a start takes meanwhile depends on when one looks.
usage_of() {
	fds=1000000 maps=1000000 threads=1000000
	for _ in $(seq 40); do
		n=$(find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l)
		[ "$n" -lt "$fds" ] && fds=$n
		n=$(wc -l 2>/dev/null <"/proc/$1/maps" || echo 0)
		[ "$n" -lt "$maps" ] && maps=$n
		n=$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)
		[ "$n" -lt "$threads" ] && threads=$n
		sleep 0.01
	done
	echo "$fds $maps $threads"
}

part "nothing grows from sample to sample"
rm -f "$r"
"$program" run --guest-mem 4M --pin eager,demand,none --vcpus 2 --runs 5000 -q --no-plots \
	-o "$r" >"$out" 2>"$err" &
child=$!
wait_for_lines "$r.journal" 4 $child
early=$(usage_of $child)
wait_for_lines "$r.journal" 200 $child
late=$(usage_of $child)
kill -TERM $child
wait $child
[ $? -eq 143 ] || fail "SIGTERM did not end it with 143"
child=
echo "descriptors, mappings, threads: at first $early, 200 samples later $late"
# shellcheck disable=SC2086 # three numbers each
set -- $early $late
[ "$1" -gt 3 ] || fail "the descriptors could not be counted"
{ [ "$4" -le $(($1 + 2)) ] && [ "$5" -le $(($2 + 8)) ] && [ "$6" -le $(($3 + 1)) ]; } ||
	fail "at first $early, 200 samples later $late"
nothing_pinned "$before"

# peak_kb COMMAND...: the largest resident set of the program, by the kernel's own account of the
# children of a process; the shell that waits for it is smaller than any of them.
peak_kb() {
	sh -c 'out=$1 err=$2 python=$3; shift 3; "$@" >"$out" 2>"$err"
	code=$?
	# The same process waits for that and asks, or it would not know of its children.
	exec "$python" -c "import resource as r, sys; print(r.getrusage(r.RUSAGE_CHILDREN).ru_maxrss); sys.exit($code)"' \
		- "$out" "$err" "$python" "$@"
}

# harness GIB MODE: its memory without what the guest touched, which is its boot area alone.
harness() {
	size=$1 mode=$2 chunk=$3
	part "own memory with a guest of ${size}G, $mode, chunks of $chunk"
	for try in 1 2 3 4 5; do
		peak=$(peak_kb "$program" run --guest-mem "${size}G" --pin "$mode" --chunk "$chunk" \
			--touch 0 --runs 1 --warmup 0 --no-plots -o "$r")
		code=$?
		[ "$code" -eq 5 ] && only_busy && code=0
		[ "$code" -eq 5 ] || break
		echo "disturbed by pins of another process (try $try)"
		sleep 1
	done
	if [ "$code" -eq 3 ]; then
		echo "left out: $(grep '^refused' "$out")"
		return 0
	fi
	[ "$code" -eq 0 ] || fail "exit $code"
	guest=$("$python" - "$r" <<-'PYTHON'
		import sys
		from document import *

		((cell, sample),) = samples(load(sys.argv[1]))
		same((flags_of(sample), sample["touched_pages"]), ([], 0))
		pinned = sample["pins"]["after_touch"]["ledger_pages"]
		print(max(pinned, BOOT_PAGES) * PAGE // 1024)
	PYTHON
	) || fail "the document is not as it must be"
	echo "peak $peak KiB, of which the guest's boot area at most $guest KiB"
	[ "$peak" -gt 1000 ] || fail "a peak of $peak KiB was not measured right"
	[ $((peak - guest)) -le $limit_kb ] || fail "that is more than $limit_kb KiB"
}

for size in 1 64 512; do
	harness "$size" none 2M
	harness "$size" demand 2M
done
harness 64 demand 4K
nothing_pinned "$before"
