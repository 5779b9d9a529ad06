#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A guest that does not fit is refused with numbers before anything is pinned, while what fits of
# the same campaign is measured. And the plan alone, with --dry-run.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests

r=$scratch/r.json
before=$(pinned_pages)

# Twice what the host has, in whole powers of two from 64 GiB on.
size=64
total=$(awk '/^MemTotal:/ { print int($2 / 1024 / 1024) + 1 }' /proc/meminfo)
while [ $size -lt $((total * 2)) ]; do
	size=$((size * 2))
done

part "eager ${size}G is refused, demand of the same size is measured"
measure 3 "$program" run --guest-mem 64M,${size}G --pin eager,demand --touch 4M --runs 1 \
	--no-plots -o "$r"
printed "refused vm eager ${size}G: needs $size.0 GiB pinned" "GiB available" "are kept free" \
	"take a smaller --guest-mem"
assert "$r" "$size" <<'PYTHON'
big = int(sys.argv[2]) * GIB
same(d["complete"], True, "all that was planned was measured")
same([(c["pin"], c["guest_bytes"]) for c in d["cells"]],
     [("eager", 64 * MIB), ("demand", 64 * MIB), ("demand", big)])
(refused,) = d["refused"]
same((refused["pin"], refused["guest_bytes"], refused["mechanism"]), ("eager", big, "io-uring"))
check(refused["needed_bytes"] >= big, "needed", refused["needed_bytes"])
check(0 < refused["available_bytes"] < refused["needed_bytes"])
check(refused["available_bytes"] <= d["host"]["memory"]["total_bytes"], "more than there is")
check(refused["reason"] and refused["hint"], "no reason or hint")
for cell, sample in samples(d):
    if cell["guest_bytes"] < GIB:
        check_sample(cell, sample)
    else:
        same(flags_of(sample), [])
        # The boot area, which does not grow, and the working set behind it, in chunks of 2 MiB.
        pins = sample["pins"]["after_touch"]["ledger_pages"]
        check(512 <= pins <= 3 * 512, pins, "pages pinned")
        same(rise(sample, "after_touch", "host_pages"), pins, "the host's count")
        check(sample["phases_ns"]["pin"] < 1e9, "demand's pin phase follows the size")
PYTHON

part "all cells refused: a document all the same"
expect 3 "$program" run --guest-mem ${size}G --pin eager --runs 1 --no-plots -o "$r"
printed "no cell was measured" "refused vm eager ${size}G"
assert "$r" <<'PYTHON'
same((d["cells"], len(d["refused"])), ([], 1))
PYTHON

part "more guest addresses than the CPU has, or a refusal for memory: never a crash"
expect 3 "$program" run --guest-mem 8190G --pin eager --runs 1 --no-plots -o "$r"
printed "refused vm eager 8190G: needs"

part "--dry-run: the plan, and nothing else"
mkdir "$scratch/cwd" || exit 1
dry_run() { # CODE OPTION...
	dry_wanted=$1
	shift
	(cd "$scratch/cwd" && exec "$program" run --dry-run "$@") >"$out" 2>"$err"
	got=$?
	[ $got -eq "$dry_wanted" ] || fail "exit $got where $dry_wanted is right: --dry-run $*"
	[ -z "$(ls -A "$scratch/cwd")" ] || fail "it wrote: $(ls -A "$scratch/cwd")"
	[ ! -s "$err" ] || fail "it talked on stderr"
}
dry_run 0 --guest-mem 64M,1G --pin eager,demand,none --runs 20 --warmup 2
row() { # MODE SIZE PINNED: a row of the plan
	grep -qE "^vm +$1 +[a-z-]+ +$2 +$3 " "$out" || fail "no row \"vm $1 $2 $3\""
}
row eager 64M "64 MiB"
row demand 64M "8 MiB"
row none 64M "0 B"
row eager 1G "1 GiB"
printed "6 cells, each started 2 + 20 times: about"
dry_run 3 --guest-mem ${size}G --pin eager,demand --touch 4M -o no/such/folder/r.json
printed "refused: eager ${size}G: needs $size.0 GiB pinned"
row demand ${size}G "[68] MiB"

nothing_pinned "$before"
