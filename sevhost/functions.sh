# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What sevhost/build and sevhost/run share. Sourced with $here (this folder) and $me (who speaks).

cache=${SEVHOST_CACHE:-$here/../build/sevhost}

# The modules that an SEV host needs, and those that bring output back from it.
wanted_modules="ccp kvm_amd virtio_pci virtio_console"

die() { # CODE MESSAGE
	die_code=$1
	shift
	echo "${me:?}: $*" >&2
	exit "$die_code"
}

say() {
	echo "$me: $*" >&2
}

# One line that changes with everything of ours that goes into the emulator.
our_hash() {
	cat "$here"/qemu/* "$here/configure-options" | sha256sum | cut -c1-16
}

# The folder of the emulator that was built from what is here now, if there is one.
built_emulator() {
	for folder in "$cache"/emulator/*-"$(our_hash)"; do
		[ -x "$folder/qemu-system-x86_64" ] && echo "$folder" && return 0
	done
	return 1
}

# module_closure FOLDER: FOLDER is .../lib/modules/RELEASE with modules.dep. Prints the files to
# load, in that order; what the kernel has built in is left out.
module_closure() {
	awk -v wanted="$wanted_modules" '
	function name(path) {
		sub(/.*\//, "", path); sub(/\.ko.*/, "", path); gsub(/-/, "_", path)
		return path
	}
	FILENAME ~ /builtin$/ { builtin[name($1)] = 1; next }
	{ sub(/:$/, "", $1); path[name($1)] = $1; needs[name($1)] = $0 }
	END {
		count = split(wanted, list, " ")
		for (i = 1; i <= count; i++) {
			if (builtin[list[i]]) continue
			if (!path[list[i]]) {
				print list[i] > "/dev/stderr"
				exit 1
			}
			n = split(needs[list[i]], file, " ")
			for (j = n; j >= 1; j--)
				if (!done[file[j]]++) print file[j]
		}
	}' "$1/modules.builtin" "$1/modules.dep"
}

# collect_modules FOLDER TO: these files as TO/10-NAME.ko, TO/11-NAME.ko, ... not compressed. In a
# shell of its own, which keeps its variables.
collect_modules() (
	mkdir -p "$2"
	module_closure "$1" >"$2/list" || exit 1
	number=10
	while read -r file; do
		name=${file##*/}
		unpacked=$2/$number-${name%%.ko*}.ko
		case $file in
		*.xz) xz -dc "$1/$file" >"$unpacked" ;;
		*.zst) zstd -qdc "$1/$file" >"$unpacked" ;;
		*.gz) gzip -dc "$1/$file" >"$unpacked" ;;
		*) cp "$1/$file" "$unpacked" ;;
		esac || exit 1
		number=$((number + 1))
	done <"$2/list"
	rm "$2/list"
)
