#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# report --html in a real browser: no complaint on its console, nothing asked of a network, the table
# sorts, no page is wider than its window from 320 to 3840 pixels, and it is dark where that is wanted.
# On paper it is light. KEEP=FOLDER keeps screenshots.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_python
command -v chromium >/dev/null || skip "no chromium"
command -v gnuplot >/dev/null || skip "no gnuplot"
command -v bash >/dev/null || skip "no bash"
results=$PWD/results
keep=${KEEP:-$scratch}

expect 0 "$program" report --html -o "$scratch/page.html" "$results/vm-anon-64M-2G.json"
expect 0 "$program" report --html -o "$scratch/two.html" \
	"$results/sev-touch-6.1.json" "$results/sev-touch-6.12.json"
"$python" - "$scratch" "$keep" <<'PYTHON' || fail "the page, in a browser"
import sys
from browser import Browser

scratch, keep = sys.argv[1:]
COLUMN = """(function(name) {
    var n = Array.from(document.querySelectorAll('th')).findIndex(h => h.innerText.includes(name));
    document.querySelectorAll('th button')[n].click();
    return Array.from(document.querySelectorAll('tbody tr')).map(r => r.cells[n].innerText);
})"""
SHOWN = "Array.from(new Set(Array.from(document.images).filter(i => i.offsetWidth > 0)" \
        ".map(i => i.className))).join()"
browser = Browser()
try:
    for page in ("page", "two"):
        browser.open(scratch + "/" + page + ".html")
        for width in (320, 1280, 3840):
            for scheme in ("light", "dark"):
                browser.look(width, 2000, scheme)
                assert browser.value("document.documentElement.scrollWidth") <= width, \
                    (page, width, "wider than its window")
                light = browser.value("getComputedStyle(document.body).backgroundColor") == \
                    "rgb(255, 255, 255)"
                assert light == (scheme == "light"), (page, scheme)
                assert browser.value(SHOWN) == scheme, (page, scheme, browser.value(SHOWN))
                assert browser.value("Array.from(document.images).every("
                                     "i => i.complete && i.naturalWidth > 300)"), "a broken plot"
                browser.screenshot("%s/%s-%d-%s.png" % (keep, page, width, scheme))
        # On paper it is light, whatever the screen is; and a table's head is on each of its pages.
        browser.ask("Emulation.setEmulatedMedia", media="print",
                    features=[{"name": "prefers-color-scheme", "value": "dark"}])
        assert browser.value(SHOWN) == "light", (page, "paper", browser.value(SHOWN))
        assert browser.value("getComputedStyle(document.body).backgroundColor") == \
            "rgb(255, 255, 255)", (page, "dark paper")
        assert browser.value("getComputedStyle(document.querySelector('th button')).display") == \
            "contents", "a button, which is not printed twice"
        browser.ask("Emulation.setEmulatedMedia", media="", features=[])
        assert browser.value("document.images.length") >= 8
        first = browser.value(COLUMN + "('startup median')")
        up = browser.value("Array.from(document.querySelectorAll('th[aria-sort=ascending]'))"
                           ".map(h => h.innerText).join()")
        assert "startup median" in up, up
        second = browser.value(COLUMN + "('startup median')")
        assert first == second[::-1] and first != sorted(first), (first, second)
        unit = {"us": 1e3, "ms": 1e6, "s": 1e9}
        times = [float(t.split()[0]) * unit[t.split()[1]] for t in first]
        assert times == sorted(times), first
        sizes = browser.value(COLUMN + "('size')")
        if page == "page":
            assert sizes[0] == "64M" and sizes[-1] == "2G", sizes
        modes = browser.value(COLUMN + "('pin')")
        assert modes == sorted(modes), modes
    assert browser.complaints == [], browser.complaints
finally:
    browser.close()
PYTHON
