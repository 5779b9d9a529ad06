#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A performance gate for any CI that runs shell: run the plan of the machine's baseline again, compare,
# and exit as sevpinbench gate does: 0 pass, 1 worse (what looked worse was measured again first, and
# was worse again), 5 can't tell (all was measured once more, and pooled, before that is the answer).
# The first run on a machine makes its baseline.
#
# usage: examples/gate.sh [OPTION of "sevpinbench run"...]
# The options are the baseline's, so they count where there is none yet.
# Environment: SEVPINBENCH (program), RUNS (20), OUT (folder of reports, gate-out), BASELINE (main).
# Guests need /dev/kvm, and root for all pin counters.
set -u

program=${SEVPINBENCH:-sevpinbench}
runs=${RUNS:-20}
out=${OUT:-gate-out}
baseline=${BASELINE:-main}

gate() { # OPTION or RESULT...
	"$program" gate --baseline "$baseline" --format "table,junit=$out/gate.xml,markdown=$out/gate.md" "$@"
}

mkdir -p "$out" || exit 3
rm -f "$out"/new*.json
if ! "$program" baseline show "$baseline" >/dev/null 2>&1; then
	"$program" run --quiet --no-plots --runs "$runs" -o "$out/new.json" "$@"
	code=$?
	# 1 and 5 are about samples; without a document there is nothing to keep.
	[ -s "$out/new.json" ] || exit "$code"
	"$program" baseline save "$baseline" "$out/new.json" || exit
	echo "no baseline $baseline of this machine until now: this run is it"
	exit 0
fi
gate --run --rerun-on-fail 1 --quiet -o "$out/new.json"
code=$?
# Without a document nothing was measured: the machine is unlike the baseline's, or cannot do it.
if [ "$code" -eq 5 ] && [ -s "$out/new.json" ]; then
	echo "measuring once more"
	gate --run --quiet -o "$out/new-more.json" >/dev/null
	[ -s "$out/new-more.json" ] || exit 5
	gate "$out/new.json" "$out/new-more.json"
	code=$?
fi
exit "$code"
