// SPDX-License-Identifier: GPL-2.0-or-later
/* guest_stats: KVM's own figures about a VM and its vCPUs. */
#include "sevpinbench/guest_stats.h"

#include "sevpinbench/sys.h"
#include <linux/kvm.h>
#include <stdbool.h>
#include <string.h>

#define NAME_MOST  128 /* of a figure; KVM's are 48 */
#define ROOM_BYTES 8192

_Static_assert(sizeof(struct kvm_stats_desc) == 16, "the descriptor's name follows it");

static bool read_exactly(int fd, void *buf, size_t bytes, int64_t offset)
{
	return sys_pread(fd, buf, bytes, offset) == (ssize_t)bytes;
}

/* One descriptor: does it name a plain number that we want? Then remember where it stands. */
static void take(struct guest_stats *s, const struct kvm_stats_header *h, const char *from)
{
	struct kvm_stats_desc desc;
	char name[NAME_MOST + 1] = "";
	int stat;

	memcpy(&desc, from, sizeof(desc));
	memcpy(name, from + sizeof(desc), h->name_size);
	stat = desc.size == 1 ? words_value(&words_guest_stat, name) : -1;
	if (stat >= 0)
		s->offset[stat] = (int64_t)h->data_offset + desc.offset;
}

/* As many at once as the room takes: a read each would cost a start more than reading the figures.
 */
static void take_all(struct guest_stats *s, const struct kvm_stats_header *h)
{
	char room[ROOM_BYTES];
	const size_t bytes = sizeof(struct kvm_stats_desc) + h->name_size;
	const uint32_t most = (uint32_t)(sizeof(room) / bytes);
	uint32_t done = 0, n, i;

	for (; done < h->num_desc; done += n) {
		n = h->num_desc - done < most ? h->num_desc - done : most;
		if (!read_exactly(s->fd, room, n * bytes,
				  (int64_t)h->desc_offset + (int64_t)done * (int64_t)bytes))
			return;
		for (i = 0; i < n; i++)
			take(s, h, room + i * bytes);
	}
}

void guest_stats_open(struct guest_stats *s, int fd)
{
	struct kvm_stats_header header;

	memset(s->offset, 0xff, sizeof(s->offset)); /* -1 each */
	s->fd = sys_ioctl_value(fd, KVM_GET_STATS_FD, 0);
	if (s->fd < 0) {
		s->fd = -1;
		return;
	}
	if (read_exactly(s->fd, &header, sizeof(header), 0) && header.name_size <= NAME_MOST)
		take_all(s, &header);
}

void guest_stats_add(const struct guest_stats *s, int64_t value[GUEST_STAT_COUNT])
{
	uint64_t now;
	unsigned i;

	for (i = 0; i < GUEST_STAT_COUNT; i++) {
		if (s->offset[i] < 0 || !read_exactly(s->fd, &now, sizeof(now), s->offset[i]))
			continue;
		value[i] = (value[i] == GUEST_STATS_UNKNOWN ? 0 : value[i]) + (int64_t)now;
	}
}

void guest_stats_close(struct guest_stats *s)
{
	sys_close(&s->fd);
}
