#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ci_lines.py github|gitlab|jenkins FILE PLACE: the shell lines of an example for CI, as its service would
hand them to a shell. PLACE: measure, gate or all. Fails where the file is not what the service reads."""

import re
import sys

WORDS = {"measure": "sevpinbench run", "gate": "sevpinbench gate"}


def github(text):
    import yaml
    document = yaml.safe_load(text)
    # YAML 1.1, which is not what GitHub reads, takes "on" for true.
    assert True in document or "on" in document
    for job in document["jobs"].values():
        assert job["runs-on"]
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step), step
            yield step.get("run", "")


def gitlab(text):
    import yaml
    document = yaml.safe_load(text)
    for job in document.values():
        assert job["tags"] and job["stage"] == "test"
        assert job["artifacts"]["reports"]["junit"] == "gate.xml"
        assert job["allow_failure"] == {"exit_codes": 5}
        yield from job["script"]


def jenkins(text):
    """No Groovy here (tests/fleet/jenkins has it): its strings of three quotes, and that what is opened is closed."""
    strings = re.findall(r"sh(?:\(returnStatus: true, script:)? *'''(.*?)'''", text, re.S)
    rest = re.sub(r"'''.*?'''|'[^'\n]*'|\"[^\"\n]*\"|//[^\n]*", "", text, flags=re.S)
    depth = []
    for letter in rest:
        if letter in "{(":
            depth.append(letter)
        elif letter in "})":
            assert depth and depth.pop() == {"}": "{", ")": "("}[letter]
    assert not depth and rest.strip().startswith("pipeline {")
    assert "junit testResults: 'gate.xml'" in text
    # Groovy takes a backslash at a line's end away with the line's end.
    return [string.replace("\\\n", "") for string in strings]


service, path, place = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    lines = {"github": github, "gitlab": gitlab, "jenkins": jenkins}[service](file.read())
found = [line for line in lines if WORDS.get(place, "") in line]
assert place == "all" or len(found) == 1, found
print("\n".join(found))
