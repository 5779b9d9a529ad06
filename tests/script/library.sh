#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "make install-dev" for programs of others: examples/start-guest.c is built from there by pkg-config alone,
# and starts a guest where there is /dev/kvm.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

for tool in make gcc pkg-config; do
	command -v "$tool" >/dev/null || skip "no $tool"
done
build=${SEVPINBENCH%/*}
root=$scratch/root

make_it() { # what is tested is what was built
	MAKEFLAGS='' make -s -o "$build/libsevpinbench.a" O="$build" DESTDIR="$root" PREFIX=/opt/bench "$1" \
		>"$out" 2>"$err" || fail "make $1"
}

make_it install-dev
cp "$root/opt/bench/share/doc/sevpinbench/examples/start-guest.c" "$scratch" || fail "no example"
PKG_CONFIG_PATH=$root/opt/bench/lib/pkgconfig
export PKG_CONFIG_PATH
[ "$(pkg-config --modversion sevpinbench)" = "$("$program" version | sed 's/[^0-9]*\([0-9.]*\).*/\1/')" ] ||
	fail "another version"

part "the headers need nothing that only the Makefile defines"
for header in "$root"/opt/bench/include/sevpinbench/*.h; do
	echo "#include <sevpinbench/${header##*/}>"
done >"$scratch/all.c"
# shellcheck disable=SC2046 # flags
gcc -std=gnu11 -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags sevpinbench) "$scratch/all.c" \
	>"$out" 2>"$err" || fail "a header that does not stand alone"

part "below a LIBDIR of another depth the headers are found, too"
MAKEFLAGS='' make -s -o "$build/libsevpinbench.a" O="$build" DESTDIR="$scratch/multiarch" PREFIX=/usr \
	LIBDIR=/usr/lib/x86_64-linux-gnu install-dev >"$out" 2>"$err" || fail "make install-dev"
(
	PKG_CONFIG_PATH=$scratch/multiarch/usr/lib/x86_64-linux-gnu/pkgconfig
	# shellcheck disable=SC2046
	gcc -std=gnu11 -fsyntax-only $(pkg-config --cflags sevpinbench) "$scratch/all.c"
) >"$out" 2>"$err" || fail "no headers"

part "start-guest.c"
(
	cd "$scratch" || exit 1
	# shellcheck disable=SC2046
	gcc -Wall -Wextra -Werror start-guest.c $(pkg-config --cflags --libs sevpinbench) -o start-guest
) >"$out" 2>"$err" || fail "it cannot be built"
expect 1 "$scratch/start-guest" frob
said "no such guest type"
if [ -c /dev/kvm ] && (exec 3<>/dev/kvm) 2>/dev/null; then
	expect 0 "$scratch/start-guest"
	printed "first_instruction       16384"
else
	expect 1 "$scratch/start-guest"
	said "/dev/kvm"
fi

part "uninstall-dev"
make_it uninstall-dev
[ -z "$(find "$root" -type f)" ] || fail "files are left: $(find "$root" -type f | head -3)"
