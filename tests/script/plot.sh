#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# plot: pictures from results alone; no guest is started.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
result=$PWD/results/vm-anon-64M-2G.json
hostile=$PWD/tests/fixtures/result/deep.json

cd "$scratch" || exit 1
bad=0
command -v gnuplot >/dev/null || { echo "no gnuplot here"; exit 77; }

part "beside the result"
cp "$result" r.json
expect 0 "$program" plot r.json
printed "plot: r-startup.svg" "plot: r-phases.svg"
for kind in startup phases; do
	xmllint --noout "r-$kind.svg" || bad=1
done

part "one kind, in a folder, as PNG"
mkdir pictures
expect 0 "$program" plot --kind phases --format png -o pictures r.json "$result"
[ "$(ls pictures)" = "r-phases.png
vm-anon-64M-2G-phases.png" ] || { ls pictures; bad=1; }
[ "$(head -c 4 pictures/r-phases.png | tail -c 3)" = PNG ] || bad=1

part "wrong use"
expect 2 "$program" plot
said "at least one result is needed"
expect 2 "$program" plot --kind pie r.json
said "\"pie\" is not one of startup, phases"
expect 2 "$program" plot -o r.json r.json
said "is not a folder"

part "a bad result is told, the others are drawn"
rm -f r-*.svg
expect 3 "$program" plot "$hostile" missing.json r.json
said "a result could not be read" "missing.json"
[ -e r-startup.svg ] || bad=1
no_file missing-startup.svg

part "no gnuplot"
expect 3 env PATH=/nonexistent "$program" plot r.json
said "gnuplot is not installed"
exit $bad
