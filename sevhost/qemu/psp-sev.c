// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PCI device 1022:14ca: an AMD secure processor with SEV and no other engine, as the Linux driver
 * ccp finds it. A command is written to the mailbox in BAR 2 and answered there, at once or after
 * the delay that a test asked for.
 *
 * A vendor-specific capability at 0xc0 of its configuration space lets a test inside the machine
 * make commands fail or slow, and count them (sevhost/guest/psp drives it).
 */
#include "qemu/osdep.h"

#include "hw/misc/psp-sev.h"
#include "hw/pci/msi.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/timer.h"

#define BAR_BYTES   0x20000
#define REG_INTEN   0x10690
#define REG_INTSTS  0x10694
#define REG_CMDRESP 0x10980
#define REG_ADDR_LO 0x109e0
#define REG_ADDR_HI 0x109e4
#define REG_FEATURE 0x109fc

#define FEATURE_SEV	   (1u << 0)
#define CMDRESP_INTERRUPT  (1u << 0)
#define CMDRESP_COMMAND(v) (((v) >> 16) & 0x3ff)
#define CMDRESP_DONE	   (1u << 31)
#define INTERRUPT_MAILBOX  (1u << 1)

/* The test's capability: command u16, status u16, number u32, verb u32. The verb acts when it is
 * written and reads back as 0 if it was done, as 1 if it was refused. */
#define TEST_CAP	 0xc0
#define TEST_CAP_BYTES	 16
#define TEST_COMMAND	 (TEST_CAP + 4)
#define TEST_STATUS	 (TEST_CAP + 6)
#define TEST_NUMBER	 (TEST_CAP + 8)
#define TEST_VERB	 (TEST_CAP + 12)
#define CONFIG_BAR_INDEX 2

enum test_verb { TEST_FAIL = 1, TEST_DELAY, TEST_DELAY_PER_MIB, TEST_COUNT, TEST_CLEAR };

static PspSev *the_psp; /* the processor asks it about ASIDs */

uint32_t psp_sev_asids(void)
{
	return the_psp ? the_psp->firmware.asids : 0;
}

uint32_t psp_sev_min_asid(void)
{
	return the_psp ? the_psp->firmware.es_asids + 1 : 0;
}

bool psp_sev_asid_is_active(uint32_t asid)
{
	return the_psp && asid && asid <= the_psp->firmware.asids && the_psp->firmware.owner[asid];
}

PspSev *psp_sev_with_snp(void)
{
	return the_psp && the_psp->rmp_bytes ? the_psp : NULL;
}

static void update_interrupt(PspSev *psp)
{
	bool pending = psp->intsts & psp->inten;

	if (!msi_enabled(&psp->parent_obj))
		pci_set_irq(&psp->parent_obj, pending);
	else if (pending)
		msi_notify(&psp->parent_obj, 0);
}

static void answer(void *opaque)
{
	PspSev *psp = opaque;
	uint32_t id = CMDRESP_COMMAND(psp->cmdresp);
	dma_addr_t buffer = psp->addr_lo | (uint64_t)psp->addr_hi << 32;
	const char *name = psp_command_name(id);
	uint16_t status = psp_rules_status(&psp->rules, id);
	bool injected = status != PSP_SUCCESS;

	if (id < PSP_COMMANDS)
		psp->count[id]++;
	if (!injected)
		status = psp_firmware_run(psp, id, buffer);
	if (psp->log) {
		fprintf(psp->log, "%" PRId64 " us 0x%03x %s -> 0x%02x%s\n",
			qemu_clock_get_us(QEMU_CLOCK_VIRTUAL), id, name ? name : "(no command)",
			status, injected ? " (injected)" : "");
		fflush(psp->log);
	}
	if (psp->cmdresp & CMDRESP_INTERRUPT)
		psp->intsts |= INTERRUPT_MAILBOX;
	psp->cmdresp = CMDRESP_DONE | status;
	update_interrupt(psp);
}

static void command(PspSev *psp, uint32_t value)
{
	uint32_t id = CMDRESP_COMMAND(value);
	dma_addr_t buffer = psp->addr_lo | (uint64_t)psp->addr_hi << 32;
	uint64_t delay_ns = psp_rules_delay_ns(&psp->rules, id, psp_command_bytes(psp, id, buffer));

	if (timer_pending(psp->done)) /* busy: the driver never does this */
		return;
	psp->cmdresp = value & ~CMDRESP_DONE;
	if (delay_ns)
		timer_mod(psp->done, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + delay_ns);
	else
		answer(psp);
}

static uint64_t bar_read(void *opaque, hwaddr at, unsigned int size)
{
	PspSev *psp = opaque;

	switch (at) {
	case REG_INTEN:
		return psp->inten;
	case REG_INTSTS:
		return psp->intsts;
	case REG_CMDRESP:
		return psp->cmdresp;
	case REG_ADDR_LO:
		return psp->addr_lo;
	case REG_ADDR_HI:
		return psp->addr_hi;
	case REG_FEATURE:
		return FEATURE_SEV;
	default:
		return 0;
	}
}

static void bar_write(void *opaque, hwaddr at, uint64_t value, unsigned int size)
{
	PspSev *psp = opaque;

	switch (at) {
	case REG_INTEN:
		psp->inten = value;
		break;
	case REG_INTSTS: /* a one clears */
		psp->intsts &= ~value;
		update_interrupt(psp);
		break;
	case REG_CMDRESP:
		command(psp, value);
		break;
	case REG_ADDR_LO:
		psp->addr_lo = value;
		break;
	case REG_ADDR_HI:
		psp->addr_hi = value;
		break;
	}
}

static const MemoryRegionOps bar_ops = {
	.read = bar_read,
	.write = bar_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = {.min_access_size = 4, .max_access_size = 4},
};

static bool test_verb(PspSev *psp, uint32_t verb)
{
	uint8_t *config = psp->parent_obj.config;
	uint32_t id = pci_get_word(config + TEST_COMMAND);
	uint16_t status = pci_get_word(config + TEST_STATUS);
	uint32_t number = pci_get_long(config + TEST_NUMBER);

	if (verb == TEST_CLEAR) {
		memset(&psp->rules, 0, sizeof(psp->rules));
		return true;
	}
	if (!psp_command_name(id))
		return false;
	switch (verb) {
	case TEST_FAIL:
		return psp_rules_add_fail(&psp->rules, id, status, number);
	case TEST_DELAY:
		psp->rules.delay_us[id] = number;
		return true;
	case TEST_DELAY_PER_MIB:
		psp->rules.delay_us_per_mib[id] = number;
		return true;
	case TEST_COUNT:
		pci_set_long(config + TEST_NUMBER, psp->count[id]);
		return true;
	default:
		return false;
	}
}

static void config_write(PCIDevice *device, uint32_t at, uint32_t value, int length)
{
	PspSev *psp = PSP_SEV(device);

	pci_default_write_config(device, at, value, length);
	if (at == TEST_VERB && length == 4)
		pci_set_long(device->config + TEST_VERB, !test_verb(psp, value));
}

static bool open_log(PspSev *psp, Error **errp)
{
	if (!psp->log_path)
		return true;
	psp->log = fopen(psp->log_path, "we");
	if (!psp->log)
		error_setg_errno(errp, errno, "psp-sev: cannot write %s", psp->log_path);
	return psp->log != NULL;
}

static void realize(PCIDevice *device, Error **errp)
{
	PspSev *psp = PSP_SEV(device);

	if (the_psp) {
		error_setg(errp, "psp-sev: a machine has one secure processor");
		return;
	}
	if (!psp->asids || psp->asids >= PSP_ASIDS || psp->es_asids >= PSP_ASIDS - psp->asids) {
		error_setg(errp, "psp-sev: asids must be 1 to %d, with es-asids", PSP_ASIDS - 1);
		return;
	}
	if (!psp_rules_parse(&psp->rules, psp->fail, psp->delay, errp) || !open_log(psp, errp))
		return;
	if (psp->snp && !psp_rmp_realize(psp, errp))
		return;
	psp->firmware.es_asids = psp->es_asids;
	psp->firmware.asids = psp->es_asids + psp->asids;
	psp->done = timer_new_ns(QEMU_CLOCK_VIRTUAL, answer, psp);
	memory_region_init_io(&psp->bar, OBJECT(psp), &bar_ops, psp, TYPE_PSP_SEV, BAR_BYTES);
	pci_register_bar(device, CONFIG_BAR_INDEX, PCI_BASE_ADDRESS_SPACE_MEMORY, &psp->bar);
	device->config[PCI_INTERRUPT_PIN] = 1;
	if (msi_init(device, 0, 1, true, false, errp) < 0 ||
	    pci_add_capability(device, PCI_CAP_ID_VNDR, TEST_CAP, TEST_CAP_BYTES, errp) < 0)
		return;
	device->config[TEST_CAP + 2] = TEST_CAP_BYTES;
	memset(device->wmask + TEST_COMMAND, 0xff, TEST_CAP_BYTES - 4);
	the_psp = psp;
}

static void reset(DeviceState *device)
{
	PspSev *psp = PSP_SEV(device);

	timer_del(psp->done);
	psp->cmdresp = psp->addr_lo = psp->addr_hi = psp->inten = psp->intsts = 0;
	psp_firmware_reset(&psp->firmware);
}

static Property properties[] = {
	DEFINE_PROP_UINT32("asids", PspSev, asids, 15),
	DEFINE_PROP_UINT32("es-asids", PspSev, es_asids, 15),
	DEFINE_PROP_BOOL("snp", PspSev, snp, false),
	DEFINE_PROP_STRING("fail", PspSev, fail),
	DEFINE_PROP_STRING("delay", PspSev, delay),
	DEFINE_PROP_STRING("log", PspSev, log_path),
	DEFINE_PROP_END_OF_LIST(),
};

static void class_init(ObjectClass *class, void *data)
{
	PCIDeviceClass *pci = PCI_DEVICE_CLASS(class);
	DeviceClass *device = DEVICE_CLASS(class);

	pci->realize = realize;
	pci->config_write = config_write;
	pci->vendor_id = 0x1022;
	pci->device_id = 0x14ca;
	pci->class_id = PCI_CLASS_OTHERS;
	device->reset = reset;
	device->hotpluggable = false;
	device->desc = "AMD secure processor with SEV, emulated without cryptography";
	device_class_set_props(device, properties);
	set_bit(DEVICE_CATEGORY_MISC, device->categories);
}

static const TypeInfo psp_sev_type = {
	.name = TYPE_PSP_SEV,
	.parent = TYPE_PCI_DEVICE,
	.instance_size = sizeof(PspSev),
	.class_init = class_init,
	.interfaces = (InterfaceInfo[]){{INTERFACE_CONVENTIONAL_PCI_DEVICE}, {}},
};

static void register_types(void)
{
	type_register_static(&psp_sev_type);
}

type_init(register_types)
