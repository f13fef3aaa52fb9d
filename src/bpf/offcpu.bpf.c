// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time off the CPU, per process and stack.
 *
 * A slot per tid holds when the thread was switched out. When it is switched in again, the threshold and the filters
 * are tested before its stack is walked, and the time goes to a hash keyed by process, state and the stack's content
 * hash.
 *
 * Built twice: with KERNELSCOPE_ATOMICS for kernels from 5.15 on, and without for those from 5.8 on.
 */
#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "clock.bpf.h"
#include "offcpu.h"
#define ENTRY_KEY struct offcpu_key
#include "entries.bpf.h"
#include "filter.bpf.h"
#include "kernel_stack.bpf.h"
#include "stacks.bpf.h"
#include "user_stacks.bpf.h"

const volatile struct offcpu_config config SEC(".rodata.config");

struct offcpu_slot {
	__u64 start_ns; /* when it went off the CPU */
	__u32 state;
	__u32 seeded;   /* it was off the CPU when tracing began */
#ifndef KERNELSCOPE_ATOMICS
	__u64 stack;    /* content hash of the stack, where it had to be walked on the way out (5.8) */
#endif
};
#define SLOT struct offcpu_slot
#include "slots.bpf.h"

/* Records a block of `ns` that ended, or is still open, if the filters let it through. */
static __always_inline void record(struct task_struct *task, struct offcpu_slot *slot, __u64 ns, bool open)
{
	struct offcpu_key key = { .state = slot->state };
	__u32 generation;

	if (!duration_passes(ns) || !identify(task, key.state, &key.task))
		return;
	struct entry_totals *sums = current_totals(&generation);
	if (!sums)
		return;
#ifndef KERNELSCOPE_ATOMICS
	if (!config.has_get_task_stack)
		key.stack = slot->stack;
	else
#endif
		if (!walk_task(generation, task, &sums->stacks, &key.stack))
			return;
	key.user_stack = keep_user_stack(generation, task, &sums->stacks);
	add_event(generation, &key, ns, 0, open, sums);
}

/* Counts a block whose end was hidden, unless even the longest that it can have been is below the threshold. */
static __always_inline void count_hidden(struct task_struct *task, struct offcpu_slot *slot, __u64 longest_ns)
{
	struct offcpu_key key = { .state = STATE_MISSED_IN };

	if (longest_ns >= filter.min_ns && identify(task, slot->state, &key.task))
		count_missed(&key);
}

#ifndef KERNELSCOPE_ATOMICS
/* 5.8 can walk the current task's stack alone, and so must before it knows how long the block will be. */
static __always_inline __u64 walk_on_the_way_out(void *ctx, struct task_struct *prev, __u32 state)
{
	__u32 generation;
	struct entry_totals *sums = current_totals(&generation);

	if (!sums || !task_passes(prev, state))
		return 0;
	return walk_current(generation, ctx, &sums->stacks);
}
#endif

static __always_inline void switch_out(void *ctx, struct task_struct *prev, __u32 state, bool preempt, __u64 now)
{
	struct offcpu_slot *slot = need_slot(prev);

	if (!slot)
		return;
	if (slot->start_ns && !slot->seeded)
		count_hidden(prev, slot, now - slot->start_ns);
	if (!preempt && is_dead(state)) {
		slot->start_ns = 0;
		forget_user(prev);
		return;
	}
	slot->state = state == 0 || preempt ? STATE_RUNNABLE : state;
	slot->seeded = 0;
	slot->start_ns = now;
	if (user_walk && task_passes(prev, slot->state))
		walk_user_on_the_way_out(ctx, prev);
#ifndef KERNELSCOPE_ATOMICS
	if (!config.has_get_task_stack)
		slot->stack = walk_on_the_way_out(ctx, prev, slot->state);
#endif
}

static __always_inline void switch_in(struct task_struct *next, __u64 now)
{
	struct offcpu_slot *slot = find_slot(next);

	if (!slot)
		return;
	__u64 start_ns = slot->start_ns;
	if (!start_ns)
		return;
	slot->start_ns = 0;
	if (now < start_ns)
		count_backwards();
	else
		record(next, slot, now - start_ns, false);
}

/* sched_switch(bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state) */
SEC("tp_btf/sched_switch")
int offcpu_switch(__u64 *ctx)
{
	struct task_struct *prev = (void *)ctx[1];
	struct task_struct *next = (void *)ctx[2];

	if (control.stopped)
		return 0;
	__u64 now = switch_time(prev, config.run_queue_clock);

	switch_out(ctx, prev, state_at_switch(ctx), (bool)ctx[0], now);
	switch_in(next, now);
	return 0;
}

/* Run once before sched_switch is attached: gives what is blocked already the beginning of the trace as its start. */
SEC("iter/task")
int offcpu_seed(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	if (!task)
		return 0;
	__u32 state = state_of(task);
	if (state == 0 || is_dead(state))
		return 0;
	struct offcpu_slot *slot = find_slot(task);
	if (!slot)
		return 0;
	slot->state = state;
	slot->seeded = 1;
	slot->start_ns = control.seed_ns;
	return 0;
}

/* Run once after everything stopped: reports what is still blocked (bcc #558: a switch-in alone never does). */
SEC("iter/task")
int offcpu_open(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u64 start_ns;
	struct offcpu_slot *slot = end_slot(task, &start_ns);
	if (!slot)
		return 0;
	__u64 ns = control.stop_ns - start_ns;
	if (is_on_cpu(task))
		count_hidden(task, slot, ns);
	else
		record(task, slot, slot->seeded ? control.traced_ns : ns, true);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
