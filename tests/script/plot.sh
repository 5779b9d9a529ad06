#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# plot: pictures from results alone; no guest is started.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
result=$PWD/results/vm-anon-64M-2G.json
touch=$PWD/results/sev-touch-6.12.json
other=$PWD/results/sev-touch-6.1.json
results=$PWD/results
hostile=$PWD/tests/fixtures/result/deep.json

cd "$scratch" || exit 1
bad=0
command -v gnuplot >/dev/null || { echo "no gnuplot here"; exit 77; }

part "beside the result, what it has something for"
cp "$result" r.json
expect 0 "$program" plot r.json
printed "plot: r-startup.svg" "plot: r-phases.svg" "plot: r-pins.svg" "plot: r-dist.svg" \
	"plot: r-faults.svg"
for kind in startup phases pins dist faults; do
	xmllint --noout "r-$kind.svg" || bad=1
done
no_file r-cost.svg r-published.svg
expect 3 "$program" plot --kind cost,startup r.json
said "nothing to draw: cost: no cell was touched to several shares"

part "one kind, in a folder, as PNG; each result in a picture of its own"
mkdir pictures
expect 0 "$program" plot --each --kind phases --format png -o pictures r.json "$result"
[ "$(ls pictures)" = "r-phases.png
vm-anon-64M-2G-phases.png" ] || { ls pictures; bad=1; }
[ "$(head -c 4 pictures/r-phases.png | tail -c 3)" = PNG ] || bad=1

part "two kernels over each other"
expect 0 "$program" plot --kind cost --theme dark --size slide -o pictures "$other" "$touch"
printed "plot: pictures/sev-touch-6.1-and-sev-touch-6.12-cost.svg"
grep -q "Linux 6.12.117+deb12-amd64, n 6" pictures/*-cost.svg || fail "kernel B has no line"

part "keys stay below their plots, whatever gnuplot makes of their labels"
mkdir keys
expect 3 "$program" plot --each --kind startup,pins,cost,faults -o keys "$results"/*.json
"$python" "$lib/keys_below.py" keys/*.svg || fail "keys lie on plots"

part "a script draws the same picture where it lies"
expect 0 env PATH=/nonexistent "$program" plot --kind pins --emit-gnuplot -o pictures r.json
printed "script: pictures/r-pins.gp"
(cd pictures && gnuplot r-pins.gp) || fail "gnuplot does not like it"
cmp pictures/r-pins.svg r-pins.svg || bad=1

part "text for a terminal"
export TERM=xterm
expect 0 env COLUMNS=70 LC_ALL=C "$program" plot --format term --kind phases,dist r.json
printed "median startup #"
[ "$(awk 'length > 70' "$out")" = "" ] || fail "wider than asked"
! grep -q "$(printf '\033')" "$out" || fail "colours in a file"
expect 0 env LC_ALL=C.UTF-8 "$program" plot --format term --kind phases r.json
printed "median startup █"

part "wrong use"
expect 2 "$program" plot
said "at least one result is needed"
expect 2 "$program" plot --kind pie r.json
said "\"pie\" is not one of startup, phases"
expect 2 "$program" plot -o r.json r.json
said "is not a folder"
expect 2 "$program" plot --theme blue r.json
said "\"blue\" is not one of light, dark"
expect 2 "$program" plot --emit-gnuplot --format term r.json
said "not with --format term"

part "a bad result is told, the others are drawn"
rm -f r-*.svg
expect 3 "$program" plot --kind startup "$hostile" missing.json r.json
said "a result could not be read" "missing.json"
[ -e r-startup.svg ] || bad=1
no_file missing-startup.svg

part "no gnuplot"
expect 3 env PATH=/nonexistent "$program" plot r.json
said "gnuplot is not installed"
exit $bad
