#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Wrong command lines: what the program says of each, to the letter, and that it does nothing.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

bad=0
cwd=$scratch/cwd
mkdir "$cwd" || exit 1

# line CODE COMMAND...: stderr must be what $wanted_text holds, stdout empty.
line() {
	code=$1
	shift
	(cd "$cwd" && exec "$program" "$@") >"$out" 2>"$err"
	got=$?
	printf '%s\n' "$wanted_text" >"$scratch/wanted"
	if [ "$got" -ne "$code" ] || [ -s "$out" ] || ! cmp -s "$scratch/wanted" "$err" ||
		[ -n "$(ls -A "$cwd")" ]; then
		bad=$((bad + 1))
		echo "FAILED: sevpinbench $*: exit $got, right is $code"
		diff -u "$scratch/wanted" "$err" | tail -n +3
		sed 's/^/  on stdout: /' "$out"
		ls -A "$cwd"
		rm -rf "${cwd:?}"/*
	fi
}

# usage TEXT COMMAND...: exit 2, TEXT (after the program's name), and where the usage is.
usage() {
	wanted_text="sevpinbench $1
  \"sevpinbench $2 --help\" shows the usage"
	shift
	line 2 "$@"
}

# option TEXT OPTION...: the same of "run".
option() {
	text="run: $1"
	shift
	usage "$text" run "$@"
}

size='is not a size, such as 64M, 1.5G or 1G..64G'
sizes='is not a list of sizes, such as 64M,1G'
power='is not a power of two from 4K to 1G'
touch='is neither a share (0% to 100%) nor a size (512M)'
cpus='is not a list of CPUs, such as 0,2-5'
label='is not KEY=VALUE (key up to 63, value up to 255 bytes)'

wanted_text='sevpinbench: unknown verb "frobnicate"
  "sevpinbench help" lists the verbs'
line 2 frobnicate
line 2 help frobnicate

option 'option: --frob is unknown or ambiguous' --frob
option 'option: -x is unknown or ambiguous' -x
option 'option: -x is unknown or ambiguous' -xq
option 'option: -x is unknown or ambiguous' --quiet -xq
option 'option: -\210 is unknown or ambiguous' "$(printf -- '-\210')"
option 'option: --guest is unknown or ambiguous' --guest 64M
option '--no-plots: takes no value' --no-plots=yes
option 'arguments: "extra" was not expected' extra
option '--guest-mem: needs a value' --guest-mem
option '-o: needs a value' -o
option '-o: an empty path' -o ''

option '--guest-mem: 0 is no size for a guest' --guest-mem 0
option '--guest-mem: 0 is no size for a guest' --guest-mem 0..64M
option "--guest-mem: \"-1\" $size" --guest-mem -1
option "--guest-mem: \"-1\" $size" --guest-mem=-1
option "--guest-mem: \"1Q\" $size" --guest-mem 1Q
option "--guest-mem: \"64M 1G\" $size" --guest-mem '64M 1G'
option "--guest-mem: \"0x40M\" $size" --guest-mem 0x40M
option "--guest-mem: \"1.0001M\" $size" --guest-mem 1.0001M
option '--guest-mem: 18446744073709551616 is more than 64 bits hold' --guest-mem 18446744073709551616
option '--guest-mem: 99999999T is more than 64 bits hold' --guest-mem 99999999T
option '--guest-mem: 18446744073709551615 is more than the 8 TiB that KVM takes' \
	--guest-mem 18446744073709551615
option '--guest-mem: 16T is more than the 8 TiB that KVM takes' --guest-mem 16T
option '--guest-mem: 4097 is not a whole number of 4K pages' --guest-mem 4097
option '--guest-mem: 3M is not a whole number of 2M pages' --guest-mem 3M --backing hugetlb-2M
option '--guest-mem: 1M is less than the 2M that a guest needs' --guest-mem 1M
option '--guest-mem: 64M is given twice' --guest-mem 64M,64M
option '--guest-mem: 64M is given twice' --guest-mem 65536K,64M
option '--guest-mem: 2G is given twice' --guest-mem 1G..4G,2G
option '--guest-mem: the range 4G..1G goes down' --guest-mem 4G..1G
option "--guest-mem: \"\" $sizes" --guest-mem ''
option "--guest-mem: \"64M,\" $sizes" --guest-mem 64M,
option "--guest-mem: \",64M\" $sizes" --guest-mem ,64M
option "--guest-mem: \"\" $size" --guest-mem 64M..
option "--guest-mem: \"2G..4G\" $size" --guest-mem 1G..2G..4G

option '--pin: "lazy" is not one of eager, demand, none' --pin lazy
option '--pin: "EAGER" is not one of eager, demand, none' --pin EAGER
option '--pin: "" is not one of eager, demand, none' --pin ''
option '--pin: eager is given twice' --pin eager,none,eager
option '--backing: "foo" is not one of anon, thp, memfd, hugetlb-2M, hugetlb-1G' --backing foo
option '--backing: anon is given twice' --backing anon,thp,anon
option '--prefault: "x" is not a number from 0 to 64' --prefault 0,x
option '--prefault: 1 is given twice' --prefault 1,1
option '--prefault: "1," has an empty part' --prefault 1,
option '--guest-type: "tdx" is not one of auto, vm, sev, sev-es, sev-snp' --guest-type tdx

option "--chunk: 3000 $power" --chunk 3000
option "--chunk: 3M $power" --chunk 3M
option "--chunk: 2G $power" --chunk 2G
option "--chunk: 0 $power" --chunk 0
option '--chunk: "two" is not a size, such as 4K, 2M or 1G' --chunk two
option '--chunk: 2M is smaller than a page of backing hugetlb-1G' \
	--guest-mem 2G --backing hugetlb-1G --pin demand
option '--chunk: 4M does not divide a guest of 66M
  demand pinning works in whole chunks: give a --chunk that divides every --guest-mem' \
	--guest-mem 66M --chunk 4M

option "--touch: \"101%\" $touch" --touch 101%
option "--touch: \"x\" $touch" --touch x
option "--touch: \"-5\" $touch" --touch -5
option "--touch: \"%\" $touch" --touch %
option '--touch: "" has an empty part' --touch ''
option '--touch: 1000 is not a whole number of 4K pages' --touch 1000
option '--touch-order: "up" is not one of seq, random' --touch-order up
option '--touch-op: "execute" is not one of write, read' --touch-op execute

option '--vcpus: "0" is not a number from 1 to 128' --vcpus 0
option '--vcpus: "129" is not a number from 1 to 128' --vcpus 129
option '--vcpus: "1x" is not a number from 1 to 128' --vcpus 1x
option '--prefault: "65" is not a number from 0 to 64' --prefault 65
option '--pin-threads: "0" is not a number from 1 to 64' --pin-threads 0
option '--pin-threads: "65" is not a number from 1 to 64' --pin-threads 2,65
option '--pin-threads: 2 is given twice' --pin-threads 2,2
option '--runs: "0" is not a number from 1 to 1000000' --runs 0
option '--runs: "-3" is not a number from 1 to 1000000' --runs -3
option '--runs: "99999999999" is not a number from 1 to 1000000' --runs 99999999999
option '--warmup: "" is not a number from 0 to 1000000' --warmup ''
option '--seed: "-1" is not a number from 0 to 2^63-1' --seed -1
option '--seed: "9223372036854775808" is not a number from 0 to 2^63-1' --seed 9223372036854775808
option '--numa-node: "64" is not a number from 0 to 63' --numa-node 64

option '--cpu: this process may not run on CPU 1023
  taskset -p $$ shows where it may' --cpu 1023
option "--cpu: \"99999\" $cpus" --cpu 99999
option "--cpu: \"1-0\" $cpus" --cpu 1-0
option "--cpu: \"x\" $cpus" --cpu x
option "--cpu: \"\" $cpus" --cpu ''
option "--label: \"nokey\" $label" --label nokey
option "--label: \"=value\" $label" --label =value
option '--plot-format: "gif" is not one of svg, png, pdf, term' --plot-format gif

# What cannot be had is unsupported, not wrong usage.
wanted_text='sevpinbench run: --pin: there are no sev-snp guests with pin mode none
  memory of sev-snp guests is pinned from its allocation on: eager (ahead) or demand (at the fault)
  "sevpinbench run --help" shows the usage'
line 4 run --guest-type sev-snp --pin none
option '--backing: sev-snp guests have their memory of a guest_memfd, in pages of 4K (anon, for what they share)' \
	--guest-type sev-snp --backing thp
option "--pin-threads: sev-snp guests' memory is allocated by one thread" --guest-type sev-snp --pin-threads 2
option '--sev-policy: 0x5 asks for SEV-ES (bit 2): take --guest-type sev-es' --guest-type sev \
	--sev-policy 5

usage 'recover: arguments: one journal is needed' recover
usage 'recover: arguments: one journal is needed' recover a.journal b.journal
usage 'recover: option: --frob is unknown or ambiguous' recover --frob
usage 'recover: option: -x is unknown or ambiguous' recover -xh
usage 'recover: -o: needs a value' recover a.journal -o
usage 'recover: JOURNAL: result.json does not end in .journal: say with -o where to' \
	recover result.json

could_not='sevpinbench recover: the journal could not be made a result: read journal'
man='is damaged, was edited, or is something else; "man 5 sevpinbench-result" says what it should hold'
wanted_text="$could_not: none.journal: No such file or directory"
line 3 recover none.journal

printf 'this is no journal\n' >"$scratch/text.journal"
: >"$scratch/empty.journal"
wanted_text="$could_not: line 1: '{' is missing: Invalid argument
  $scratch/text.journal $man"
line 1 recover "$scratch/text.journal"
wanted_text="$could_not: line 1: the file ends here, cut short: Invalid argument
  $scratch/empty.journal $man"
line 1 recover "$scratch/empty.journal"
wanted_text="$could_not: line 1: schema: \"sevpinbench.result/1\" is not \"sevpinbench.journal/1\": Invalid argument
  this is a result document already, not a journal: nothing is to be recovered"
line 1 recover "$PWD/tests/fixtures/result/good.json" -o new.json
no_file "$scratch/text" "$scratch/empty"

wanted_text="sevpinbench recover: -o: $scratch/there exists already
  -o FILE names another, or this one, to replace it
  \"sevpinbench recover --help\" shows the usage"
cp "$scratch/text.journal" "$scratch/there.journal"
echo precious >"$scratch/there"
line 2 recover "$scratch/there.journal"
[ "$(cat "$scratch/there")" = precious ] || fail "recover overwrote a document"

usage 'completion: arguments: one shell is needed: bash, zsh or fish' completion
usage 'completion: arguments: one shell is needed: bash, zsh or fish' completion tcsh
usage 'completion: arguments: one shell is needed: bash, zsh or fish' completion bash zsh
usage 'completion: option: --frob is unknown or ambiguous' completion --frob

part "the usage is on stderr without a verb, on stdout when asked for"
expect 2 "$program"
said "usage: sevpinbench VERB [OPTION...]"
[ ! -s "$out" ] || fail "the usage of an error is on stdout"
expect 0 "$program" --help
printed "usage: sevpinbench VERB [OPTION...]"
expect 0 "$program" run --help
printed "usage: sevpinbench run" "--guest-mem"
cp "$out" "$scratch/help"
[ ! -s "$err" ] || fail "help is on stderr"
expect 0 "$program" --version
grep -qE '^sevpinbench [0-9]+\.[0-9]+\.[0-9]+' "$out" || fail "no version"

[ $bad -eq 0 ] || fail "$bad wrong command lines were not answered as they must be"
