#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "make install" puts everything below DESTDIR and PREFIX, and "make uninstall" leaves nothing of it.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

command -v make >/dev/null || skip "no make"
build=${SEVPINBENCH%/*}
root=$scratch/root

# Nothing is compiled here: the program that is tested is the one that is installed.
make_it() {
	MAKEFLAGS='' make -s -o "$SEVPINBENCH" O="$build" DESTDIR="$root" PREFIX=/opt/bench "$1" \
		>"$out" 2>"$err" || fail "make $1"
}

make_it install
cmp -s "$root/opt/bench/bin/sevpinbench" "$SEVPINBENCH" || fail "another program was installed"
for page in man/*.[1-8]; do
	[ -f "$root/opt/bench/share/man/man${page##*.}/${page##*/}" ] || fail "$page is left out"
done
for schema in docs/*.schema.json; do
	[ -f "$root/opt/bench/share/doc/sevpinbench/${schema##*/}" ] || fail "$schema is left out"
done
for file in bash-completion/completions/sevpinbench zsh/site-functions/_sevpinbench \
	fish/vendor_completions.d/sevpinbench.fish; do
	[ -s "$root/opt/bench/share/$file" ] || fail "$file is left out"
done
grep -q "^ExecStart=/opt/bench/bin/sevpinbench run " "$root/opt/bench/lib/systemd/system/sevpinbench.service" ||
	fail "the service starts another program"
[ -s "$root/opt/bench/lib/systemd/system/sevpinbench.timer" ] || fail "the timer is left out"
# start-guest.c is the library's: "make install-dev".
for file in $(cd examples && find . -type f ! -name start-guest.c) ./results/base.json; do
	[ -s "$root/opt/bench/share/doc/sevpinbench/examples/$file" ] || fail "examples/$file is left out"
done
[ -z "$(find "$root" -type f ! -path "$root/opt/bench/*")" ] || fail "something is outside of PREFIX"
[ -z "$(find "$root" -type f ! -perm 644 ! -path '*/bin/*')" ] || fail "not all can be read"

mkdir -p "$root/opt/bench/share/man/man1" && echo other >"$root/opt/bench/share/man/man1/other.1"
make_it uninstall
left=$(find "$root" -type f -o -path "$root/*sevpinbench*")
[ "$left" = "$root/opt/bench/share/man/man1/other.1" ] || fail "uninstall left: $left"
