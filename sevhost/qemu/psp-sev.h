/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An emulated AMD secure processor with the SEV firmware, and no cryptography.
 *
 * psp-sev.c       the PCI device and its mailbox
 * psp-firmware.c  the firmware: what each command of the SEV API 1.55 does
 * psp-rules.c     faults and delays that tests ask for
 *
 * Goes to include/hw/misc/psp-sev.h.
 */
#ifndef PSP_SEV_H
#define PSP_SEV_H

#include "hw/pci/pci.h"

#define TYPE_PSP_SEV "psp-sev"
OBJECT_DECLARE_SIMPLE_TYPE(PspSev, PSP_SEV)

#define PSP_COMMANDS 0x100 /* command numbers are below this */
#define PSP_GUESTS   1024  /* handles are 1 to this - 1 */
#define PSP_ASIDS    1024  /* ASIDs are 1 to this - 1 */
#define PSP_RULES    32

/* Status codes of the SEV API. */
enum psp_status {
	PSP_SUCCESS = 0x00,
	PSP_INVALID_PLATFORM_STATE = 0x01,
	PSP_INVALID_GUEST_STATE = 0x02,
	PSP_INVALID_LEN = 0x04,
	PSP_POLICY_FAILURE = 0x07,
	PSP_INACTIVE = 0x08,
	PSP_INVALID_ADDRESS = 0x09,
	PSP_BAD_SIGNATURE = 0x0a,
	PSP_BAD_MEASUREMENT = 0x0b,
	PSP_ASID_OWNED = 0x0c,
	PSP_INVALID_ASID = 0x0d,
	PSP_DFFLUSH_REQUIRED = 0x0f,
	PSP_INVALID_GUEST = 0x10,
	PSP_INVALID_COMMAND = 0x11,
	PSP_ACTIVE = 0x12,
	PSP_UNSUPPORTED = 0x15,
	PSP_INVALID_PARAM = 0x16,
	PSP_RESOURCE_LIMIT = 0x17,
};

enum psp_platform_state { PSP_UNINIT, PSP_INIT, PSP_WORKING };
enum psp_guest_state { PSP_GUEST_FREE, PSP_LUPDATE, PSP_LSECRET, PSP_RUNNING };

struct psp_guest {
	enum psp_guest_state state;
	uint32_t policy;
	uint32_t asid;	   /* 0: not activated */
	GChecksum *digest; /* of what LAUNCH_UPDATE_DATA was given */
};

struct psp_firmware {
	bool initialised;
	bool es;		     /* initialised for SEV-ES guests */
	uint32_t es_asids;	     /* these come first */
	uint32_t asids;		     /* the highest of all */
	uint64_t measurements;	     /* the nonce of the next one */
	uint32_t owner[PSP_ASIDS];   /* a guest's handle */
	bool needs_flush[PSP_ASIDS]; /* was deactivated, no DF_FLUSH since */
	struct psp_guest guest[PSP_GUESTS];
};

/* What a test asked for: the command fails, or takes its time. */
struct psp_rule {
	uint16_t command;
	uint16_t status;
	uint32_t nth; /* from now on; 0: every time */
};

struct psp_rules {
	struct psp_rule fail[PSP_RULES]; /* free where command is 0 */
	uint32_t delay_us[PSP_COMMANDS];
	uint32_t delay_us_per_mib[PSP_COMMANDS];
};

struct PspSev {
	PCIDevice parent_obj;
	MemoryRegion bar;
	QEMUTimer *done;
	uint32_t cmdresp, addr_lo, addr_hi, inten, intsts;
	struct psp_firmware firmware;
	struct psp_rules rules;
	uint32_t count[PSP_COMMANDS];
	/* properties */
	uint32_t asids, es_asids; /* of guests without SEV-ES, and with it */
	char *fail, *delay, *log_path;
	FILE *log;
};

static inline uint32_t psp_ld32(PspSev *psp, dma_addr_t at)
{
	uint32_t value = 0;

	pci_dma_read(&psp->parent_obj, at, &value, sizeof(value));
	return le32_to_cpu(value);
}

static inline uint64_t psp_ld64(PspSev *psp, dma_addr_t at)
{
	return psp_ld32(psp, at) | (uint64_t)psp_ld32(psp, at + 4) << 32;
}

static inline void psp_st32(PspSev *psp, dma_addr_t at, uint32_t value)
{
	value = cpu_to_le32(value);
	pci_dma_write(&psp->parent_obj, at, &value, sizeof(value));
}

/* psp-sev.c: for the processor. No ASIDs: there is no such device. */
uint32_t psp_sev_asids(void);	 /* the highest */
uint32_t psp_sev_min_asid(void); /* the lowest of a guest without SEV-ES */
bool psp_sev_asid_is_active(uint32_t asid);

/* psp-firmware.c */
void psp_firmware_reset(struct psp_firmware *firmware);
uint16_t psp_firmware_run(PspSev *psp, uint32_t id, dma_addr_t buffer);
const char *psp_command_name(uint32_t id);     /* NULL: no such command */
uint32_t psp_command_number(const char *name); /* 0: no such command */
uint32_t psp_command_bytes(PspSev *psp, uint32_t id, dma_addr_t buffer);

/* psp-rules.c */
bool psp_rules_add_fail(struct psp_rules *rules, uint32_t id, uint16_t status, uint32_t nth);
bool psp_rules_parse(struct psp_rules *rules, const char *fail, const char *delay, Error **errp);
uint16_t psp_rules_status(struct psp_rules *rules, uint32_t id); /* PSP_SUCCESS: no rule */
uint64_t psp_rules_delay_ns(const struct psp_rules *rules, uint32_t id, uint32_t bytes);

#endif
