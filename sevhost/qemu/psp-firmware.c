// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SEV firmware of an emulated secure processor: the commands of a guest's life and of the
 * platform's, with the states and status codes of the "Secure Encrypted Virtualization API"
 * (AMD publication 55766), version 1.55. There are no keys and no cryptography: memory stays as it
 * is. A measurement covers what was launched, under a key of zeros.
 */
#include "qemu/osdep.h"

#include "hw/misc/psp-sev.h"

#define POLICY_NODBG	 (1u << 0)
#define POLICY_NOKS	 (1u << 1)
#define POLICY_ES	 (1u << 2)
#define POLICY_API(p)	 ((((p) >> 16) & 0xff) << 8 | (p) >> 24)
#define ID_BYTES	 128 /* two sockets of 64; the second is empty */
#define DIGEST_BYTES	 32
#define NONCE_BYTES	 16
#define DATA_ALIGNMENT	 16
#define FIRMWARE_AT_MOST (1u << 20)
#define INIT_FLAG_ES	 (1u << 0)
#define TMR_BYTES	 (1u << 20) /* and so it is aligned */
#define VMSA_BYTES	 4096

static unsigned int guest_count(const struct psp_firmware *firmware)
{
	unsigned int i, count = 0;

	for (i = 1; i < PSP_GUESTS; i++)
		count += firmware->guest[i].state != PSP_GUEST_FREE;
	return count;
}

static enum psp_platform_state platform_state(const struct psp_firmware *firmware)
{
	if (!firmware->initialised)
		return PSP_UNINIT;
	return guest_count(firmware) ? PSP_WORKING : PSP_INIT;
}

static void forget_guest(struct psp_guest *guest)
{
	g_clear_pointer(&guest->digest, g_checksum_free);
	memset(guest, 0, sizeof(*guest));
}

void psp_firmware_reset(struct psp_firmware *firmware)
{
	unsigned int i;

	for (i = 0; i < PSP_GUESTS; i++)
		forget_guest(&firmware->guest[i]);
	memset(firmware->owner, 0, sizeof(firmware->owner));
	memset(firmware->needs_flush, 0, sizeof(firmware->needs_flush));
	memset(firmware->snp_guest, 0, sizeof(firmware->snp_guest));
	firmware->initialised = firmware->es = firmware->snp = false;
}

/* ---- the platform ---- */

/* For SEV-ES the firmware wants memory of its own, where it would keep registers; it is not used.
 */
static uint16_t init_with(struct psp_call *call, uint32_t flags, uint64_t tmr, uint32_t tmr_bytes)
{
	if ((flags & INIT_FLAG_ES) && tmr_bytes < TMR_BYTES)
		return PSP_INVALID_LEN;
	if ((flags & INIT_FLAG_ES) && (!tmr || tmr % TMR_BYTES))
		return PSP_INVALID_ADDRESS;
	call->firmware->es = flags & INIT_FLAG_ES;
	call->firmware->initialised = true;
	return PSP_SUCCESS;
}

static uint16_t init(struct psp_call *call)
{
	return init_with(call, psp_ld32(call->psp, call->buffer),
			 psp_ld64(call->psp, call->buffer + 8),
			 psp_ld32(call->psp, call->buffer + 16));
}

static uint16_t init_ex(struct psp_call *call)
{
	return init_with(call, psp_ld32(call->psp, call->buffer + 4),
			 psp_ld64(call->psp, call->buffer + 8),
			 psp_ld32(call->psp, call->buffer + 16));
}

/* SEV-SNP and its guests stay: they have commands of their own. */
static uint16_t shutdown_platform(struct psp_call *call)
{
	struct psp_firmware *firmware = call->firmware;
	uint32_t handle;

	for (handle = 1; handle < PSP_GUESTS; handle++) {
		struct psp_guest *guest = &firmware->guest[handle];

		if (guest->asid)
			firmware->owner[guest->asid] = 0;
		forget_guest(guest);
	}
	if (!firmware->snp)
		psp_firmware_reset(firmware);
	firmware->initialised = firmware->es = false;
	return PSP_SUCCESS;
}

static uint16_t platform_status(struct psp_call *call)
{
	uint8_t status[12] = {PSP_API_MAJOR, PSP_API_MINOR, platform_state(call->firmware)};

	status[4] = call->firmware->es; /* bytes 3 to 6 are flags; self-owned */
	status[7] = PSP_BUILD;
	stl_le_p(&status[8], guest_count(call->firmware));
	psp_write(call->psp, call->buffer, status, sizeof(status));
	return PSP_SUCCESS;
}

static uint16_t df_flush(struct psp_call *call)
{
	memset(call->firmware->needs_flush, 0, sizeof(call->firmware->needs_flush));
	return PSP_SUCCESS;
}

/* Whatever is offered, AMD has not signed it for this processor. */
static uint16_t download_firmware(struct psp_call *call)
{
	uint64_t address = psp_ld64(call->psp, call->buffer);
	uint32_t length = psp_ld32(call->psp, call->buffer + 8);

	if (!address || address % DATA_ALIGNMENT)
		return PSP_INVALID_ADDRESS;
	if (!length || length % DATA_ALIGNMENT || length > FIRMWARE_AT_MOST)
		return PSP_INVALID_LEN;
	return PSP_BAD_SIGNATURE;
}

static uint16_t get_id(struct psp_call *call)
{
	uint64_t address = psp_ld64(call->psp, call->buffer);
	uint32_t length = psp_ld32(call->psp, call->buffer + 8);
	char id[ID_BYTES] = "sevhost: an emulated secure processor";

	psp_st32(call->psp, call->buffer + 8, ID_BYTES);
	if (length < ID_BYTES)
		return PSP_INVALID_LEN;
	psp_write(call->psp, address, id, sizeof(id));
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

/* ---- a guest's life ---- */

static uint16_t launch_start(struct psp_call *call)
{
	struct psp_firmware *firmware = call->firmware;
	uint32_t shared = psp_ld32(call->psp, call->buffer);
	uint32_t policy = psp_ld32(call->psp, call->buffer + 4);
	uint32_t handle;

	if (shared && (shared >= PSP_GUESTS || firmware->guest[shared].state == PSP_GUEST_FREE))
		return PSP_INVALID_GUEST;
	if (shared && ((policy | firmware->guest[shared].policy) & POLICY_NOKS))
		return PSP_POLICY_FAILURE;
	if (POLICY_API(policy) > (PSP_API_MAJOR << 8 | PSP_API_MINOR))
		return PSP_POLICY_FAILURE;
	if ((policy & POLICY_ES) && !firmware->es)
		return PSP_UNSUPPORTED;
	for (handle = 1; handle < PSP_GUESTS; handle++) {
		if (firmware->guest[handle].state == PSP_GUEST_FREE)
			break;
	}
	if (handle == PSP_GUESTS)
		return PSP_RESOURCE_LIMIT;
	firmware->guest[handle] = (struct psp_guest){.state = PSP_LUPDATE,
						     .policy = policy,
						     .digest = g_checksum_new(G_CHECKSUM_SHA256)};
	psp_st32(call->psp, call->buffer, handle);
	return PSP_SUCCESS;
}

static uint16_t activate(struct psp_call *call)
{
	struct psp_firmware *firmware = call->firmware;
	uint32_t asid = psp_ld32(call->psp, call->buffer + 4);
	bool es = call->guest->policy & POLICY_ES;

	if (!asid || asid > firmware->asids || es != (asid <= firmware->es_asids))
		return PSP_INVALID_ASID;
	if (call->guest->asid)
		return PSP_ACTIVE;
	if (firmware->owner[asid])
		return PSP_ASID_OWNED;
	if (firmware->needs_flush[asid])
		return PSP_DFFLUSH_REQUIRED;
	firmware->owner[asid] = call->handle;
	call->guest->asid = asid;
	return PSP_SUCCESS;
}

static uint16_t deactivate(struct psp_call *call)
{
	if (!call->guest->asid)
		return PSP_INACTIVE;
	call->firmware->owner[call->guest->asid] = 0;
	call->firmware->needs_flush[call->guest->asid] = true;
	call->guest->asid = 0;
	return PSP_SUCCESS;
}

static uint16_t decommission(struct psp_call *call)
{
	if (call->guest->asid)
		return PSP_ACTIVE;
	forget_guest(call->guest);
	return PSP_SUCCESS;
}

static uint16_t guest_status(struct psp_call *call)
{
	uint8_t state = call->guest->state;

	psp_st32(call->psp, call->buffer + 4, call->guest->policy);
	psp_st32(call->psp, call->buffer + 8, call->guest->asid);
	psp_write(call->psp, call->buffer + 12, &state, sizeof(state));
	return PSP_SUCCESS;
}

/* Would be encrypted in place; here it is only measured. */
static uint16_t launch_update(struct psp_call *call)
{
	uint64_t address = psp_ld64(call->psp, call->buffer + 8);
	uint32_t length = psp_ld32(call->psp, call->buffer + 16);
	uint8_t block[4096];

	if (!call->guest->asid)
		return PSP_INACTIVE;
	if (!length || length % DATA_ALIGNMENT)
		return PSP_INVALID_LEN;
	if (address % DATA_ALIGNMENT)
		return PSP_INVALID_ADDRESS;
	while (length) {
		uint32_t part = MIN(length, sizeof(block));

		if (psp_read(call->psp, address, block, part) != MEMTX_OK)
			return PSP_INVALID_ADDRESS;
		g_checksum_update(call->guest->digest, block, part);
		address += part;
		length -= part;
	}
	return PSP_SUCCESS;
}

/* The registers that a vCPU starts with. */
static uint16_t launch_update_vmsa(struct psp_call *call)
{
	if (!(call->guest->policy & POLICY_ES))
		return PSP_UNSUPPORTED;
	if (psp_ld32(call->psp, call->buffer + 16) != VMSA_BYTES)
		return PSP_INVALID_LEN;
	if (psp_ld64(call->psp, call->buffer + 8) % VMSA_BYTES)
		return PSP_INVALID_ADDRESS;
	return launch_update(call);
}

/* HMAC(0x04 | API | build | policy | digest | nonce), then the nonce. */
static void measure(struct psp_call *call, uint8_t out[DIGEST_BYTES + NONCE_BYTES])
{
	const uint8_t key[16] = {0}, header[] = {0x04, PSP_API_MAJOR, PSP_API_MINOR, PSP_BUILD};
	uint8_t policy[4], digest[DIGEST_BYTES];
	gsize length = sizeof(digest);
	GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key, sizeof(key));

	memset(out + DIGEST_BYTES, 0, NONCE_BYTES);
	stq_le_p(out + DIGEST_BYTES, ++call->firmware->measurements);
	stl_le_p(policy, call->guest->policy);
	g_checksum_get_digest(call->guest->digest, digest, &length);
	g_hmac_update(hmac, header, sizeof(header));
	g_hmac_update(hmac, policy, sizeof(policy));
	g_hmac_update(hmac, digest, sizeof(digest));
	g_hmac_update(hmac, out + DIGEST_BYTES, NONCE_BYTES);
	g_hmac_get_digest(hmac, out, &length);
	g_hmac_unref(hmac);
}

static uint16_t launch_measure(struct psp_call *call)
{
	uint64_t address = psp_ld64(call->psp, call->buffer + 8);
	uint32_t length = psp_ld32(call->psp, call->buffer + 16);
	uint8_t measurement[DIGEST_BYTES + NONCE_BYTES];

	psp_st32(call->psp, call->buffer + 16, sizeof(measurement));
	if (length < sizeof(measurement))
		return PSP_INVALID_LEN;
	if (!call->guest->asid)
		return PSP_INACTIVE;
	measure(call, measurement);
	psp_write(call->psp, address, measurement, sizeof(measurement));
	call->guest->state = PSP_LSECRET;
	return PSP_SUCCESS;
}

/* No session keys, so no secret can prove that it was meant for this guest. */
static uint16_t launch_secret(struct psp_call *call)
{
	return PSP_BAD_MEASUREMENT;
}

static uint16_t launch_finish(struct psp_call *call)
{
	if (!call->guest->asid)
		return PSP_INACTIVE;
	call->guest->state = PSP_RUNNING;
	return PSP_SUCCESS;
}

/* Both directions of DBG_*CRYPT: without encryption a copy. */
static uint16_t debug_copy(struct psp_call *call)
{
	uint64_t from = psp_ld64(call->psp, call->buffer + 8);
	uint64_t to = psp_ld64(call->psp, call->buffer + 16);
	uint32_t length = psp_ld32(call->psp, call->buffer + 24);
	g_autofree uint8_t *block = NULL;

	if (call->guest->policy & POLICY_NODBG)
		return PSP_POLICY_FAILURE;
	if (!length || length % DATA_ALIGNMENT || length > FIRMWARE_AT_MOST)
		return PSP_INVALID_LEN;
	block = g_malloc(length);
	if (psp_read(call->psp, from, block, length) != MEMTX_OK ||
	    psp_write(call->psp, to, block, length) != MEMTX_OK)
		return PSP_INVALID_ADDRESS;
	return PSP_SUCCESS;
}

/* ---- the table ---- */

#define IN(state)    (1u << (state))
#define ANY_PLATFORM (IN(PSP_UNINIT) | IN(PSP_INIT) | IN(PSP_WORKING))
#define INITIALISED  (IN(PSP_INIT) | IN(PSP_WORKING))
#define NO_GUEST     0
#define ANY_GUEST    (IN(PSP_LUPDATE) | IN(PSP_LSECRET) | IN(PSP_RUNNING))

struct command {
	const char *name;
	uint16_t (*run)(struct psp_call *call);
	uint32_t platform;  /* states in which it is legal */
	uint32_t guest;	    /* the same; 0: the buffer does not start with a handle */
	uint32_t length_at; /* where the buffer says how much memory it works on; 0: nowhere */
};

/* One command a line: sevhost/run reads numbers and names here, too. */
#define COMMAND(id, command_name, ...) [id] = {.name = #command_name, __VA_ARGS__}
/* clang-format off */
static const struct command commands[PSP_COMMANDS] = {
	COMMAND(0x001, INIT, init, IN(PSP_UNINIT)),
	COMMAND(0x002, SHUTDOWN, shutdown_platform, ANY_PLATFORM),
	COMMAND(0x003, FACTORY_RESET, shutdown_platform, IN(PSP_UNINIT)),
	COMMAND(0x004, PLATFORM_STATUS, platform_status, ANY_PLATFORM),
	COMMAND(0x005, PEK_GEN, nothing, IN(PSP_INIT)),
	COMMAND(0x006, PEK_CSR, unsupported, INITIALISED),
	COMMAND(0x007, PEK_CERT_IMPORT, unsupported, IN(PSP_INIT)),
	COMMAND(0x008, PDH_CERT_EXPORT, unsupported, INITIALISED),
	COMMAND(0x009, PDH_GEN, nothing, INITIALISED),
	COMMAND(0x00a, DF_FLUSH, df_flush, INITIALISED),
	COMMAND(0x00b, DOWNLOAD_FIRMWARE, download_firmware, IN(PSP_UNINIT) | IN(PSP_INIT)),
	COMMAND(0x00c, GET_ID, get_id, ANY_PLATFORM),
	COMMAND(0x00d, INIT_EX, init_ex, IN(PSP_UNINIT)),
	COMMAND(0x020, DECOMMISSION, decommission, INITIALISED, ANY_GUEST),
	COMMAND(0x021, ACTIVATE, activate, INITIALISED, ANY_GUEST),
	COMMAND(0x022, DEACTIVATE, deactivate, INITIALISED, ANY_GUEST),
	COMMAND(0x023, GUEST_STATUS, guest_status, INITIALISED, ANY_GUEST),
	COMMAND(0x030, LAUNCH_START, launch_start, INITIALISED),
	COMMAND(0x031, LAUNCH_UPDATE_DATA, launch_update, INITIALISED, IN(PSP_LUPDATE), 16),
	COMMAND(0x032, LAUNCH_UPDATE_VMSA, launch_update_vmsa, INITIALISED, IN(PSP_LUPDATE), 16),
	COMMAND(0x033, LAUNCH_MEASURE, launch_measure, INITIALISED, IN(PSP_LUPDATE)),
	COMMAND(0x034, LAUNCH_SECRET, launch_secret, INITIALISED, IN(PSP_LSECRET)),
	COMMAND(0x035, LAUNCH_FINISH, launch_finish, INITIALISED, IN(PSP_LSECRET)),
	COMMAND(0x036, ATTESTATION, unsupported, INITIALISED, ANY_GUEST),
	COMMAND(0x040, SEND_START, unsupported, INITIALISED, ANY_GUEST),
	COMMAND(0x050, RECEIVE_START, unsupported, INITIALISED),
	COMMAND(0x060, DBG_DECRYPT, debug_copy, INITIALISED, ANY_GUEST, 24),
	COMMAND(0x061, DBG_ENCRYPT, debug_copy, INITIALISED, ANY_GUEST, 24),
};
/* clang-format on */

const char *psp_command_name(uint32_t id)
{
	if (id < PSP_COMMANDS && commands[id].name)
		return commands[id].name;
	return psp_snp_command_name(id);
}

uint32_t psp_command_number(const char *name)
{
	uint32_t id;

	for (id = 1; id < PSP_COMMANDS; id++) {
		if (psp_command_name(id) && !strcmp(psp_command_name(id), name))
			return id;
	}
	return 0;
}

/* How much memory the command works on, for delays that depend on it. */
uint32_t psp_command_bytes(PspSev *psp, uint32_t id, dma_addr_t buffer)
{
	if (!psp_command_name(id) || !commands[id].length_at)
		return 0;
	return psp_ld32(psp, buffer + commands[id].length_at);
}

uint16_t psp_firmware_run(PspSev *psp, uint32_t id, dma_addr_t buffer)
{
	struct psp_call call = {.psp = psp, .firmware = &psp->firmware, .buffer = buffer};
	const struct command *command;

	if (!psp_command_name(id))
		return PSP_INVALID_COMMAND;
	if (psp_snp_command_name(id))
		return psp_snp_run(&call, id);
	command = &commands[id];
	if (!(command->platform & IN(platform_state(call.firmware))))
		return PSP_INVALID_PLATFORM_STATE;
	if (command->guest != NO_GUEST) {
		call.handle = psp_ld32(psp, buffer);
		if (!call.handle || call.handle >= PSP_GUESTS)
			return PSP_INVALID_GUEST;
		call.guest = &call.firmware->guest[call.handle];
		if (call.guest->state == PSP_GUEST_FREE)
			return PSP_INVALID_GUEST;
		if (!(command->guest & IN(call.guest->state)))
			return PSP_INVALID_GUEST_STATE;
	}
	return command->run(&call);
}
