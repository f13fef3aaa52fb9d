/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The user side of caller_stacks.bpf.h: finds where interrupts enter the kernel. */
#include <bpf/libbpf.h>
#include <string.h>
#include "caller_stacks.h"
#include "loader.h"

struct entry_search {
	struct interrupt_entries *found;
	__u32 count; /* of ranges that have begun */
	bool is_open; /* the last one lacks its end */
};

/* The same as src/core/trace/caller-frames.ts tells by the names of frames. */
static bool enters_by_interrupt(const char *name)
{
	static const char *const names[] = {
		"asm_common_interrupt", "asm_spurious_interrupt", "asm_exc_xen_hypervisor_callback",
		"el0_irq", "el1_irq", /* arm64 before 5.14 */
		"el0t_64_irq", "el0t_32_irq", "el1h_64_irq", "el1t_64_irq",
	};

	if (strncmp(name, "asm_sysvec_", strlen("asm_sysvec_")) == 0)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Those that follow each other are one range. */
static void note_entry(__u64 address, char type, const char *name, void *context)
{
	struct entry_search *search = context;
	(void)type;

	if (enters_by_interrupt(name)) {
		/* One that finds no room is told by its name alone, later. */
		if (search->is_open || search->count == MAX_INTERRUPT_ENTRIES)
			return;
		search->found->ranges[search->count++].start = address;
		search->is_open = true;
	} else if (search->is_open && address > search->found->ranges[search->count - 1].start) {
		search->found->ranges[search->count - 1].end = address;
		search->is_open = false;
	}
}

void prepare_caller_stacks(struct bpf_object *object, const struct options *options)
{
	struct entry_search search = { .found = initial_value(object, ".rodata.interrupts", sizeof(*search.found)) };

	prepare_stacks(object, options, STACK_WALKED);
	prepare_user_stacks(object, options);
	/* Reading the symbols takes some milliseconds. */
	if (options->user_stacks)
		each_kernel_symbol(note_entry, &search);
}
