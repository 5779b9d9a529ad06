# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the script tests share. They run the real program: tests/run gives SEVPINBENCH, a TMPDIR of
# their own and the repository root as current folder.
set -u

# shellcheck disable=SC2034 # used by those who read this file
program=$SEVPINBENCH
lib=$PWD/tests/script/lib
scratch=$TMPDIR
out=$scratch/stdout err=$scratch/stderr

# Debian's own before another one on PATH, which may be a chain of shell scripts.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
PYTHONPATH=$lib PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE

# Where the program takes more memory than there is, this test is to die of it and nothing else.
echo 1000 2>/dev/null >/proc/self/oom_score_adj

skip() {
	echo "$1"
	exit 77
}

# fail TEXT: also what the last program said.
fail() {
	echo "FAILED: $1"
	for file in "$out" "$err"; do
		[ -s "$file" ] && sed "s/^/  ${file##*/}: /" "$file"
	done
	exit 1
}

part() {
	echo "-- $*"
}

need_python() {
	"$python" -c 'import json' 2>/dev/null || skip "no python3: install the Debian package python3"
}

# Guests that are pinned in every mode, with all pin counters: what most of these tests are about.
need_guests() {
	need_python
	[ "$(id -u)" -eq 0 ] || skip "not root: neither the host's pin counters nor userfaultfd"
	# Opening for reading and writing would make the file where there is none.
	if [ ! -c /dev/kvm ] || ! (exec 3<>/dev/kvm) 2>/dev/null; then
		skip "no /dev/kvm that can be opened"
	fi
	[ "$(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0)" -eq 0 ] ||
		skip "kernel.io_uring_disabled is not 0"
	grep -q '^nr_foll_pin_acquired ' /proc/vmstat || skip "this kernel does not count pins"
	if awk '/^MemAvailable:/ { exit $2 >= 4 * 1024 * 1024 }' /proc/meminfo; then
		skip "less than 4 GiB of memory are available"
	fi
}

need_namespaces() {
	unshare --mount true 2>/dev/null || skip "no mount namespace can be made here"
}

# expect CODE COMMAND...: stdout and stderr go to $out and $err.
expect() {
	wanted=$1
	shift
	"$@" >"$out" 2>"$err"
	got=$?
	[ "$got" -eq "$wanted" ] || fail "exit $got where $wanted is right: $*"
}

# Is a busy machine all that makes the program say 5? "gate" shows no flags; its verdict may be 5, too.
only_busy() {
	grep -q '^flag disturbed' "$out" ||
		{ grep -q "was not left alone" "$err" && ! grep -q "^gate: can't tell" "$out"; } ||
		return 1
	! grep '^flag ' "$out" | grep -Eqv '^flag (disturbed|folio-units|pins-unreadable)'
}

# measure CODE COMMAND...: expect, and again where another process pinned or unpinned memory
# meanwhile, which the program says with exit 5. What is wrong by itself is so every time. What a
# busy host disturbed (others allocate, take the CPU) is taken as it is.
measure() {
	wanted=$1
	shift
	for try in 1 2 3 4 5; do
		"$@" >"$out" 2>"$err"
		got=$?
		[ "$got" -eq 5 ] || break
		grep '^flag ' "$out"
		if only_busy; then
			[ "$wanted" -eq 3 ] && got=3 || got=0 # which 5 is told in place of
			break
		fi
		echo "disturbed by pins of another process (try $try)"
		sleep 1
	done
	[ "$got" -eq "$wanted" ] || fail "exit $got where $wanted is right: $*"
}

said() { # TEXT...: each must be in stderr
	for text in "$@"; do
		grep -qF -e "$text" "$err" || fail "stderr does not say \"$text\""
	done
}

printed() { # TEXT...: each must be in stdout
	for text in "$@"; do
		grep -qF -e "$text" "$out" || fail "stdout does not say \"$text\""
	done
}

# Pages that are pinned on this host now.
pinned_pages() {
	echo 1 >/proc/sys/vm/stat_refresh
	awk '$1 == "nr_foll_pin_acquired" { n += $2 } $1 == "nr_foll_pin_released" { n -= $2 }
	     END { print n }' /proc/vmstat
}

# nothing_pinned BEFORE: the kernel gives pins of a dead process back in its own time, and another
# process may be pinning for a while.
nothing_pinned() {
	tries=100
	while [ "$(pinned_pages)" -gt "$1" ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "$(pinned_pages) pages are pinned, $1 before"
		sleep 0.2
	done
}

no_process_of() { # PROGRAM
	for exe in /proc/[0-9]*/exe; do
		if [ "$(readlink "$exe" 2>/dev/null)" = "$1" ]; then
			fail "still running: $exe"
		fi
	done
}

# no_file PATTERN...: given expanded or not, none of them may exist.
no_file() {
	for file in "$@"; do
		if [ -e "$file" ] || [ -L "$file" ]; then
			fail "$file is there"
		fi
	done
}

# assert FILE <<PYTHON: with d the document in FILE, and everything of lib/document.py.
assert() {
	{
		echo 'import sys; from document import *; d = load(sys.argv[1])'
		cat
	} >"$scratch/assert.py"
	"$python" "$scratch/assert.py" "$@" || fail "the document $1 is not as it must be"
}

wait_for_lines() { # FILE NUMBER PID: until the file has so many lines
	tries=600
	while [ "$(wc -l 2>/dev/null <"$1" || echo 0)" -lt "$2" ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "$1 did not get $2 lines in a minute"
		kill -0 "$3" 2>/dev/null || fail "the program ended before $1 had $2 lines"
		sleep 0.1
	done
}
