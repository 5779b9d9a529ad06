# SPDX-License-Identifier: GPL-2.0-or-later
"""judge.py KERNEL RESULT.json...: are the documents that the virtual SEV host left what they should be?

Prints a line "ok NAME" or "FAIL NAME" a check, the reason below it. What is expected of a kernel is in
the functions named after the documents; what is true of every document, in every_document().
"""
import json
import os
import sys

import jsonschema

PAGE = 4096
CHUNK = 2 << 20
failures = 0


def check(name, wrong):
    """wrong: what is wrong, a list of texts."""
    global failures
    print(("FAIL " if wrong else "ok ") + name)
    for text in wrong[:5]:
        print("  " + text)
    failures += bool(wrong)


def samples(document):
    for cell in document["cells"]:
        for sample in cell["samples"]:
            yield cell, sample


def name_of(cell):
    return (f"{cell['guest_type']} {cell['pin']} {cell['guest_bytes'] >> 20}M {cell['backing']} "
            f"{cell['pin_order']} prefault {cell['prefault_threads']}")


def rise(sample, boundary, count="host_pages"):
    return sample["pins"][boundary][count] - sample["pins"]["before"][count]


def flushes(sample, phase):
    return sample["flushes"].get(phase, 0)


def unsafe(kernel, cell):
    """Debian's 6.1 registers untouched anonymous memory without pinning the guest's pages."""
    return (kernel == "6.1" and cell["guest_type"] != "vm" and cell["pin"] == "eager" and cell["backing"] == "anon"
            and cell["prefault_threads"] == 0)


def expected_pages(cell, sample, boundary):
    """What the ledger must say: all of it, the touched chunks, or nothing."""
    if cell["pin"] == "eager":
        return cell["guest_bytes"] // PAGE
    if cell["mechanism"] == "guest-memfd":
        # Payload, tables, CPUID table and secrets; then what was touched, of which the two last may be.
        touched = sample["touched_pages"] if boundary == "after_touch" else 0
        return 0 if boundary == "after_pin" else range(touched + 4, touched + 10)
    if cell["pin"] == "none" or boundary == "after_pin":
        return 0
    if boundary == "first_instruction":
        return None  # the boot area's chunks
    # The working set lies behind the boot area, so that the chunks at its ends count whole.
    least = sample["touched_pages"] * PAGE // CHUNK * CHUNK // PAGE
    return range(least, least + 3 * CHUNK // PAGE)


def pins_wrong(kernel, cell, sample):
    wrong = []
    for boundary in ("after_pin", "first_instruction", "after_touch"):
        ledger = sample["pins"][boundary]["ledger_pages"]
        want = expected_pages(cell, sample, boundary)
        if isinstance(want, range) and ledger not in want or isinstance(want, int) and ledger != want:
            wrong.append(f"{name_of(cell)}: {boundary}: ledger {ledger}, expected {want}")
        host = rise(sample, boundary)
        if cell["mechanism"] == "guest-memfd":
            ledger = 0  # its pages do not move, and the host counts no pin
        if unsafe(kernel, cell):
            if host * 2 > ledger:
                wrong.append(f"{name_of(cell)}: {boundary}: this kernel pins {host} of {ledger}: mended?")
        elif host != ledger:
            wrong.append(f"{name_of(cell)}: {boundary}: host counts {host}, ledger {ledger}")
    if rise(sample, "after_destroy") != 0:
        wrong.append(f"{name_of(cell)}: {rise(sample, 'after_destroy')} pages remain pinned")
    return wrong


def flags_wrong(kernel, cell, sample):
    want = ["pin-mismatch"] if unsafe(kernel, cell) else []
    flags = [flag for flag in sample["flags"] if flag != "disturbed"]  # by chance: the machine is busy
    return [] if flags == want else [f"{name_of(cell)}: flags {sample['flags']}: {sample['detail']}"]


def counts_wrong(kernel, cell, sample):
    """Every start of an SEV guest ends with two flushes; every figure of KVM is there."""
    wrong = []
    ends_with = 1 if cell["guest_type"] == "sev-snp" else 2
    if sample["flushes"] is None or flushes(sample, "destroy") != ends_with:
        wrong.append(f"{name_of(cell)}: flushes {sample['flushes']}")
    if None in sample["kvm"].values():
        wrong.append(f"{name_of(cell)}: kvm {sample['kvm']}")
    mapped = sum(sum(sample["kvm"][figure].values()) * pages
                 for figure, pages in (("pages_4k", 1), ("pages_2m", 512)))
    if mapped < sample["touched_pages"]:
        wrong.append(f"{name_of(cell)}: KVM maps {mapped} pages where {sample['touched_pages']} were touched")
    return wrong


def pin_flushes_wrong(kernel, cell, sample):
    """6.12: registering untouched memory that has a memslot flushes caches for each page."""
    a_page = flushes(sample, "pin") / (cell["guest_bytes"] // PAGE)
    each = (kernel == "6.12" and cell["pin"] == "eager" and cell["pin_order"] == "memslot-first"
            and cell["backing"] == "anon" and cell["prefault_threads"] == 0)
    if each != (a_page >= 0.9) or not each and a_page > 0.01:
        return [f"{name_of(cell)}: {flushes(sample, 'pin')} flushes in the pin phase"]
    return []


def each_sample(kernel, document, *judges):
    return [text for cell, sample in samples(document) for judge in judges
            for text in judge(kernel, cell, sample)]


def campaign(kernel, document):
    check("pins as expected, by ledger and host", each_sample(kernel, document, pins_wrong))
    check("flags", each_sample(kernel, document, flags_wrong))
    check("flushes and KVM's figures", each_sample(kernel, document, counts_wrong))
    check("flushes of the pin", each_sample(kernel, document, pin_flushes_wrong))


def big(kernel, document):
    campaign(kernel, document)
    check("64 GiB", [name_of(c) for c in document["cells"] if c["guest_bytes"] != 64 << 30])
    check("64 MiB of them touched", [name_of(c) for c, s in samples(document)
                                     if not 16000 < s["touched_pages"] <= 16384])


def snp(kernel, document):
    campaign(kernel, document)
    check("labelled emulated, though no hypervisor shows",
          [] if document["host"]["platform"] == "emulated" and not document["host"]["cpu"]["hypervisor"]
          else [str(document["host"]["platform"]), str(document["host"]["cpu"]["hypervisor"])])
    check("SEV-SNP is one of its features", [] if document["host"]["cpu"]["sev_snp"] else ["no"])


def encrypt(kernel, document):
    check("32 MiB encrypted, less the mailbox", [f"{name_of(c)}: {s['encrypted_bytes']}" for c, s in samples(document)
                                 if s["encrypted_bytes"] != (32 << 20) - 4 * PAGE])
    check("its rate in the summary", [name_of(c) for c in document["cells"]
                                      if not c["summary"]["encryption_bytes_per_s"]["median"]])


def auto(kernel, document):
    check("auto is sev", [name_of(c) for c in document["cells"] if c["guest_type"] != "sev"])
    check("flushes not counted when not wanted", [name_of(c) for c, s in samples(document)
                                                  if s["flushes"] is not None])


def vm(kernel, document):
    check("pins of plain guests", each_sample(kernel, document, pins_wrong, flags_wrong))


def killed(kernel, document):
    check("incomplete", [] if document["complete"] is False else ["complete"])


def nodes(kernel, document):
    check("pins", each_sample(kernel, document, pins_wrong, flags_wrong))


def demand(kernel, document):
    """By KVM itself: what it says it has pinned is what the host counts, and is what was touched."""
    wrong = []
    for cell, sample in samples(document):
        if cell["mechanism"] not in ("kvm-demand", "kvm-region", "none"):
            wrong.append(f"{name_of(cell)}: mechanism {cell['mechanism']}")
        if cell["mechanism"] != "kvm-demand":
            wrong += pins_wrong(kernel, cell, sample)
            continue
        unit = 512 if cell["backing"] == "hugetlb-2M" else 1
        boot = sample["pins"]["first_instruction"]["ledger_pages"]
        after = sample["pins"]["after_touch"]["ledger_pages"]
        if sample["pins"]["after_pin"]["ledger_pages"] != 0 or not 0 < boot <= 16 * unit:
            wrong.append(f"{name_of(cell)}: pinned before the touch: {sample['pins']}")
        # The touch may begin in a unit that is pinned by then, and the payload's page may be read.
        if not 0 <= after - boot - sample["touched_pages"] // unit * unit <= 2 * unit:
            wrong.append(f"{name_of(cell)}: {after - boot} pinned by touching {sample['touched_pages']}")
        for boundary in ("after_pin", "first_instruction", "after_touch", "after_destroy"):
            if rise(sample, boundary) != sample["pins"][boundary]["ledger_pages"]:
                wrong.append(f"{name_of(cell)}: {boundary}: {sample['pins']}")
        if sample["flags"]:
            wrong.append(f"{name_of(cell)}: flags {sample['flags']}: {sample['detail']}")
    check("pins are KVM's own count, and what was touched", wrong)


def audit(kernel, name, document):
    """The verdicts, a test each, against those on record for this kernel: PASS, or PASS/INFO where luck decides."""
    with open(f"tests/golden/audit-{kernel}.txt", encoding="utf-8") as file:
        recorded = [line.split() for line in file if not line.startswith("#")]
    recorded = {test: verdict for guest, test, verdict in recorded if guest == name}
    found = {test["id"]: test for test in document["tests"]}
    wrong = [f"{test}: {found[test]['verdict'] if test in found else 'not made'}, recorded {verdict}"
             + (f": {found[test]['found']}" if test in found else "")
             for test, verdict in recorded.items() if test not in found or found[test]["verdict"] not in verdict.split("/")]
    wrong += [f"{test}: not on record" for test in found if test not in recorded]
    check(f"{name}: the verdicts on record", wrong)


def audited(kernel, document):
    """Of each cell that can be audited every test was made; the samples are those of a run without."""
    campaign(kernel, document)
    wrong = []
    for cell in document["cells"]:
        mark = cell["audit"]
        failed = [test["id"] for test in mark["tests"] if test["verdict"] == "FAIL"]
        if cell["guest_bytes"] > 1 << 30:
            wrong += [name_of(cell)] if mark["verdict"] != "SKIP" or not mark["reason"] or mark["tests"] else []
        elif len(mark["tests"]) < 28 or (mark["verdict"] == "FAIL") != bool(failed) or mark["reason"]:
            wrong.append(f"{name_of(cell)}: {mark['verdict']}, {len(mark['tests'])} tests, failed: {failed}")
    check("every cell is marked with what its tests found", wrong)


def es(kernel, document):
    campaign(kernel, document)
    check("SEV-ES, by its phase", [name_of(c) for c, s in samples(document)
                                   if c["guest_type"] != "sev-es" or s["phases_ns"].get("launch-update-vmsa", 0) == 0])
    check("the policy's bit", [name_of(c) for c in document["cells"] if c["sev_policy"] != 5])


def parallel_wrong(kernel, cell, sample):
    """Its own pins by its ledger; the host's are of all of them, where all of them are there."""
    guests = cell["parallel"]
    ledger, want = sample["pins"]["after_touch"]["ledger_pages"], expected_pages(cell, sample, "after_touch")
    wrong = []
    if isinstance(want, range) and ledger not in want or isinstance(want, int) and ledger != want:
        wrong.append(f"{name_of(cell)}: guest {sample['guest']}: ledger {ledger}, expected {want}")
    for boundary, pages in (("after_touch", guests * ledger), ("after_destroy", 0)):
        if rise(sample, boundary) != pages:
            wrong.append(f"{name_of(cell)}: {boundary}: host counts {rise(sample, boundary)}, expected {pages}")
    return wrong


def parallel(kernel, document):
    check("pins of guests at once, by ledger and host", each_sample(kernel, document, parallel_wrong))
    check("flags", each_sample(kernel, document, flags_wrong))
    check("a sample each", [name_of(c) for c in document["cells"]
                            if [s["guest"] for s in c["samples"]] != list(range(c["parallel"]))])


JUDGES = {"plain": campaign, "prefault": campaign, "backings": campaign, "big": big, "vcpus": campaign, "threads": campaign,
          "es": es, "es-untouched": es, "es-big": big, "encrypt": encrypt, "auto": auto, "vm": vm, "parallel": parallel, "kill": killed, "TERM": killed, "INT": killed,
          "audited-fine": audited, "audited-wrong": audited, "audited-order": audited,
          "audited-large": audited, "demand": demand, "demand-es": demand, "demand-found": demand, "demand-huge": demand, "demand-big": demand,
          "snp": snp, "snp-big": snp}


def every_document(path, document, schema):
    try:
        jsonschema.validate(document, schema)
        wrong = []
    except jsonschema.ValidationError as error:
        wrong = [error.message[:300]]
    check(f"{path} is as the schema says", wrong)
    check(f"{path}: emulated", [] if document["host"]["platform"] == "emulated" else
          [document["host"]["platform"]])


def main():
    kernel, *paths = sys.argv[1:]
    with open("docs/result.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    with open("docs/audit.schema.json", encoding="utf-8") as file:
        audit_schema = json.load(file)
    for path in paths:
        if not os.path.exists(path):  # the pattern of a boot that left none
            continue
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        name = os.path.basename(path)[:-len(".json")]
        is_audit = name.startswith("audit-")
        every_document(name, document, audit_schema if is_audit else schema)
        if is_audit:
            audit(kernel, name[len("audit-"):], document)
        judge = nodes if name.startswith("node") else JUDGES.get(name)
        if judge:
            print(f"-- {name}")
            judge(kernel, document)
    return 0


if __name__ == "__main__":
    sys.exit(main())
