#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""manual.py PAGE...: the commands of manual pages, run in the current folder by bash.

A literal display that begins with "$ " is run, and must print what stands there. A line of .Dl is a
command without its output: where the comment before it is `.\\" run`, it is run and must exit 0;
else, as it needs a guest or a file, its options must be such as the program takes (--help is put
behind them). The comment `.\\" not run: REASON` before either leaves it out. A page may be compressed.
Prints what it did and exits 1 where a page and the program differ."""

import difflib
import gzip
import re
import subprocess
import sys

DISPLAY = re.compile(r"\.Bd -literal( -offset indent)?$")
ESCAPES = {r"\e": "\\", r"\&": "", r"\(dq": '"', r"\(aq": "'", r"\-": "-"}


def plain(text):
    return re.sub(r"\\(e|&|-|\(dq|\(aq)", lambda found: ESCAPES[found.group(0)], text)


def examples(page):
    """(line, kind, mark, text): kind is "display" or "line"."""
    opener = gzip.open if page.endswith(".gz") else open
    with opener(page, "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    mark, at = "", 0
    while at < len(lines):
        line = lines[at]
        if line.startswith('.\\" '):
            mark, at = line[4:], at + 1
            continue
        if DISPLAY.match(line):
            end = lines.index(".Ed", at)
            text = plain("\n".join(lines[at + 1:end]))
            if text.startswith("$ "):
                yield at + 1, "display", mark, text + "\n"
            at = end
        elif re.match(r"\.Dl [$#] ", line):
            yield at + 1, "line", mark, plain(line[6:])
        mark, at = "", at + 1


def bash(command):
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def commands(text):
    """(as shown, as run) of a display; lines that begin with "> " go on with the one before."""
    for shown in re.findall(r"^\$ .*(?:\n> .*)*$", text, re.M):
        yield shown, "\n".join(line[2:] for line in shown.split("\n"))


def run_display(where, text):
    got = "".join(f"{shown}\n{bash(command)[1]}" for shown, command in commands(text))
    if got == text:
        return True
    print(f"{where}: the page (-) and the program (+) differ")
    sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), got.splitlines(True), n=1))
    return False


def run_line(where, command, mark):
    if mark != "run":
        command = command.split(" | ", 1)[0]
        if not command.startswith("sevpinbench "):
            print(f"{where}: neither run nor a command of sevpinbench: {command}")
            return False
        command += " --help"
    code, said = bash("set -o pipefail; " + command)
    if code != 0:
        print(f"{where}: exit {code}: {command}\n{said}")
    return code == 0


def main(pages):
    good, left_out = True, 0
    for page in pages:
        count = 0
        for line, kind, mark, text in examples(page):
            where = f"{page}:{line}"
            if mark.startswith("not run: "):
                left_out += 1
                print(f"{where}: {mark}")
                continue
            count += 1
            good &= run_display(where, text) if kind == "display" else run_line(where, text, mark)
        print(f"{page}: {count} examples")
    return 0 if good else 1


sys.exit(main(sys.argv[1:]))
