#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The main job: sizes times pin modes. What is pinned when, to the page, by three counts; the
# phases and their sums; the order; the keys.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests

r=$scratch/r.json

part "every size in every mode"
measure 0 "$program" run --guest-mem 64M,256M --pin eager,demand,none --runs 3 --seed 42 \
	--no-plots -o "$r"
[ ! -s "$err" ] || fail "it talked on stderr although all was well"
assert "$r" <<'PYTHON'
from statistics import median

for key in ("schema", "tool", "host", "plan", "refused", "cells", "complete"):
    check(key in d, key, "is missing")
same(d["schema"], "sevpinbench.result/1")
same((d["complete"], d["refused"]), (True, []))
same((d["plan"]["seed"], d["plan"]["runs"], d["plan"]["warmup"]), (42, 3, 1))
same([(c["guest_bytes"] // MIB, c["pin"], c["mechanism"]) for c in d["cells"]],
     [(size, *mode) for size in (64, 256)
      for mode in (("eager", "io-uring"), ("demand", "userfault"), ("none", "none"))])
for cell in d["cells"]:
    for key in ("guest_type", "pin", "mechanism", "guest_bytes", "backing", "vcpus",
                "touch_bytes", "samples", "summary"):
        check(key in cell, key, "is missing")
    same((cell["guest_type"], cell["backing"], cell["vcpus"]), ("vm", "anon", 1))
    same(cell["touch_bytes"], cell["guest_bytes"] // 10 // PAGE * PAGE, "10% in whole pages")
    same((len(cell["samples"]), len(cell["warmup_samples"])), (3, 1), "samples")
    same(cell["samples"], sorted(cell["samples"], key=lambda s: s["order"]), "their order")
    for sample in cell["samples"] + cell["warmup_samples"]:
        for key in ("phases_ns", "startup_ns", "working_set_ns", "pins", "faults", "flags"):
            check(key in sample, key, "is missing")
        check_sample(cell, sample)
    for key in ("startup_ns", "working_set_ns"):
        times = [s[key] for s in cell["samples"]]
        got = cell["summary"][key]
        same((got["n"], got["median"], got["min"], got["max"]),
             (3, median(times), min(times), max(times)), key)
        same((got["ci95_low"], got["p90"]), (None, None), "what 3 samples cannot give")

# Eager pays for the size before the first instruction: 4 times the memory takes longer.
pin = {m: [cell_of(d, m, s * MIB)["summary"]["phases_ns"]["pin"]["min"] for s in (64, 256)]
       for m in ("eager", "demand")}
check(pin["eager"][1] > 2 * pin["eager"][0], "eager's pin phase does not grow", pin)
check(pin["eager"][1] > 10 * pin["demand"][1], "eager is not dearer than demand", pin)

# Every round has each cell once; the rounds are shuffled.
rounds = [sequence(d)[i : i + 6] for i in range(0, 24, 6)]
same([sorted(r) for r in rounds], [[0, 1, 2, 3, 4, 5]] * 4, "rounds")
check(any(r != sorted(r) for r in rounds), "nothing was shuffled")
check(len({tuple(r) for r in rounds}) > 1, "every round has the same order")
PYTHON

part "the table shows the same"
printed "result: $r"
"$python" - "$r" "$out" <<'PYTHON' || fail "the table does not show what the document holds"
import sys
from document import *

table = open(sys.argv[2], encoding="utf-8").read()
for cell in load(sys.argv[1])["cells"]:
    _, first, touched = wanted_pins(cell)
    size = f"{cell['guest_bytes'] // MIB}M"
    row = (rf"^vm +{cell['pin']} +{cell['mechanism']} +{size} +3 .* {first} +[<0-9.]+% +{touched} "
           rf"+[<0-9.]+%$")
    check(re.search(row, table, re.M), "no row", row)
PYTHON

part "the same seed repeats the order, another does not"
tiny="--guest-mem 2M,4M,8M --pin none,eager --runs 3 --no-plots"
for name in 7 7.again 8; do
	# shellcheck disable=SC2086 # a list of words
	measure 0 "$program" run $tiny --seed "${name%.again}" -o "$scratch/seed-$name.json"
done
"$python" - "$scratch" <<'PYTHON' || fail "the order does not follow the seed"
import sys
from document import *

order = {n: sequence(load(f"{sys.argv[1]}/seed-{n}.json")) for n in ("7", "7.again", "8")}
same(order["7"], order["7.again"], "the order of the same seed")
check(order["7"] != order["8"], "two seeds give one order")
PYTHON

part "three sizes give a slope for each mode"
measure 0 "$program" run --guest-mem 32M..128M --pin eager,demand --runs 2 --no-plots -o "$r"
printed "s/GiB" "R2"
assert "$r" <<'PYTHON'
same([c["guest_bytes"] // MIB for c in d["cells"]], [32, 32, 64, 64, 128, 128], "the range")
PYTHON
