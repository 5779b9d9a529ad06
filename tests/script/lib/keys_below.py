# SPDX-License-Identifier: GPL-2.0-or-later
"""keys_below.py SVG...: is every label of a key below the title of the x axis? Exit 1 where not."""
import re
import sys

TEXT = re.compile(r'<g transform="translate\([0-9.]+,([0-9.]+)\)[^\n]*\n[^\n]*<text>(.*?)</text>', re.S)
AXIS = re.compile(r"guest memory$|guest's life|touched share|time to serve one fault|"
                  r"guests at once$|after the touch")
LABEL = re.compile(r"(sev|sev-es|sev-snp|vm)? ?(eager|demand|none) .*n [0-9]+")


def main():
    bad = seen = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            texts = [(float(y), re.sub("<[^>]*>", "", text)) for y, text in TEXT.findall(file.read())]
        axis = [y for y, text in texts if AXIS.search(text)]
        labels = [(y, text) for y, text in texts if LABEL.match(text)]
        if not axis or not labels:
            print(f"{path}: no title of an axis or no labels found: {texts[:5]}")
            bad = 1
            continue
        seen += len(labels)
        for y, text in labels:
            if y < max(axis) + 5:
                print(f"{path}: '{text}' at {y}, the axis' title at {max(axis)}")
                bad = 1
    print(f"{seen} labels looked at")
    sys.exit(bad)


main()
