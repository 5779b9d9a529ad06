#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the result goes when the place is bad: folders, full disks, closed descriptors, links. A
# sample that was taken is never lost, and a file that is there is never half replaced.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests
need_namespaces

cd "$scratch" || exit 1
bad=0
before=$(pinned_pages)

# The cheapest campaign that has samples: nothing is pinned, so nobody disturbs it.
set -- run --guest-mem 4M --pin none --runs 3 --warmup 1 --no-plots

whole() { # FILE: a complete document
	assert "$1" <<-'PYTHON'
		same((d["complete"], len(d["cells"][0]["samples"])), (True, 3))
	PYTHON
}

nothing_beside() { # FILE
	no_file "$1.journal" "$1".tmp.*
}

part "a missing folder, a file as folder"
expect 3 "$program" "$@" -o no/such/folder/r.json
said "the result would have no place" "no/such/folder/r.json" "No such file or directory"
no_file no
: >file
expect 3 "$program" "$@" -o file/r.json
said "the result would have no place" "file/r.json" "Not a directory"
expect 3 "$program" "$@" -o missing/
said "the result would have no place" "missing/" "No such file or directory"

part "a read-only folder"
mkdir ro || exit 1
# shellcheck disable=SC2016 # for the inner shell
expect 3 unshare --mount sh -c 'mount -t tmpfs -o ro none ro && exec "$@"' - \
	"$program" "$@" -o ro/r.json
said "the result would have no place" "ro/r.json" "Read-only file system"
# shellcheck disable=SC2016
expect 3 unshare --mount sh -c 'mount -t tmpfs -o ro none ro && cd ro && exec "$@"' - \
	"$program" "$@"
said "results" "Read-only file system"

# Too little for the document, enough for the journal of all samples or of some. The smaller the
# disk, the earlier it is full; "recover" must then give every sample that the journal has.
cat >on-full-disk <<'SH'
size=$1 program=$2
shift 2
mkdir -p full && mount -t tmpfs -o "size=$size" none full || exit 99
"$program" "$@" -o full/r.json
code=$?
[ -e full/r.json ] && exit 98
ls full | grep -q tmp && exit 97
cp full/r.json.journal kept.journal || exit 96
# Both a half document and the journal would be one file too many: make room, as it says.
mount -o remount,size=1m full || exit 95
"$program" recover full/r.json.journal >/dev/null 2>recover.stderr || exit 94
cp full/r.json recovered.json
exit $code
SH
some=0
for size in 4k 8k 12k 16k; do
	part "a disk of $size"
	rm -f recovered.json kept.journal
	# 24 samples: the journal needs about 18 KiB, the document more.
	measure 3 unshare --mount sh on-full-disk $size "$program" run --guest-mem 4M --pin none \
		--runs 24 --warmup 0 --no-plots
	said "No space left on device" "sevpinbench recover full/r.json.journal"
	lines=$(wc -l <kept.journal)
	assert recovered.json "$lines" <<-'PYTHON'
		same(d["complete"], False)
		same(len(d["cells"][0]["samples"]), int(sys.argv[2]) - 1, "samples of the journal")
		for cell, sample in samples(d):
		    check_times(sample)
	PYTHON
	[ "$lines" -gt 1 ] && [ "$lines" -lt 25 ] && some=1
done
[ $some -eq 1 ] || fail "no disk was full in the middle of the samples"

part "a full disk at the last moment: all samples are in the journal"
rm -f recovered.json kept.journal
measure 3 unshare --mount sh on-full-disk 8k "$program" run --guest-mem 4M --pin none --runs 3 \
	--warmup 1 --no-plots
said "the result could not be written" "No space left on device" \
	"sevpinbench recover full/r.json.journal"
printed "none"
assert recovered.json <<'PYTHON'
same((len(d["cells"][0]["samples"]), len(d["cells"][0]["warmup_samples"])), (3, 1))
PYTHON

# Were the journal opened as descriptor 2, what is said of the full disk would go into it.
part "a full disk, and stderr closed"
rm -f recovered.json kept.journal
# shellcheck disable=SC2016 # for the inner shell
measure 3 sh -c '"$@" 2>&-' - unshare --mount sh on-full-disk 8k "$program" run \
	--guest-mem 4M --pin none --runs 3 --warmup 1 --no-plots
assert recovered.json <<'PYTHON'
same((len(d["cells"][0]["samples"]), len(d["cells"][0]["warmup_samples"])), (3, 1))
PYTHON

part "stdout closed, full, or a broken pipe"
measure 3 sh -c '"$@" >&-' - "$program" "$@" -o closed.json
said "standard output" "Bad file descriptor"
whole closed.json
nothing_beside closed.json
measure 3 sh -c '"$@" >/dev/full' - "$program" "$@" -o full.json
said "standard output: No space left on device" "files are not"
whole full.json
nothing_beside full.json
{
	"$program" "$@" -o pipe.json 2>"$err"
	echo $? >code
} | :
# 5 is told before 3: another process pinned memory meanwhile.
[ "$(cat code)" -eq 3 ] || [ "$(cat code)" -eq 5 ] ||
	fail "exit $(cat code) where 3 is right: stdout is a broken pipe"
said "standard output: Broken pipe"
whole pipe.json
# shellcheck disable=SC2016 # for the inner shell
expect 3 sh -c '"$1" --help >/dev/full' - "$program"
# shellcheck disable=SC2016
expect 3 sh -c '"$1" --version >/dev/full' - "$program"

part "stderr closed, stdin closed, all closed"
measure 0 sh -c '"$@" 2>&-' - "$program" "$@" -o noerr.json
whole noerr.json
printed "result: noerr.json"
measure 0 sh -c '"$@" <&-' - "$program" "$@" -o noin.json
whole noin.json
measure 3 sh -c '"$@" <&- >&- 2>&-' - "$program" "$@" -o none.json
whole none.json

part "plots"
plots="run --guest-mem 4M,8M --pin none --runs 2"
if command -v gnuplot >/dev/null; then
	# shellcheck disable=SC2086 # a list of words
	measure 0 "$program" $plots -o plots.json
	printed "plot: plots-startup.svg" "plot: plots-phases.svg"
	for file in plots-startup.svg plots-phases.svg; do
		"$python" -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' $file ||
			fail "$file is no SVG"
	done
	# shellcheck disable=SC2086
	measure 0 "$program" $plots --plot-format png -o plots.json
	[ "$(head -c 4 plots-startup.png | tail -c 3)" = PNG ] || fail "this is no PNG"
fi
# shellcheck disable=SC2086
measure 0 env PATH="$scratch/empty" "$program" $plots -o noplots.json
said "plots are left out: gnuplot is not installed"
no_file noplots-*
assert noplots.json <<'PYTHON'
same((d["complete"], len(d["cells"])), (True, 2))
PYTHON
# shellcheck disable=SC2086
measure 0 env PATH="$scratch/empty" "$program" $plots --no-plots -o noplots.json
[ ! -s "$err" ] || fail "it talks about plots that nobody wanted"

part "the journal of an earlier run is not touched"
echo precious >old.json.journal
expect 3 "$program" "$@" -o old.json
said "old.json.journal" "File exists" "sevpinbench recover old.json.journal"
[ "$(cat old.json.journal)" = precious ] || fail "the journal was overwritten"
no_file old.json

part "an existing result is replaced as a whole, at the end"
echo old >again.json
ln again.json old-inode
"$program" run --guest-mem 4M --pin none --runs 300 -q --no-plots -o again.json >"$out" 2>"$err" &
child=$!
wait_for_lines again.json.journal 20 $child
[ "$(cat again.json)" = old ] || fail "the old result went before the new one was there"
wait $child
got=$?
[ $got -eq 0 ] || [ $got -eq 5 ] || fail "exit $got"
[ "$(cat old-inode)" = old ] || fail "the old file was written into"
assert again.json <<'PYTHON'
same((d["complete"], len(d["cells"][0]["samples"])), (True, 300))
PYTHON
nothing_beside again.json
[ "$(stat -c %a again.json)" = "$(printf '%o' $((0666 & ~0$(umask) & 0644)))" ] ||
	fail "mode $(stat -c %a again.json)"

# What cannot be replaced is known before the first guest: a campaign of an hour must not end so.
mkfifo fifo
mknod device c 1 3
echo target >target
ln -s target link
for path in fifo link device; do
	part "-o $path"
	"$program" "$@" -o $path >"$out" 2>"$err"
	got=$?
	[ $got -eq 3 ] || [ $got -eq 5 ] || fail "exit $got where 3 is right: -o $path"
	if [ -s "$out" ] || [ -e $path.journal ] || grep -q "make room" "$err"; then
		bad=$((bad + 1))
		echo "FAILED: guests were started for a result that can have no place there:"
		cat "$err"
		ls -l $path.journal
		rm -f $path.journal
	fi
done
[ "$(cat target)" = target ] || fail "the target of the link was overwritten"
{ [ -p fifo ] && [ -L link ] && [ -c device ]; } || fail "something was replaced"

nothing_pinned "$before"
[ $bad -eq 0 ] || fail "$bad bad places were found out too late"
