#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples of all manual pages, on results that are kept here; no guest is started.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_python
command -v bash >/dev/null || skip "no bash"
tree=$PWD

mkdir "$scratch/bin" && ln -s "$program" "$scratch/bin/sevpinbench" || exit 1
PATH=$scratch/bin:$PATH
# The README's commands, as far as their options go.
sed -n -e ':more' -e '/\\$/{N;s/ *\\\n */ /;b more' -e '}' -e 's/^    \(sudo \)\?\(sevpinbench [a-z].*\)/\2/p' \
	README.md >"$scratch/readme"
[ "$(wc -l <"$scratch/readme")" -gt 20 ] || fail "README.md has no commands"
while read -r line; do
	expect 0 bash -c "${line%%#*} --help"
done <"$scratch/readme"
for page in "$tree"/man/*.[1-8]; do
	# A folder for each page, in which its examples find what they name.
	folder=$scratch/${page##*/}
	mkdir -p "$folder/results" && cp "$tree"/tests/fixtures/compare/*.json \
		"$tree"/tests/fixtures/fleet/*.json "$folder" && cd "$folder" || exit 1
	cp "$tree/results/vm-thp-touch.json" thp.json || exit 1
	cp "$tree/results/vm-anon-64M-2G.json" result.json && cp "$tree/results/sev-demand-6.1.json" a.json &&
		cp "$tree/results/sev-demand-6.12.json" b.json || exit 1
	"$python" "$tree/tests/package/journal-of" "$tree/results/sev-stock-6.1.json" \
		>results/big.json.journal || fail "no journal"
	"$python" "$lib/manual.py" "$page" >"$out" 2>&1 || fail "${page##*/}"
	tail -n 1 "$out"
	# A page of a verb without an example is no help.
	case $page in
	*-result.5 | *.service.8) ;;
	*) ! grep -q ": 0 examples" "$out" || fail "${page##*/} has no examples" ;;
	esac
done
