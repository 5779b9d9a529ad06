// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_result: a result document that may be anything. */
#include "fuzz_record.h"

/* Without the scan of what is in our own form, jansson reads all of it. */
static bool scans;

struct doc_field;
const char *__real_doc_scan(const struct doc_field *table, void *base, const char *p);
const char *__wrap_doc_scan(const struct doc_field *table, void *base, const char *p);
const char *__wrap_doc_scan(const struct doc_field *table, void *base, const char *p)
{
	return scans ? __real_doc_scan(table, base, p) : NULL;
}

/* Byte by byte, what they point to included: rooms, once they point to the same place, are alike.
 */
static void must_be_alike(const struct sample *a, const struct sample *b)
{
	static struct sample_room x, y;

	sample_room_copy(&x, a);
	sample_room_copy(&y, b);
	y.sample.faults.step = x.sample.faults.step;
	y.sample.counts.count = x.sample.counts.count;
	y.sample.detail = x.sample.detail;
	y.sample.failure = x.sample.failure;
	must(is_same(&x, &y, sizeof(x)));
}

/* By jansson alone: the same record, or refused with the same words. */
static void must_be_so_without(const char *path, const struct record *r, const struct fault *f)
{
	struct record again = {0};
	struct fault g = {0};
	uint32_t i, k;

	scans = false;
	must(result_json_read(&again, path, &g) == -f->err);
	must(strcmp(f->object, g.object) == 0);
	must(again.cell_count == r->cell_count);
	for (i = 0; i < r->cell_count; i++) {
		const struct record_cell *a = &r->cell[i], *b = &again.cell[i];

		must(a->sample_count == b->sample_count && a->warmup_count == b->warmup_count);
		for (k = 0; k < a->sample_count; k++)
			must_be_alike(&a->sample[k], &b->sample[k]);
		for (k = 0; k < a->warmup_count; k++)
			must_be_alike(&a->warmup[k], &b->warmup[k]);
	}
	record_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record r = {0};
	struct fault f = {0};
	const char *path = fuzz_file(data, size);
	int err;

	scans = true;
	err = result_json_read(&r, path, &f);
	must_be_so_without(path, &r, &f);
	if (err) {
		must_be_told(&f, err);
		must(!r.cell && !r.refusal);
	} else {
		fuzz_show(&r);
		fuzz_round_trip(&r);
	}
	record_close(&r);
	fuzz_must_have_freed();
	return 0;
}
