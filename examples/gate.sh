#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A performance gate for any CI that runs shell: measure, compare with the machine's baseline, and
# exit as sevpinbench gate does: 0 pass, 1 worse, 5 can't tell (here: measured once more with twice
# the runs, which are pooled, before that is the answer). The first run on a machine makes its baseline.
#
# usage: examples/gate.sh [OPTION of "sevpinbench run"...]
# Environment: SEVPINBENCH (program), RUNS (20), OUT (folder of reports, gate-out), BASELINE (main).
# Guests need /dev/kvm, and root for all pin counters.
set -u

program=${SEVPINBENCH:-sevpinbench}
runs=${RUNS:-20}
out=${OUT:-gate-out}
baseline=${BASELINE:-main}

measure() { # FILE RUNS OPTION...
	file=$1 count=$2
	shift 2
	"$program" run --quiet --no-plots --runs "$count" -o "$file" "$@"
	code=$?
	# 1 and 5 are about samples, which the gate judges; without a document there is nothing to judge.
	[ -s "$file" ] && return 0
	exit "$code"
}

gate() { # RESULT...
	"$program" gate --baseline "$baseline" --format "table,junit=$out/gate.xml,markdown=$out/gate.md" "$@"
}

mkdir -p "$out" || exit 3
rm -f "$out"/new*.json
measure "$out/new.json" "$runs" "$@"
# Saving is refused where this machine has a baseline of that name.
if "$program" baseline save "$baseline" "$out/new.json" 2>/dev/null; then
	echo "no baseline $baseline of this machine until now: this run is it"
	exit 0
fi
gate "$out/new.json"
code=$?
if [ "$code" -eq 5 ]; then
	echo "measuring once more"
	measure "$out/new-more.json" $((runs * 2)) "$@"
	gate "$out/new.json" "$out/new-more.json"
	code=$?
fi
exit "$code"
