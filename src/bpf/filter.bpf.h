/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel side of the filters that every program takes. */
#ifndef KERNELSCOPE_FILTER_BPF_H
#define KERNELSCOPE_FILTER_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "filter.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_MAX_PIDS);
	__type(key, __u32);
	__type(value, __u8);
} pids SEC(".maps"), tids SEC(".maps");

/* A state as a user means it: TASK_IDLE (0x402) is I and not D, as in ps, and a sleeping rtlock counts as D. */
static __always_inline __u32 reported_state(__u32 state)
{
	if (state & TASK_NOLOAD)
		state &= ~TASK_UNINTERRUPTIBLE;
	if (state & TASK_RTLOCK_WAIT)
		state |= TASK_UNINTERRUPTIBLE;
	return state;
}

static __always_inline bool glob_matches(const volatile struct glob_machine *machine, const char *comm)
{
	__u64 states = machine->start;

	for (int i = 0; i < TASK_COMM_LEN; i++) {
		__u8 c = comm[i];
		if (c == 0)
			break;
		states = ((states & machine->accept[c]) << 1) | (states & machine->loop);
	}
	return states & machine->final;
}

/* Whether the filter lets a block of the task through, as far as the task itself goes: all but its name. */
static __always_inline bool task_passes(const volatile struct filter *filter, struct task_struct *task, __u32 state)
{
	__u32 tgid = task->tgid;
	__u32 tid = task->pid;

	if (tgid == filter->self_tgid)
		return false;
	if (filter->by_pid && !bpf_map_lookup_elem(&pids, &tgid))
		return false;
	if (filter->by_tid && !bpf_map_lookup_elem(&tids, &tid))
		return false;
	if (filter->state_mask && !(reported_state(state) & filter->state_mask))
		return false;
	if (filter->threads != FILTER_ALL_THREADS) {
		bool kernel_thread = task->flags & PF_KTHREAD;

		if (kernel_thread != (filter->threads == FILTER_KERNEL_THREADS))
			return false;
	}
	return true;
}

#endif
