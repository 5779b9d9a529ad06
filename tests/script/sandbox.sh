#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The verbs that read documents run in their sandbox: a gnuplot that would start a program
# cannot, and has no rights to speak of; the true one draws.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh

here=$(pwd)
cd "$scratch" || exit 1
cp "$here/tests/fixtures/result/good.json" r.json || exit 1
mkdir bin
bad=0

part "a gnuplot that starts a program"
cat >bin/gnuplot <<'END'
#!/bin/sh
/bin/touch escaped
END
chmod 755 bin/gnuplot
expect 3 env PATH="$scratch/bin:$PATH" "$program" plot r.json
no_file escaped

part "its rights"
cat >bin/gnuplot <<'END'
#!/bin/sh
while read -r key value; do
	case $key in
	NoNewPrivs: | Seccomp: | CapEff:) echo "$key $value" ;;
	esac
done </proc/self/status >rights
END
expect 3 env PATH="$scratch/bin:$PATH" "$program" plot r.json
[ "$(grep -cxe "NoNewPrivs: 1" -e "Seccomp: 2" rights)" = 2 ] || { cat rights; bad=1; }
# No capability but those for files: CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER.
caps=$(sed -n 's/^CapEff: *0*//p' rights)
case ${caps:-0} in
0 | f) ;;
*) echo "capabilities: $caps"; bad=1 ;;
esac

part "the true one draws"
if command -v gnuplot >/dev/null; then
	expect 0 "$program" plot r.json
	[ -s r-startup.svg ] || bad=1
fi
exit $bad
