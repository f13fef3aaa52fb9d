/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where each thread stands, by its tid, for programs at sched_switch.
 * SLOT is the type of what is known of a thread; a program defines it before it includes this. Its `start_ns` is since when
 * the event goes on that the thread is in, 0 where there is none or its beginning is not known.
 */
#ifndef KERNELSCOPE_SLOTS_BPF_H
#define KERNELSCOPE_SLOTS_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include "entries.bpf.h"
#include "filter.bpf.h"

/* sched_switch hands over the state, from 5.18 on. */
const volatile __u32 has_prev_state SEC(".rodata.slots");

/* The helper sizes it before load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, SLOT);
} slots SEC(".maps");

/* Gives the slot of a thread; 0 for the idle threads, which are not recorded, and where there is none. */
static __always_inline SLOT *find_slot(struct task_struct *task)
{
	__u32 tid = task->pid;

	return tid == 0 ? 0 : bpf_map_lookup_elem(&slots, &tid);
}

/* The same, and counts that there is none. */
static __always_inline SLOT *need_slot(struct task_struct *task)
{
	SLOT *slot = find_slot(task);
	__u32 generation;

	if (slot || task->pid == 0)
		return slot;
	struct entry_totals *sums = current_totals(&generation);
	if (sums)
		sums->no_slot++;
	return 0;
}

/*
 * For the iterator that is run over all tasks when everything has stopped: gives the slot of one whose event still goes on, which is
 * over with that, and since when it does; else 0.
 */
static __always_inline SLOT *end_slot(struct task_struct *task, __u64 *start_ns)
{
	SLOT *slot = task ? find_slot(task) : 0;

	if (!slot)
		return 0;
	*start_ns = slot->start_ns;
	if (!*start_ns || *start_ns > control.stop_ns)
		return 0;
	slot->start_ns = 0;
	return slot;
}

/* The state in which the thread leaves the CPU, from what sched_switch hands over: preempt, prev, next, prev_state. */
static __always_inline __u32 state_at_switch(__u64 *ctx)
{
	/* Before 5.18 (fa2c3254d7cf "sched/tracing: Don't re-read p->state") a wake-up may have changed it since. */
	return has_prev_state ? (__u32)ctx[3] : state_of((void *)ctx[1]);
}

/* The tid of a task that died may be given to another at once. */
static __always_inline bool is_dead(__u32 state)
{
	return state & (TASK_DEAD | EXIT_DEAD | EXIT_ZOMBIE);
}

#endif
