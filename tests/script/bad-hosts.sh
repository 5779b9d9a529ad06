#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Hosts that lack something: KVM, a permission, io_uring, userfaultfd, locked memory, open files.
# What can run runs, the rest is refused with the reason and the remedy.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests
need_namespaces

r=$scratch/open/r.json
uring=/proc/sys/kernel/io_uring_disabled
uring_before=

restore() {
	[ -n "$uring_before" ] && echo "$uring_before" >$uring
}
trap restore EXIT
trap 'exit 130' INT TERM HUP

# Somebody without any privilege must reach the program, and write the result.
chmod 755 "$scratch" && mkdir -m 777 "$scratch/open" && cp "$program" "$scratch/open/program" ||
	exit 1
program=$scratch/open/program
anybody="setpriv --reuid=65534 --regid=65534 --clear-groups"
unlocked="setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock"

with_dev() { # as tests/script/lib/with-dev
	unshare --mount sh "$lib/with-dev" "$@"
}

nothing_written() {
	no_file "$r" "$r.journal"
	[ ! -s "$out" ] || fail "it wrote to stdout"
}

part "no /dev/kvm"
expect 4 with_dev none "$program" run --guest-mem 4M --no-plots -o "$r"
said "cannot start guests: open: /dev/kvm: No such file or directory" kvm_amd kvm_intel
nothing_written

part "/dev/kvm without KVM behind it"
expect 4 with_dev dead "$program" run --guest-mem 4M --no-plots -o "$r"
said "cannot start guests: open: /dev/kvm: No such device" "load kvm_amd or kvm_intel"
nothing_written

# shellcheck disable=SC2086 # $anybody is a list of words
can_be_anybody() {
	$anybody "$program" --version >/dev/null 2>&1
}

# shellcheck disable=SC2086
without_rights() {
	part "/dev/kvm that this user may not open"
	expect 3 with_dev 600 $anybody "$program" run --guest-mem 4M --no-plots -o "$r"
	said "cannot start guests: open: /dev/kvm: Permission denied" "usermod -aG kvm"
	nothing_written

	[ "$(cat /proc/sys/vm/unprivileged_userfaultfd 2>/dev/null)" = 0 ] || return 0
	part "nobody: no userfaultfd, no host-wide counts; eager and none run"
	measure 3 with_dev 666 $anybody "$program" run --guest-mem 4M --runs 2 \
		--pin eager,demand,none --no-plots -o "$r"
	printed "refused vm demand 4M: mechanism userfault cannot be used" \
		"vm.unprivileged_userfaultfd=1" "CAP_SYS_PTRACE"
	assert "$r" <<-'PYTHON'
		same([c["pin"] for c in d["cells"]], ["eager", "none"])
		same([c["pin"] for c in d["refused"]], ["demand"])
		same(d["host"]["pin_counters"], False)
		check(d["host"]["pin_counters_reason"] != "", "no reason why there are no counts")
		for cell, sample in samples(d):
		    same(flags_of(sample), ["pins-unreadable"])
		    wanted = 1024 if cell["pin"] == "eager" else 0
		    same(rise(sample, "first_instruction", "vmpin_pages"), wanted)
		    same(rise(sample, "after_destroy", "vmpin_pages"), 0)
		    same({p["host_pages"] for p in sample["pins"].values()}, {None}, "not a guess")
	PYTHON
}

if can_be_anybody; then
	without_rights
else
	echo "left out: nobody cannot run a program from $scratch"
fi

part "64K of locked memory, without CAP_IPC_LOCK"
# shellcheck disable=SC2086
measure 3 prlimit --memlock=65536 $unlocked "$program" run --guest-mem 64M \
	--pin eager,demand,none --runs 1 --no-plots -o "$r"
printed "refused vm eager 64M: needs 64 MiB pinned; RLIMIT_MEMLOCK allows 64 KiB" \
	"refused vm demand 64M: needs 8 MiB pinned; RLIMIT_MEMLOCK allows 64 KiB" \
	"ulimit -l 65600" limits.conf CAP_IPC_LOCK
assert "$r" <<'PYTHON'
same([c["pin"] for c in d["cells"]], ["none"])
check_sample(d["cells"][0], d["cells"][0]["samples"][0])
RING = 65536 # what is allowed for an io_uring itself
eager, demand = d["refused"]
same((eager["pin"], eager["needed_bytes"], eager["available_bytes"]),
     ("eager", 64 * MIB + RING, 65536))
same((demand["pin"], demand["needed_bytes"]), ("demand", 8 * MIB + RING))
for cell in d["refused"]:
    check(cell["reason"] and cell["hint"], "a refusal without reason or hint")
PYTHON

# The kernel counts the ring's own pages too: a limit of exactly the guest's size may not do.
# That is to be known beforehand, not found out by a sample that fails.
part "just as much locked memory as the guest has"
# shellcheck disable=SC2086
prlimit --memlock=$((8 << 20)) $unlocked "$program" run --guest-mem 8M --pin eager --runs 1 \
	--no-plots -o "$r" >"$out" 2>"$err"
case $? in
0 | 5) assert "$r" <<'PYTHON' ;;
same(rise(d["cells"][0]["samples"][0], "after_pin", "vmpin_pages"), 2048)
PYTHON
3) printed "refused vm eager 8M: needs" "RLIMIT_MEMLOCK allows 8 MiB" ;;
*) exceeded=1 && echo "FAILED: neither measured nor refused:" && cat "$out" "$err" ;;
esac

part "enough locked memory"
# shellcheck disable=SC2086
measure 0 prlimit --memlock=$((8 << 20)) $unlocked "$program" run --guest-mem 6M --runs 1 \
	--pin eager,demand --no-plots -o "$r"
assert "$r" <<'PYTHON'
same(d["host"]["memory"]["can_exceed_memlock"], False)
for cell, sample in samples(d):
    check_sample(cell, sample)
PYTHON

part "io_uring forbidden"
uring_before=$(cat $uring 2>/dev/null)
if [ -n "$uring_before" ] && echo 2 2>/dev/null >$uring; then
	measure 3 "$program" run --guest-mem 16M --pin eager,demand,none --runs 1 --no-plots -o "$r"
	restore
	printed "refused vm eager 16M: mechanism io-uring cannot be used" \
		"refused vm demand 16M: mechanism userfault cannot be used" \
		"kernel.io_uring_disabled must be 0"
	assert "$r" <<-'PYTHON'
		same([c["pin"] for c in d["cells"]], ["none"])
		same([c["pin"] for c in d["refused"]], ["eager", "demand"])
		same(flags_of(d["cells"][0]["samples"][0]), [])
		same(d["host"]["io_uring_disabled"], 2)
	PYTHON
else
	echo "left out: kernel.io_uring_disabled cannot be changed"
fi
uring_before=

part "few open files"
measure 3 prlimit --nofile=35 "$program" run --guest-mem 160M --chunk 4K --touch 100% \
	--touch-op read --pin demand,none --runs 1 --warmup 0 --no-plots -o "$r"
printed "refused vm demand 160M: needs 37 open files" "ulimit -n allows 35" "larger --chunk"
assert "$r" <<'PYTHON'
same([c["pin"] for c in d["cells"]], ["none"])
PYTHON

[ -z "${exceeded:-}" ] || fail "a cell that can be known not to fit was not refused"
