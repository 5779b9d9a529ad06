# SPDX-License-Identifier: GPL-2.0-or-later
"""What a result document must hold, computed apart from the program."""
import json
import re

MIB = 1 << 20
GIB = 1 << 30
PAGE = 4096
BOUNDARIES = ["before", "after_pin", "first_instruction", "after_touch", "after_destroy"]
COUNTS = ["ledger_pages", "vmpin_pages", "host_pages"]
PHASES = ["open", "vm-create", "mem-map", "prefault", "memslot", "pin", "payload", "vcpu-create",
          "first-instruction", "touch", "vcpu-stop", "unpin", "destroy"]
STARTUP = PHASES[: PHASES.index("first-instruction") + 1]

# 4 pages of mailbox, the payload, and for a guest below 1 GiB a PML4, a PT, a PDPT and a PD.
BOOT_PAGES = 9


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def check(true, *text):
    if not true:
        raise SystemExit("wrong: " + " ".join(str(t) for t in text))


def same(got, wanted, *text):
    check(got == wanted, *text, f"is {got}, not {wanted}")


def samples(document, warmups=False):
    """(cell, sample) of every sample."""
    for cell in document["cells"]:
        for sample in cell["samples"] + (cell["warmup_samples"] if warmups else []):
            yield cell, sample


def cell_of(document, pin, guest_bytes=None):
    found = [c for c in document["cells"]
             if c["pin"] == pin and guest_bytes in (None, c["guest_bytes"])]
    same(len(found), 1, f"number of cells {pin} {guest_bytes}")
    return found[0]


def whole_chunks(pages, chunk_bytes):
    """Pages of the chunks that cover the first so many pages of the guest."""
    per_chunk = chunk_bytes // PAGE
    return (pages + per_chunk - 1) // per_chunk * per_chunk


def rise(sample, boundary, count):
    """What a count rose to since the sample began; the ledger begins at 0."""
    now, before = sample["pins"][boundary][count], sample["pins"]["before"][count]
    check(isinstance(now, int) and isinstance(before, int), boundary, count, "could not be read")
    return now - before


def check_pins(sample, wanted, counts=COUNTS):
    """wanted: pages at after_pin, first_instruction and after_touch, by every count."""
    same(list(sample["pins"]), BOUNDARIES, "boundaries")
    same(sample["pins"]["before"]["ledger_pages"], 0, "ledger before")
    for count in counts:
        for boundary, pages in zip(BOUNDARIES[1:4], wanted):
            same(rise(sample, boundary, count), pages, f"{count} at {boundary}")
    for count in COUNTS:
        same(rise(sample, "after_destroy", count), 0, f"{count} at after_destroy")


def wanted_pins(cell, boot_pages=BOOT_PAGES):
    """Pages at after_pin, first_instruction and after_touch, from the cell's parameters."""
    guest = cell["guest_bytes"] // PAGE
    if cell["pin"] == "eager":
        return [guest] * 3
    if cell["pin"] == "none":
        return [0] * 3
    chunk = cell["chunk_bytes"]
    used = min(boot_pages + cell["touch_bytes"] // PAGE, guest)
    return [0, whole_chunks(boot_pages, chunk), whole_chunks(used, chunk)]


def check_times(sample):
    phases = sample["phases_ns"]
    same(list(phases), PHASES, "phases")
    for phase, ns in phases.items():
        check(type(ns) is int and ns >= 0, phase, ns)
    for phase in ("open", "vm-create", "mem-map", "memslot", "payload", "vcpu-create",
                  "first-instruction", "destroy"):
        check(phases[phase] > 0, phase, "took no time at all")
    startup = sum(phases[phase] for phase in STARTUP)
    same(sample["startup_ns"], startup, "startup_ns")
    same(sample["startup_without_prefault_ns"], startup - phases["prefault"])
    same(sample["working_set_ns"], startup + phases["touch"], "working_set_ns")


def check_faults(cell, sample, boot_pages=BOOT_PAGES):
    faults = sample["faults"]
    if cell["pin"] != "demand":
        same(faults["count"], 0, "faults without demand pinning")
        return
    _, first, touched = wanted_pins(cell, boot_pages)
    chunks = (touched - first) * PAGE // cell["chunk_bytes"]
    check(faults["count"] >= chunks, faults["count"], "faults for", chunks, "chunks")
    if chunks:
        check(0 < faults["p50_ns"] <= faults["p90_ns"] <= faults["p99_ns"] <= faults["p999_ns"]
              <= faults["max_ns"] <= faults["sum_ns"], "fault times", faults)


def touch_pages(cell, boot_pages=BOOT_PAGES):
    return min(cell["touch_bytes"] // PAGE, cell["guest_bytes"] // PAGE - boot_pages)


def flags_of(sample):
    """But for the one that a busy host gives any sample."""
    return [flag for flag in sample["flags"] if flag != "disturbed"]


def check_sample(cell, sample, counts=COUNTS, flags=(), boot_pages=BOOT_PAGES):
    """All that must hold for a sample that went well; flags: those it may carry."""
    check(set(flags_of(sample)) <= set(flags), "flags", sample["flags"], sample["detail"])
    same(sample["failure"], None, "failure")
    check_times(sample)
    check_pins(sample, wanted_pins(cell, boot_pages), counts)
    check_faults(cell, sample, boot_pages)
    same(sample["touched_pages"], touch_pages(cell, boot_pages), "touched_pages")


def sequence(document):
    """Cells in the order in which their samples were taken, warm-ups included."""
    taken = [(s["order"], i) for i, c in enumerate(document["cells"])
             for s in c["warmup_samples"] + c["samples"]]
    same(sorted(o for o, _ in taken), list(range(len(taken))), "orders")
    return [i for _, i in sorted(taken)]
