#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --help, "help VERB" and the manual: they fit a screen, and know the same options.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

verbs=$("$program" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -vx 'help\|version')
pages=$scratch/man/man1
mkdir -p "$pages" "$scratch/bin" || exit 1
cp man/*.1 "$pages"/ || exit 1

part "--help fits a screen of 40 lines and 100 columns"
for verb in $verbs; do
	expect 0 "$program" "$verb" --help
	awk 'length > 100 { bad = 1 } END { exit bad || NR > 40 }' "$out" ||
		fail "the usage of $verb is too long or too wide"
done

part "each option is in the verb's manual, and no other"
for verb in $verbs; do
	"$program" "$verb" --help | sed -n 's/^  \(    \|-., \)--\([a-z-]*\).*/\2/p' |
		LC_ALL=C sort >"$scratch/usage"
	sed -n 's/^\.It Fl //p' "man/sevpinbench-$verb.1" | grep -o -e '-[a-z][a-z-]*' |
		sed 's/^-//' | LC_ALL=C sort >"$scratch/manual"
	diff "$scratch/usage" "$scratch/manual" >&2 ||
		fail "usage (<) and manual (>) of $verb know other options"
done

part "help VERB without man, and without a page, is --help"
expect 0 "$program" run --help
cp "$out" "$scratch/usage"
expect 0 env PATH="$scratch/bin" "$program" help run
cmp -s "$out" "$scratch/usage" || fail "\"help run\" without man is not \"run --help\""
printf '#!/bin/sh\nexit 16\n' >"$scratch/bin/man" && chmod +x "$scratch/bin/man" || exit 1
expect 0 env PATH="$scratch/bin" "$program" help run
cmp -s "$out" "$scratch/usage" || fail "\"help run\" without the page is not \"run --help\""
[ ! -s "$err" ] || fail "help is on stderr"

part "help VERB is the manual"
cat >"$scratch/bin/man" <<'END'
#!/bin/sh
[ "$1" = -w ] && exec echo "the page's place"
echo "the page $1"
END
expect 0 env PATH="$scratch/bin:$PATH" "$program" help recover
[ "$(cat "$out")" = "the page sevpinbench-recover" ] || fail "another page, or more than it"

command -v man >/dev/null || skip "no man: install the Debian package man-db or mandoc"
expect 0 env MANPATH="$scratch/man" MAN_DISABLE_SECCOMP=1 "$program" help recover
printed "SEVPINBENCH-RECOVER" "EXIT STATUS"
