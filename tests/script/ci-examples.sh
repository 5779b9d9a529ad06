#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples for CI: their own shell lines, run in turn on results that are kept here. No guest is
# started: "run" copies a made-up result (tests/fleet/stored-results). What the services themselves do
# with the files (merge requests) is not tried; tests/fleet/jenkins has Jenkins' pipeline, gate-run.sh has
# gate.sh, which starts guests.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_python
examples=$PWD/examples

mkdir "$scratch/bin" || exit 1
cat >"$scratch/bin/sevpinbench" <<WRAPPER
#!/bin/sh
SEVPINBENCH=$program RESULTS=$PWD/tests/fixtures/compare exec $PWD/tests/fleet/stored-results "\$@"
WRAPPER
# shellcheck disable=SC2016 # the script's own
printf '#!/bin/sh\nexec "$@"\n' >"$scratch/bin/sudo"
chmod +x "$scratch/bin/sevpinbench" "$scratch/bin/sudo"
PATH=$scratch/bin:$PATH
unset SEVPINBENCH
cd "$scratch" || exit 1
"$program" baseline save --folder ci/baselines main "$examples/../tests/fixtures/compare/base.json" >/dev/null ||
	fail "no baseline"

lines() { # SERVICE PLACE: into a script
	"$python" "$lib/ci_lines.py" "$1" "$examples/$2" "$3" >"$scratch/$1-$3" 2>"$err" ||
		fail "$2 is not what $1 reads"
}

job() { # SERVICE SHELL RESULT CODE: both steps, as the service runs them
	rm -f new.json gate.xml gate.md
	NODE=$3
	export NODE
	expect 0 "$2" -e "$scratch/$1-measure"
	expect "$4" "$2" -e "$scratch/$1-gate"
	if ! [ -s gate.xml ] || ! [ -s gate.md ]; then
		fail "no report for $1"
	fi
	! command -v xmllint >/dev/null || xmllint --noout gate.xml || fail "no XML"
}

for service in github:github-actions.yml:bash gitlab:gitlab-ci.yml:bash jenkins:Jenkinsfile:sh; do
	name=${service%%:*} shell=${service##*:} file=${service#*:}
	file=${file%:*}
	case $file in
	*.yml)
		if ! "$python" -c 'import yaml' 2>/dev/null; then
			echo "$file is left out: install the Debian package python3-yaml"
			continue
		fi
		;;
	esac
	part "$file"
	lines "$name" "$file" measure
	lines "$name" "$file" gate
	lines "$name" "$file" all
	if command -v shellcheck >/dev/null; then
		shellcheck -s "$shell" "$scratch/$name-all" >"$out" || fail "shellcheck of $file"
	fi
	job "$name" "$shell" same 0
	job "$name" "$shell" slower 1
	grep -q '<failure' gate.xml || fail "the JUnit report of $name has no failure"
	job "$name" "$shell" few 5
	# A run without a result must not be gated.
	rm -f new.json
	NODE=missing
	"$shell" -e "$scratch/$name-measure" >"$out" 2>&1 && fail "$name goes on without a result"
done

exit 0
