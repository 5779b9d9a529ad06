/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An emulated AMD secure processor with the SEV firmware, and no cryptography.
 *
 * psp-sev.c       the PCI device and its mailbox
 * psp-firmware.c  the firmware: what each command of the SEV API 1.55 does
 * psp-snp.c       the same for SEV-SNP, and the table of pages' owners (RMP)
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

#define PSP_API_MAJOR 1
#define PSP_API_MINOR 55
#define PSP_BUILD     21
#define PSP_SNP_FIRST 0x080 /* SEV-SNP's command numbers are from here on */

/* In the IOMMU's extended features: it goes by the table of pages' owners. */
#define PSP_IOMMU_SNP (1ull << 63)

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
	PSP_INVALID_PAGE_SIZE = 0x19,
	PSP_INVALID_PAGE_STATE = 0x1a,
	PSP_INVALID_PAGE_OWNER = 0x1c,
};

enum psp_platform_state { PSP_UNINIT, PSP_INIT, PSP_WORKING };
enum psp_guest_state { PSP_GUEST_FREE, PSP_LUPDATE, PSP_LSECRET, PSP_RUNNING };

struct psp_guest {
	enum psp_guest_state state;
	uint32_t policy;
	uint32_t asid;	   /* 0: not activated */
	GChecksum *digest; /* of what LAUNCH_UPDATE_DATA was given */
};

struct psp_snp_guest {
	uint64_t context; /* its page's address, by which it is known; 0: free */
	enum psp_guest_state state;
	uint64_t policy;
	uint32_t asid;
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
	bool snp; /* initialised for SEV-SNP */
	struct psp_snp_guest snp_guest[PSP_GUESTS];
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
	MemoryRegion bar, rmp;
	uint64_t rmp_bytes; /* 0: no table, no SEV-SNP */
	QEMUTimer *done;
	uint32_t cmdresp, addr_lo, addr_hi, inten, intsts;
	struct psp_firmware firmware;
	struct psp_rules rules;
	uint32_t count[PSP_COMMANDS];
	/* properties */
	uint32_t asids, es_asids; /* of guests without SEV-ES, and with it */
	bool snp;
	char *fail, *delay, *log_path;
	FILE *log;
};

/* A command that is being done. */
struct psp_call {
	PspSev *psp;
	struct psp_firmware *firmware;
	dma_addr_t buffer;
	uint32_t handle;
	struct psp_guest *guest;
	struct psp_snp_guest *snp_guest;
};

/* It sees the memory as it is, not through the IOMMU. */
static inline MemTxResult psp_read(PspSev *psp, hwaddr at, void *to, hwaddr bytes)
{
	return address_space_read(&address_space_memory, at, MEMTXATTRS_UNSPECIFIED, to, bytes);
}

static inline MemTxResult psp_write(PspSev *psp, hwaddr at, const void *from, hwaddr bytes)
{
	return address_space_write(&address_space_memory, at, MEMTXATTRS_UNSPECIFIED, from, bytes);
}

static inline uint32_t psp_ld32(PspSev *psp, dma_addr_t at)
{
	uint32_t value = 0;

	psp_read(psp, at, &value, sizeof(value));
	return le32_to_cpu(value);
}

static inline uint64_t psp_ld64(PspSev *psp, dma_addr_t at)
{
	return psp_ld32(psp, at) | (uint64_t)psp_ld32(psp, at + 4) << 32;
}

static inline void psp_st32(PspSev *psp, dma_addr_t at, uint32_t value)
{
	value = cpu_to_le32(value);
	psp_write(psp, at, &value, sizeof(value));
}

/* psp-sev.c: for the processor. No ASIDs: there is no such device. */
uint32_t psp_sev_asids(void);	 /* the highest */
uint32_t psp_sev_min_asid(void); /* the lowest of a guest without SEV-ES */
bool psp_sev_asid_is_active(uint32_t asid);
PspSev *psp_sev_with_snp(void); /* NULL: no SEV-SNP */

/* psp-snp.c: the entry of a page has this layout in processors of family 19h. */
#define PSP_RMP_ASSIGNED  (1ull << 0)
#define PSP_RMP_LARGE	  (1ull << 1)
#define PSP_RMP_IMMUTABLE (1ull << 2)
#define PSP_RMP_GPA	  0x0007fffffffff000ull
#define PSP_RMP_ASID(a)	  ((uint64_t)(a) << 51)
#define PSP_RMP_VMSA	  (1ull << 61)
#define PSP_RMP_VALIDATED (1ull << 62)

static inline uint32_t psp_rmp_asid(uint64_t entry)
{
	return entry >> 51 & 0x3ff;
}

bool psp_rmp_realize(PspSev *psp, Error **errp);
uint64_t psp_rmp_base(const PspSev *psp);
uint64_t psp_rmp_end(const PspSev *psp);
uint64_t *psp_rmp_entry(PspSev *psp, uint64_t address); /* NULL: none */
uint16_t psp_snp_run(struct psp_call *call, uint32_t id);
const char *psp_snp_command_name(uint32_t id); /* NULL: no such command */

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
