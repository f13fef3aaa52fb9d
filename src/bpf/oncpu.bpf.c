// SPDX-License-Identifier: GPL-2.0-only
/*
 * What runs on the CPUs, sampled: a clock of the kernel (perf's cpu-clock, which needs no counter of the processor) calls
 * this on every CPU at a fixed period, and one sample is added to what it interrupted.
 */
#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "oncpu.h"
#define ENTRY_KEY struct oncpu_key
#include "entries.bpf.h"
#include "filter.bpf.h"
#include "stacks.bpf.h"
#include "user_stacks.bpf.h"

const volatile struct oncpu_config config SEC(".rodata.config");

/*
 * Walks the kernel stack that was interrupted into the key. Where it was interrupted is hardly ever the same place twice, and
 * is kept apart from who called whom, or every sample would take the room of a whole stack.
 */
static __always_inline void walk_interrupted(__u32 generation, void *ctx, struct stack_totals *sums, struct oncpu_key *key)
{
	__u32 zero = 0;
	struct stack *stack = bpf_map_lookup_elem(&scratch, &zero);

	if (!stack)
		return;
	long bytes = bpf_get_stack(ctx, stack->frames, sizeof(stack->frames), 0);
	if (bytes < 0)
		sums->failed++;
	key->in_user = bytes == 0;
	if (bytes <= 0)
		return;
	/* An instruction that had not run: as a return address it would be the one behind. */
	__u64 leaf = stack->frames[0] + 1;
	stack->frames[0] = 0;
	stack->sched_depth = 0;
	stack->depth = (__u32)bytes / sizeof(__u64);
	if (stack->depth > 1)
		key->stack = keep_stack(generation, stack, sums);
	if (stack->depth == 1 || key->stack)
		key->leaf = leaf;
}

/* The idle loop does not count as running. */
SEC("perf_event")
int oncpu_sample(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct oncpu_key key = {};

	__u32 generation;

	if (control.stopped || task->pid == 0 || !identify(task, 0, &key.task))
		return 0;
	struct entry_totals *sums = current_totals(&generation);
	if (!sums)
		return 0;
	walk_interrupted(generation, ctx, &sums->stacks, &key);
	key.user_stack = walk_and_keep_user(generation, ctx, &sums->stacks);
	add_event(generation, &key, config.period_ns, 0, false, sums);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
