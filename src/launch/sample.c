// SPDX-License-Identifier: GPL-2.0-or-later
/* sample: the latencies that follow from the phases of one start. */
#include "sevpinbench/sample.h"

/* Flags that make the times of a sample no measurement of the cell. */
#define SAMPLE_INVALID_FLAGS                                             \
	(SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_LEAK) | \
	 SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT) | SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED))

_Static_assert(PHASE_COUNT <= 32, "phases_done has one bit a phase");
_Static_assert(SAMPLE_FLAG_COUNT <= 32, "flags has one bit a flag");

bool sample_has_phase(const struct sample *s, enum phase p)
{
	return (unsigned)p < PHASE_COUNT && (s->phases_done & (1u << p)) != 0;
}

/* Sum of all phases up to and with the last one; false where one of them is missing. */
static bool sum_phases(const struct sample *s, enum phase last, uint64_t *ns)
{
	uint64_t sum = 0;
	unsigned p;

	for (p = 0; p <= (unsigned)last; p++) {
		if (sample_has_phase(s, (enum phase)p))
			sum += s->phases_ns[p];
		else if (!(SAMPLE_SEV_PHASES & 1u << p))
			return false;
	}
	*ns = sum;
	return true;
}

bool sample_startup_ns(const struct sample *s, uint64_t *ns)
{
	return sum_phases(s, PHASE_FIRST_INSTRUCTION, ns);
}

bool sample_startup_without_prefault_ns(const struct sample *s, uint64_t *ns)
{
	if (!sum_phases(s, PHASE_FIRST_INSTRUCTION, ns))
		return false;
	*ns -= s->phases_ns[PHASE_PREFAULT];
	return true;
}

bool sample_working_set_ns(const struct sample *s, uint64_t *ns)
{
	_Static_assert(PHASE_TOUCH == PHASE_FIRST_INSTRUCTION + 1, "working set = startup + touch");
	return sum_phases(s, PHASE_TOUCH, ns);
}

bool sample_flushes(const struct sample *s, int64_t *flushes)
{
	unsigned p;

	*flushes = 0;
	for (p = 0; p < PHASE_COUNT; p++)
		*flushes += s->counts.flushes[p];
	return s->counts.flushes_known;
}

bool sample_is_valid(const struct sample *s)
{
	return (s->flags & SAMPLE_INVALID_FLAGS) == 0;
}
