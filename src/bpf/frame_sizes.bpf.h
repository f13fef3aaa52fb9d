/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How large the frames of the kernel's functions are, by the return address into them: looked up in the kernel's ORC
 * table in its own memory when an address is first met, and kept. The text that it tells of never changes or goes, for
 * modules are not looked up.
 */
#ifndef KERNELSCOPE_FRAME_SIZES_BPF_H
#define KERNELSCOPE_FRAME_SIZES_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include "kernel_stack.h"

const volatile struct kernel_stack_facts facts SEC(".rodata.stack");

/* Not constant, or the verifier would follow each way that a search in it can go. */
volatile struct orc_table orc SEC(".data.orc");

/*
 * How to get from a call to the frame of the caller. It is one word, so that CPUs can write and read it at the same time:
 *   bits 0-11   words up to the end of the frame; 0 where it is not known
 *   bits 12-23  how many words below the end the caller's frame pointer is saved; 0 where it still is in place
 *   bit 24      counted from the frame pointer; else from the stack pointer
 *   bits 25-31  what kind of entry the table has
 *   bits 32-63  the place in the text that this is about
 */
typedef __u64 frame_size;
#define FRAME_WORDS(size) ((size) & 0xfff)
#define FRAME_POINTER_WORDS(size) ((size) >> 12 & 0xfff)
#define FRAME_FROM_POINTER(size) ((size) >> 24 & 1)
#define FRAME_KIND(size) ((size) >> 25 & 0x7f)
#define FRAME_PLACE(size) ((size) >> 32)

/* Sets of two, found by a hash of the place; a third of one set takes the place of the older. */
#define FRAME_SIZE_SETS 8192

struct frame_sizes {
	frame_size slots[FRAME_SIZE_SETS * 2];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct frame_sizes);
} frame_sizes SEC(".maps");

/* An entry of the ORC table (arch/x86/include/asm/orc_types.h); this much of it never changed since 4.14. */
struct known_orc_entry {
	__s16 sp_offset;
	__s16 bp_offset;
	__u8 registers; /* sp_reg, then bp_reg */
	__u8 kind;      /* of other bits and meanings from version to version */
} __attribute__((packed));

enum { ORC_REG_UNDEFINED = 0, ORC_REG_PREV_SP = 1, ORC_REG_BP = 4, ORC_REG_SP = 5 };

/* What an entry says of a frame; 0 where it says something that ordinary functions do not need. */
static __always_inline frame_size size_of_frame(const struct known_orc_entry *entry)
{
	__u8 sp_reg = entry->registers & 15;
	__u8 bp_reg = entry->registers >> 4;
	__u64 end = (__u64)(__s64)entry->sp_offset;
	__u64 pointer = -(__u64)(__s64)entry->bp_offset;
	frame_size size = 0;

	/* Negative offsets are huge here. */
	if ((sp_reg != ORC_REG_SP && sp_reg != ORC_REG_BP) || end % 8 != 0 || end / 8 > 0xfff || entry->kind > 0x7f)
		return 0;
	if (bp_reg == ORC_REG_PREV_SP) {
		if (pointer == 0 || pointer % 8 != 0 || pointer / 8 > 0xfff)
			return 0;
		size = pointer / 8 << 12;
	} else if (bp_reg != ORC_REG_UNDEFINED) {
		return 0;
	}
	if (sp_reg == ORC_REG_BP)
		size |= 1 << 24;
	return size | end / 8 | (__u64)entry->kind << 25;
}

/* All bits where the number is negative, else none: a choice between numbers that is no branch. */
static __always_inline __u64 mask_if_negative(__u64 number)
{
	/* Or the compiler would find a branch for it, before and after. */
	__asm__ volatile("" : "+r"(number));
	__u64 mask = (__u64)((__s64)number >> 63);
	__asm__ volatile("" : "+r"(mask));
	return mask;
}

static __always_inline __u64 choose(__u64 mask, __u64 yes, __u64 no)
{
	return (yes & mask) | (no & ~mask);
}

/* More entries than two to the power of that no kernel has. */
#define ORC_SEARCH_STEPS 24

/* Finds the last entry of the ORC table at or below the address. Gives what it says of a frame, 0 for nothing. */
static __always_inline frame_size search_frame_size(__u64 address)
{
	struct known_orc_entry entry;
	__u64 low = 0;
	__u64 high = orc.count;

	/* All steps, though the last ones change nothing: the verifier would follow each way out. */
	for (__u32 i = 0; i < ORC_SEARCH_STEPS; i++) {
		__u64 middle = (low + high) / 2;
		__u64 slot = orc.ips + middle * sizeof(__s32);
		__s32 distance;

		if (bpf_probe_read_kernel(&distance, sizeof(distance), (const void *)slot))
			return 0;
		/* Both are in the upper half of all numbers, so that the difference has a sign. */
		__u64 is_above = mask_if_negative(address - (slot + (__u64)(__s64)distance));

		low = choose(is_above, low, middle);
		high = choose(is_above, middle, high);
	}
	if (high - low > 1 ||
	    bpf_probe_read_kernel(&entry, sizeof(entry), (const void *)(orc.entries + low * sizeof(entry))))
		return 0;
	return size_of_frame(&entry);
}

static __always_inline __u32 set_of(__u32 place)
{
	return (place * 0x9e3779b1u) >> 18 & (FRAME_SIZE_SETS - 1);
}

/* Whether this is not where a function returns to, but where it is seen to return. */
static __always_inline bool is_trampoline(__u64 address)
{
	for (__u32 i = 0; i < MAX_TRAMPOLINES; i++)
		if (address == facts.trampolines[i])
			return true;
	return false;
}

/*
 * Gives the frame of what a return address leads to, `place` bytes into the text, first in its set from now on: looked up where it
 * is not known. It is a function that the verifier sees once, and not for every frame of a stack.
 */
__attribute__((noinline)) __u64 learn_frame_size(__u32 place)
{
	__u32 zero = 0;
	struct frame_sizes *known = bpf_map_lookup_elem(&frame_sizes, &zero);
	__u64 address = facts.text.start + place;

	if (!known)
		return 0;
	frame_size *set = &known->slots[set_of(place) * 2];
	frame_size size = set[1];
	if (FRAME_PLACE(size) != place) {
		/* The call before the return address tells, for that may be the first byte of something else. */
		size = is_trampoline(address) ? 0 : search_frame_size(address - 1);
		size |= (__u64)place << 32;
	}
	set[1] = set[0];
	set[0] = size;
	return size;
}

static __always_inline frame_size find_frame_size(struct frame_sizes *known, __u32 place)
{
	frame_size size = *(volatile frame_size *)&known->slots[set_of(place) * 2];

	return FRAME_PLACE(size) == place ? size : learn_frame_size(place);
}

#endif
