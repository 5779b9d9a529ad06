// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_journal: a journal that may be anything, and what recover makes of it. */
#include "fuzz_record.h"
#include "sevpinbench/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record r = {0};
	struct fault f = {0};
	int err = journal_read(&r, fuzz_file(data, size), &f);

	if (err) {
		must_be_told(&f, err);
		must(!r.cell && !r.refusal);
	} else {
		must(!r.complete);
		fuzz_show(&r);
		fuzz_round_trip(&r);
	}
	record_close(&r);
	fuzz_must_have_freed();
	return 0;
}
