// SPDX-License-Identifier: GPL-2.0-or-later
/* json_host: the facts about the host, as JSON. */
#include "json_tables.h"

#include <errno.h>
#include <string.h>

static const struct doc_field sev_leaf_fields[] = {
	DOC_INTEGER("eax", struct host_cpu, sev_eax, 0, UINT32_MAX),
	DOC_INTEGER("ebx", struct host_cpu, sev_ebx, 0, UINT32_MAX),
	DOC_INTEGER("ecx", struct host_cpu, sev_ecx, 0, UINT32_MAX),
	DOC_INTEGER("edx", struct host_cpu, sev_edx, 0, UINT32_MAX),
	{0},
};

static const struct doc_field cpu_fields[] = {
	DOC_TEXT("vendor", struct host_cpu, vendor),
	DOC_TEXT("name", struct host_cpu, name),
	DOC_KNOWN("family", struct host_cpu, family, INT32_MAX),
	DOC_KNOWN("model", struct host_cpu, model, INT32_MAX),
	DOC_KNOWN("stepping", struct host_cpu, stepping, INT32_MAX),
	DOC_TEXT("microcode", struct host_cpu, microcode),
	DOC_KNOWN("logical_cpus", struct host_cpu, logical_cpus, INT32_MAX),
	DOC_BOOL("hypervisor", struct host_cpu, hypervisor),
	DOC_TEXT("hypervisor_name", struct host_cpu, hypervisor_name),
	DOC_GROUP("sev_leaf", sev_leaf_fields),
	DOC_BOOL("sme", struct host_cpu, sme),
	DOC_BOOL("sev", struct host_cpu, sev),
	DOC_BOOL("sev_es", struct host_cpu, sev_es),
	DOC_BOOL("sev_snp", struct host_cpu, sev_snp),
	DOC_KNOWN("c_bit", struct host_cpu, c_bit, INT32_MAX),
	DOC_KNOWN("pa_reduction", struct host_cpu, pa_reduction, INT32_MAX),
	{0},
};

/* ---- a limit that may be "unlimited", which is no number ---- */

static json_t *limit_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	int64_t bytes = *(const int64_t *)member;

	(void)f;
	(void)at;
	if (bytes == INT64_MAX)
		return json_string("unlimited");
	return bytes < 0 ? json_null() : json_integer(bytes);
}

static int limit_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	int64_t *bytes = member;

	(void)f;
	if (json_is_string(value) && strcmp(json_string_value(value), "unlimited") == 0) {
		*bytes = INT64_MAX;
		return 0;
	}
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return doc_refuse(at, EINVAL, "neither a number of bytes nor \"unlimited\"");
	*bytes = json_integer_value(value);
	return 0;
}

static void limit_forget(const struct doc_field *f, void *member)
{
	(void)f;
	*(int64_t *)member = -1;
}

static const struct doc_kind limit = {
	.write = limit_write, .read = limit_read, .forget = limit_forget};

static const struct doc_field memory_fields[] = {
	DOC_KNOWN("total_bytes", struct host_memory, total_bytes, INT64_MAX),
	DOC_KNOWN("available_bytes", struct host_memory, available_bytes, INT64_MAX),
	DOC_KNOWN("swap_total_bytes", struct host_memory, swap_total_bytes, INT64_MAX),
	DOC_KNOWN("huge_2m_total", struct host_memory, huge_2m_total, INT64_MAX),
	DOC_KNOWN("huge_2m_free", struct host_memory, huge_2m_free, INT64_MAX),
	DOC_KNOWN("huge_1g_total", struct host_memory, huge_1g_total, INT64_MAX),
	DOC_KNOWN("huge_1g_free", struct host_memory, huge_1g_free, INT64_MAX),
	DOC_KNOWN("cgroup_limit_bytes", struct host_memory, cgroup_limit_bytes, INT64_MAX),
	DOC_KNOWN("cgroup_used_bytes", struct host_memory, cgroup_used_bytes, INT64_MAX),
	DOC_TEXT("thp_enabled", struct host_memory, thp_enabled),
	DOC_TEXT("thp_defrag", struct host_memory, thp_defrag),
	DOC_TEXT("thp_shmem", struct host_memory, thp_shmem),
	DOC_KNOWN("overcommit_memory", struct host_memory, overcommit_memory, INT64_MAX),
	DOC_KNOWN("numa_balancing", struct host_memory, numa_balancing, INT64_MAX),
	DOC_OTHER("memlock_soft_bytes", struct host_memory, memlock_soft_bytes, &limit),
	DOC_OTHER("memlock_hard_bytes", struct host_memory, memlock_hard_bytes, &limit),
	DOC_BOOL("can_exceed_memlock", struct host_memory, can_exceed_memlock),
	{0},
};

/* ---- NUMA nodes: an array of as many as there are ---- */

static const struct doc_field node_fields[] = {
	DOC_INTEGER("id", struct host_node, id, 0, INT32_MAX, DOC_REQUIRED),
	DOC_KNOWN("total_bytes", struct host_node, total_bytes, INT64_MAX),
	DOC_KNOWN("free_bytes", struct host_node, free_bytes, INT64_MAX),
	DOC_KNOWN("huge_2m_free", struct host_node, huge_2m_free, INT64_MAX),
	DOC_KNOWN("huge_1g_free", struct host_node, huge_1g_free, INT64_MAX),
	{0},
};

static json_t *nodes_write(const struct doc_field *f, const void *member, struct doc_at *at)
{
	const struct host_facts *h = member;
	json_t *array = json_array();
	size_t mark;
	int i;

	(void)f;
	for (i = 0; array && i < h->node_count && i < HOST_NODES; i++) {
		mark = doc_at_index(at, (uint64_t)i);
		if (json_array_append_new(array, doc_new(node_fields, &h->node[i], at)) < 0) {
			json_decref(array);
			array = NULL;
		}
		doc_at_back(at, mark);
	}
	return array;
}

static int nodes_read(const struct doc_field *f, void *member, json_t *value, struct doc_at *at)
{
	struct host_facts *h = member;
	size_t i, mark;
	int err = doc_want(value, JSON_ARRAY, "an array", at);

	(void)f;
	if (!err && json_array_size(value) > HOST_NODES)
		err = doc_refuse(at, EINVAL, "more than %d nodes", HOST_NODES);
	for (i = 0; !err && i < json_array_size(value); i++) {
		mark = doc_at_index(at, i);
		err = doc_object.read(&(struct doc_field){.fields = node_fields}, &h->node[i],
				      json_array_get(value, i), at);
		doc_at_back(at, mark);
		h->node_count = (int)i + 1;
	}
	return err;
}

static const struct doc_kind nodes = {.write = nodes_write, .read = nodes_read};

const struct doc_field doc_host_fields[] = {
	DOC_TEXT("name", struct host_facts, name),
	DOC_WORD("platform", struct host_facts, platform, &words_platform, DOC_REQUIRED),
	DOC_TEXT("distribution", struct host_facts, distribution),
	DOC_TEXT("kernel_release", struct host_facts, kernel_release),
	DOC_TEXT("kernel_version", struct host_facts, kernel_version),
	DOC_TEXT("kernel_cmdline", struct host_facts, kernel_cmdline),
	DOC_OBJECT("cpu", struct host_facts, cpu, cpu_fields),
	DOC_OBJECT("memory", struct host_facts, memory, memory_fields),
	{.key = "nodes", .kind = &nodes},
	DOC_TEXT("clocksource", struct host_facts, clocksource),
	DOC_TEXT("governor", struct host_facts, governor),
	DOC_TEXT("sev_pinning", struct host_facts, sev_pinning),
	DOC_REAL("load1", struct host_facts, load1),
	DOC_REAL("load5", struct host_facts, load5),
	DOC_REAL("load15", struct host_facts, load15),
	DOC_KNOWN("io_uring_disabled", struct host_facts, io_uring_disabled, INT64_MAX),
	DOC_KNOWN("unprivileged_userfaultfd", struct host_facts, unprivileged_userfaultfd,
		  INT64_MAX),
	DOC_BOOL("pin_counters", struct host_facts, pin_counters),
	DOC_TEXT("pin_counters_reason", struct host_facts, pin_counters_reason),
	DOC_BOOL("flush_counter", struct host_facts, flush_counter),
	DOC_TEXT("flush_counter_reason", struct host_facts, flush_counter_reason),
	{0},
};
