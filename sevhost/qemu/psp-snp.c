// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SEV-SNP commands of an emulated secure processor's firmware ("SEV Secure Nested Paging
 * Firmware ABI Specification", AMD publication 56860), and the table of who owns which page (RMP)
 * that they and the processor's instructions share. There is no cryptography: a guest's pages stay
 * as they are, and the measurement is not calculated.
 */
#include "qemu/osdep.h"

#include "hw/boards.h"
#include "hw/i386/x86.h"
#include "hw/misc/psp-sev.h"
#include "qapi/error.h"

#define PAGE		4096
#define RMP_BASE	0xe0000000ull /* a hole in a PC's memory, whatever its size */
#define RMP_HOLE	0x10000000ull
#define RMP_BOOKKEEPING 0x4000 /* before the first entry */
#define RMP_ENTRY	16
#define RMP_ALIGNMENT	(2ull << 20)

#define POLICY_RESERVED_ONE (1ull << 17)
#define POLICY_API(p)	    ((uint32_t)(p) & 0xffff) /* minor, and major above it */
#define ADDRESS_LARGE	    1 /* in PAGE_RECLAIM's address: a page of 2 MiB */
#define SNP_OWNER	    0x80000000u /* in owner[]: of an SNP guest, with its index */

enum page_type { NORMAL = 1, VMSA, ZERO, UNMEASURED, SECRETS, CPUID_TABLE };

#define CPUID_TABLE_MOST 64

static bool is_page(uint64_t address)
{
	return address && address % PAGE == 0;
}

/* ---- the table ---- */

/* It lies where no memory is, as large as the machine needs; both addresses are 2 MiB's. */
bool psp_rmp_realize(PspSev *psp, Error **errp)
{
	X86MachineState *machine = X86_MACHINE(qdev_get_machine());
	uint64_t top = RMP_BASE + RMP_HOLE, bytes;

	if (machine->above_4g_mem_size)
		top = (4ull << 30) + machine->above_4g_mem_size;
	bytes = ROUND_UP(RMP_BOOKKEEPING + top / PAGE * RMP_ENTRY, RMP_ALIGNMENT);
	if (bytes > RMP_HOLE) {
		error_setg(errp, "psp-sev: with SNP a machine has 60 GiB at most");
		return false;
	}
	memory_region_init_ram(&psp->rmp, OBJECT(psp), "rmp", bytes, errp);
	memory_region_add_subregion_overlap(get_system_memory(), RMP_BASE, &psp->rmp, 1);
	psp->rmp_bytes = bytes;
	return true;
}

uint64_t psp_rmp_base(const PspSev *psp)
{
	return psp->rmp_bytes ? RMP_BASE : 0;
}

uint64_t psp_rmp_end(const PspSev *psp)
{
	return psp->rmp_bytes ? RMP_BASE + psp->rmp_bytes - 1 : 0;
}

/* The entry of a page; NULL: the table does not reach that far, or is itself there. */
uint64_t *psp_rmp_entry(PspSev *psp, uint64_t address)
{
	uint64_t at = RMP_BOOKKEEPING + address / PAGE * RMP_ENTRY;

	if (at + RMP_ENTRY > psp->rmp_bytes ||
	    (address >= RMP_BASE && address < RMP_BASE + psp->rmp_bytes))
		return NULL;
	return (uint64_t *)((uint8_t *)memory_region_get_ram_ptr(&psp->rmp) + at);
}

/* ---- the platform ---- */

static uint16_t snp_init(struct psp_call *call)
{
	if (!call->psp->snp)
		return PSP_UNSUPPORTED;
	if (call->firmware->snp)
		return PSP_INVALID_PLATFORM_STATE;
	call->firmware->snp = true;
	return PSP_SUCCESS;
}

static void forget(struct psp_firmware *firmware, struct psp_snp_guest *guest)
{
	if (guest->asid) {
		firmware->owner[guest->asid] = 0;
		firmware->needs_flush[guest->asid] = true;
	}
	memset(guest, 0, sizeof(*guest));
}

static unsigned int snp_guest_count(const struct psp_firmware *firmware)
{
	unsigned int i, count = 0;

	for (i = 0; i < PSP_GUESTS; i++)
		count += firmware->snp_guest[i].context != 0;
	return count;
}

static uint16_t snp_shutdown(struct psp_call *call)
{
	unsigned int i;

	for (i = 0; i < PSP_GUESTS; i++)
		forget(call->firmware, &call->firmware->snp_guest[i]);
	call->firmware->snp = false;
	return PSP_SUCCESS;
}

static uint16_t snp_platform_status(struct psp_call *call)
{
	uint8_t status[32] = {PSP_API_MAJOR, PSP_API_MINOR, call->firmware->snp,
			      call->firmware->snp};
	uint64_t to = psp_ld64(call->psp, call->buffer);

	if (!is_page(to))
		return PSP_INVALID_ADDRESS;
	stl_le_p(&status[4], PSP_BUILD);
	stl_le_p(&status[12], snp_guest_count(call->firmware));
	psp_write(call->psp, to, status, sizeof(status));
	return PSP_SUCCESS;
}

static uint16_t snp_df_flush(struct psp_call *call)
{
	memset(call->firmware->needs_flush, 0, sizeof(call->firmware->needs_flush));
	return PSP_SUCCESS;
}

/* ---- pages ---- */

/* Back from the firmware or from before a launch: no longer immutable, so that RMPUPDATE works. */
static uint16_t snp_page_reclaim(struct psp_call *call)
{
	uint64_t address = psp_ld64(call->psp, call->buffer);
	uint64_t *entry = psp_rmp_entry(call->psp, address & ~(uint64_t)ADDRESS_LARGE);

	if (!entry || !is_page(address & ~(uint64_t)ADDRESS_LARGE))
		return PSP_INVALID_ADDRESS;
	if (!(*entry & PSP_RMP_ASSIGNED))
		return PSP_INVALID_PAGE_STATE;
	if (!(*entry & PSP_RMP_LARGE) != !(address & ADDRESS_LARGE))
		return PSP_INVALID_PAGE_SIZE;
	if (*entry & PSP_RMP_IMMUTABLE && psp_rmp_asid(*entry) == 0)
		*entry = PSP_RMP_ASSIGNED | (*entry & PSP_RMP_LARGE);
	*entry &= ~PSP_RMP_IMMUTABLE;
	return PSP_SUCCESS;
}

/* ---- a guest's life: it is known by the page of its context ---- */

static struct psp_snp_guest *guest_of(struct psp_firmware *firmware, uint64_t context)
{
	unsigned int i;

	for (i = 0; i < PSP_GUESTS && context; i++) {
		if (firmware->snp_guest[i].context == context)
			return &firmware->snp_guest[i];
	}
	return NULL;
}

static uint16_t snp_gctx_create(struct psp_call *call)
{
	uint64_t context = psp_ld64(call->psp, call->buffer);
	uint64_t *entry = psp_rmp_entry(call->psp, context);
	unsigned int i;

	if (!is_page(context) || !entry)
		return PSP_INVALID_ADDRESS;
	if (!(*entry & PSP_RMP_IMMUTABLE) || psp_rmp_asid(*entry) != 0)
		return PSP_INVALID_PAGE_STATE;
	if (guest_of(call->firmware, context))
		return PSP_INVALID_PAGE_STATE;
	for (i = 0; i < PSP_GUESTS; i++) {
		struct psp_snp_guest *guest = &call->firmware->snp_guest[i];

		if (guest->context)
			continue;
		guest->context = context;
		return PSP_SUCCESS;
	}
	return PSP_RESOURCE_LIMIT;
}

static uint16_t snp_launch_start(struct psp_call *call)
{
	uint64_t policy = psp_ld64(call->psp, call->buffer + 8);

	if (call->snp_guest->state != PSP_GUEST_FREE)
		return PSP_INVALID_GUEST_STATE;
	if (!(policy & POLICY_RESERVED_ONE))
		return PSP_INVALID_PARAM;
	if (POLICY_API(policy) > (PSP_API_MAJOR << 8 | PSP_API_MINOR))
		return PSP_POLICY_FAILURE;
	call->snp_guest->policy = policy;
	call->snp_guest->state = PSP_LUPDATE;
	return PSP_SUCCESS;
}

static uint16_t snp_activate(struct psp_call *call)
{
	struct psp_firmware *firmware = call->firmware;
	uint32_t asid = psp_ld32(call->psp, call->buffer + 8);

	if (!asid || asid > firmware->es_asids)
		return PSP_INVALID_ASID;
	if (call->snp_guest->asid)
		return PSP_ACTIVE;
	if (firmware->owner[asid])
		return PSP_ASID_OWNED;
	if (firmware->needs_flush[asid])
		return PSP_DFFLUSH_REQUIRED;
	firmware->owner[asid] = SNP_OWNER | (uint32_t)(call->snp_guest - firmware->snp_guest);
	call->snp_guest->asid = asid;
	return PSP_SUCCESS;
}

/* Leaves of the CPUID table are not compared with the processor's, only counted. */
static bool is_cpuid_table(struct psp_call *call, uint64_t page)
{
	return psp_ld32(call->psp, page) <= CPUID_TABLE_MOST;
}

/* The page becomes the guest's, and validated: it need not ask for it again. */
static uint16_t snp_launch_update(struct psp_call *call)
{
	static const uint8_t zeros[PAGE];
	uint32_t flags = psp_ld32(call->psp, call->buffer + 8);
	uint64_t page = psp_ld64(call->psp, call->buffer + 16);
	uint64_t *entry = psp_rmp_entry(call->psp, page);
	unsigned int type = flags >> 1 & 7;

	if (call->snp_guest->state != PSP_LUPDATE)
		return PSP_INVALID_GUEST_STATE;
	if (!call->snp_guest->asid)
		return PSP_INACTIVE;
	if (type < NORMAL || type > CPUID_TABLE)
		return PSP_INVALID_PARAM;
	if (!is_page(page) || !entry)
		return PSP_INVALID_ADDRESS;
	if (!(*entry & PSP_RMP_LARGE) != !(flags & 1))
		return PSP_INVALID_PAGE_SIZE;
	if (!(*entry & PSP_RMP_ASSIGNED) || !(*entry & PSP_RMP_IMMUTABLE))
		return PSP_INVALID_PAGE_STATE;
	if (psp_rmp_asid(*entry) != call->snp_guest->asid)
		return PSP_INVALID_PAGE_OWNER;
	if (type == CPUID_TABLE && !is_cpuid_table(call, page))
		return PSP_INVALID_PARAM;
	if (type == ZERO || type == SECRETS) /* no keys, so no secrets of the guest's */
		psp_write(call->psp, page, zeros, sizeof(zeros));
	*entry &= ~PSP_RMP_IMMUTABLE;
	*entry |= PSP_RMP_VALIDATED | (type == VMSA ? PSP_RMP_VMSA : 0);
	return PSP_SUCCESS;
}

static uint16_t snp_launch_finish(struct psp_call *call)
{
	if (call->snp_guest->state != PSP_LUPDATE)
		return PSP_INVALID_GUEST_STATE;
	if (!call->snp_guest->asid)
		return PSP_INACTIVE;
	call->snp_guest->state = PSP_RUNNING;
	return PSP_SUCCESS;
}

static uint16_t snp_decommission(struct psp_call *call)
{
	forget(call->firmware, call->snp_guest);
	return PSP_SUCCESS;
}

/* struct of publication 56860, 8.3: policy, ASID, state. */
static uint16_t snp_guest_status(struct psp_call *call)
{
	uint8_t status[32] = {0};
	uint64_t to = psp_ld64(call->psp, call->buffer + 8);

	if (!is_page(to))
		return PSP_INVALID_ADDRESS;
	stq_le_p(&status[0], call->snp_guest->policy);
	stl_le_p(&status[8], call->snp_guest->asid);
	status[12] = call->snp_guest->state;
	psp_write(call->psp, to, status, sizeof(status));
	return PSP_SUCCESS;
}

static uint16_t nothing(struct psp_call *call)
{
	return PSP_SUCCESS;
}

static uint16_t unsupported(struct psp_call *call)
{
	return PSP_UNSUPPORTED;
}

/* ---- the commands, from PSP_SNP_FIRST on ---- */

enum needs { ANY_TIME, SNP_OFF, SNP_ON, A_GUEST };

struct command {
	const char *name;
	uint16_t (*run)(struct psp_call *call);
	enum needs needs;
};

/* One command a line: sevhost/run reads numbers and names here, too. */
#define COMMAND(id, command_name, ...) [id - PSP_SNP_FIRST] = {#command_name, __VA_ARGS__}
/* clang-format off */
static const struct command commands[PSP_COMMANDS - PSP_SNP_FIRST] = {
	COMMAND(0x081, SNP_INIT, snp_init, SNP_OFF),
	COMMAND(0x082, SNP_SHUTDOWN, snp_shutdown, ANY_TIME),
	COMMAND(0x083, SNP_PLATFORM_STATUS, snp_platform_status, ANY_TIME),
	COMMAND(0x084, SNP_DF_FLUSH, snp_df_flush, SNP_ON),
	COMMAND(0x085, SNP_INIT_EX, snp_init, SNP_OFF),
	COMMAND(0x086, SNP_SHUTDOWN_EX, snp_shutdown, ANY_TIME),
	COMMAND(0x090, SNP_DECOMMISSION, snp_decommission, A_GUEST),
	COMMAND(0x091, SNP_ACTIVATE, snp_activate, A_GUEST),
	COMMAND(0x092, SNP_GUEST_STATUS, snp_guest_status, A_GUEST),
	COMMAND(0x093, SNP_GCTX_CREATE, snp_gctx_create, SNP_ON),
	COMMAND(0x094, SNP_GUEST_REQUEST, unsupported, A_GUEST),
	COMMAND(0x0a0, SNP_LAUNCH_START, snp_launch_start, A_GUEST),
	COMMAND(0x0a1, SNP_LAUNCH_UPDATE, snp_launch_update, A_GUEST),
	COMMAND(0x0a2, SNP_LAUNCH_FINISH, snp_launch_finish, A_GUEST),
	COMMAND(0x0b0, SNP_DBG_DECRYPT, unsupported, A_GUEST),
	COMMAND(0x0b1, SNP_DBG_ENCRYPT, unsupported, A_GUEST),
	COMMAND(0x0c7, SNP_PAGE_RECLAIM, snp_page_reclaim, SNP_ON),
	COMMAND(0x0c8, SNP_PAGE_UNSMASH, unsupported, SNP_ON),
	COMMAND(0x0c9, SNP_CONFIG, nothing, SNP_ON),
	COMMAND(0x0cb, SNP_COMMIT, nothing, ANY_TIME),
	COMMAND(0x0cd, SNP_VLEK_LOAD, unsupported, SNP_ON),
};
/* clang-format on */

const char *psp_snp_command_name(uint32_t id)
{
	return id >= PSP_SNP_FIRST && id < PSP_COMMANDS ? commands[id - PSP_SNP_FIRST].name : NULL;
}

uint16_t psp_snp_run(struct psp_call *call, uint32_t id)
{
	const struct command *command = &commands[id - PSP_SNP_FIRST];

	if (!call->psp->snp)
		return PSP_UNSUPPORTED;
	if (command->needs != ANY_TIME && (command->needs == SNP_OFF) == call->firmware->snp)
		return PSP_INVALID_PLATFORM_STATE;
	if (command->needs == A_GUEST) {
		call->snp_guest = guest_of(call->firmware, psp_ld64(call->psp, call->buffer));
		if (!call->snp_guest)
			return PSP_INVALID_GUEST;
	}
	return command->run(call);
}
