// SPDX-License-Identifier: GPL-2.0-or-later
/* sample: the latencies that follow from the phases of one start. */
#include "sevpinbench/sample.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Flags that make the times of a sample no measurement of the cell. */
#define SAMPLE_INVALID_FLAGS                                             \
	(SAMPLE_BIT(SAMPLE_FLAG_FAILED) | SAMPLE_BIT(SAMPLE_FLAG_LEAK) | \
	 SAMPLE_BIT(SAMPLE_FLAG_TIMEOUT) | SAMPLE_BIT(SAMPLE_FLAG_INTERRUPTED))

_Static_assert(PHASE_COUNT <= 32, "phases_done has one bit a phase");
_Static_assert(SAMPLE_FLAG_COUNT <= 32, "flags has one bit a flag");

void sample_room_tie(struct sample_room *room)
{
	struct sample *s = &room->sample;

	s->faults.step = room->step;
	memset(s->counts.moved, 0xff, sizeof(s->counts.moved));
	s->counts.count = room->count[0];
	s->detail = room->detail;
	s->failure = &room->failure;
}

void sample_room_clear(struct sample_room *room)
{
	memset(room, 0, sizeof(*room));
	sample_room_tie(room);
}

void sample_room_copy(struct sample_room *room, const struct sample *s)
{
	unsigned row, p;

	memset(room, 0, sizeof(*room));
	room->sample = *s;
	for (row = 0; row < SAMPLE_COUNT_ROWS; row++) {
		for (p = 0; p < PHASE_COUNT; p++)
			room->count[row][p] = sample_count(s, row, (enum phase)p);
	}
	if (s->faults.steps > 0 && s->faults.steps <= SAMPLE_FAULT_STEPS)
		memcpy(room->step, s->faults.step, s->faults.steps * sizeof(room->step[0]));
	snprintf(room->detail, sizeof(room->detail), "%s", sample_detail(s));
	if (s->failure)
		room->failure = *s->failure;
	sample_room_tie(room);
}

int64_t sample_count(const struct sample *s, unsigned row, enum phase p)
{
	const unsigned bit = row * PHASE_COUNT + (unsigned)p;
	const uint64_t *word = s->counts.moved;
	unsigned before = 0, i;

	if (!(word[bit / 64] >> bit % 64 & 1))
		return 0;
	for (i = 0; i < bit / 64; i++)
		before += (unsigned)__builtin_popcountll(word[i]);
	before += (unsigned)__builtin_popcountll(word[i] & ((UINT64_C(1) << bit % 64) - 1));
	return s->counts.count[before];
}

const char *sample_detail(const struct sample *s)
{
	return s->detail ? s->detail : "";
}

void sample_confess(struct sample *s, enum sample_flag flag, const char *fmt, ...)
{
	size_t used = strlen(s->detail);
	va_list args;

	s->flags |= SAMPLE_BIT(flag);
	if (used > 0)
		used += (size_t)snprintf(s->detail + used, SAMPLE_DETAIL_LEN - used, "; ");
	if (used >= SAMPLE_DETAIL_LEN)
		return;
	va_start(args, fmt);
	vsnprintf(s->detail + used, SAMPLE_DETAIL_LEN - used, fmt, args);
	va_end(args);
}

bool sample_has_failure(const struct sample *s)
{
	return s->failure && fault_is_set(s->failure);
}

bool sample_has_phase(const struct sample *s, enum phase p)
{
	return (unsigned)p < PHASE_COUNT && (s->phases_done & (1u << p)) != 0;
}

/* Sum of all phases up to and with the last one; false where one of them is missing. */
static bool sum_phases(const struct sample *s, enum phase last, uint64_t *ns)
{
	const uint32_t wanted = (2u << last) - 1, done = s->phases_done & wanted;
	uint64_t sum = 0;
	unsigned p;

	if ((done | SAMPLE_SEV_PHASES) != (wanted | SAMPLE_SEV_PHASES))
		return false;
	for (p = 0; p <= (unsigned)last; p++)
		sum += done & 1u << p ? s->phases_ns[p] : 0;
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
	if (!s->counts.flushes_known)
		return false;
	for (p = 0; p < PHASE_COUNT; p++)
		*flushes += sample_count(s, SAMPLE_FLUSHES, (enum phase)p);
	return true;
}

bool sample_is_valid(const struct sample *s)
{
	return (s->flags & SAMPLE_INVALID_FLAGS) == 0;
}

uint32_t sample_round_end(const struct sample *s, uint32_t count, uint32_t at)
{
	for (at++; at < count && s[at].guest != 0; at++)
		;
	return at < count ? at : count;
}

bool sample_round_is_whole(const struct sample *s, uint32_t count, uint32_t guests)
{
	uint32_t i;

	for (i = 0; i < count && sample_is_valid(&s[i]); i++)
		;
	return i == guests;
}

static uint64_t first_start(const struct sample *s, uint32_t guests)
{
	uint64_t first = s[0].start_ns;
	uint32_t i;

	for (i = 1; i < guests; i++)
		first = s[i].start_ns < first ? s[i].start_ns : first;
	return first;
}

bool sample_round_up_ns(const struct sample *s, uint32_t guests, uint64_t *ns)
{
	const uint64_t first = first_start(s, guests);
	uint64_t last = 0;
	uint32_t i;

	for (i = 0; i < guests; i++) {
		if (s[i].first_ns <= first)
			return false;
		last = s[i].first_ns > last ? s[i].first_ns : last;
	}
	*ns = last - first;
	return true;
}

uint64_t sample_round_spread_ns(const struct sample *s, uint32_t guests)
{
	uint64_t last = 0;
	uint32_t i;

	for (i = 0; i < guests; i++)
		last = s[i].start_ns > last ? s[i].start_ns : last;
	return last - first_start(s, guests);
}
