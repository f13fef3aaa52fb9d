/* SPDX-License-Identifier: GPL-2.0-only */
/* When a switch was, for programs at sched_switch; clock.c says by which clock. */
#ifndef KERNELSCOPE_CLOCK_BPF_H
#define KERNELSCOPE_CLOCK_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>

/*
 * The time of the switch away from `prev`, in ns. The scheduler has just read a clock for its own accounts
 * (update_rq_clock in __schedule) and keeps it in the run queue, which is that of `prev` until the switch is over: to load it
 * takes a tenth of what it takes to read a clock again.
 */
static __always_inline __u64 switch_time(struct task_struct *prev, bool by_run_queue)
{
	return by_run_queue ? prev->se.cfs_rq->rq->clock : bpf_ktime_get_ns();
}

#endif
