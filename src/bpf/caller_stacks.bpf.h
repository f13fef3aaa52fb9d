/* SPDX-License-Identifier: GPL-2.0-only */
/* Walks the stacks of who runs into a tracepoint: of the kernel, and of the program that called it. */
#ifndef KERNELSCOPE_CALLER_STACKS_BPF_H
#define KERNELSCOPE_CALLER_STACKS_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include "caller_stacks.h"
#include "filter.bpf.h"
#include "stacks.bpf.h"
#include "user_stacks.bpf.h"

/* Set before the program is loaded. */
const volatile struct interrupt_entries interrupts SEC(".rodata.interrupts");

/*
 * Whether the kernel stack in the scratch is that of an interrupt, so that the program below it has no part in what is done;
 * or not known. There is no helper before 6.18 that tells.
 */
static __always_inline bool may_be_interrupt(void)
{
	__u32 zero = 0;
	struct stack *stack = bpf_map_lookup_elem(&scratch, &zero);

	if (!stack || stack->depth == 0)
		return true;
	for (__u32 i = 0; i < MAX_FRAMES; i++) {
		if (i >= stack->depth)
			break;
		for (__u32 entry = 0; entry < MAX_INTERRUPT_ENTRIES; entry++)
			if (is_within(stack->frames[i], &interrupts.ranges[entry]))
				return true;
	}
	return false;
}

/* Walks both stacks of who runs into their ids. `user` is 0 where it is the kernel's doing: that of a thread or an interrupt. */
static __always_inline void walk_caller(__u32 generation, void *ctx, struct stack_totals *sums, __u64 *kernel, __u64 *user)
{
	*kernel = walk_current(generation, ctx, sums);
	*user = user_walk && !may_be_interrupt() ? walk_and_keep_user(generation, ctx, sums) : 0;
}

#endif
