// SPDX-License-Identifier: GPL-2.0-only
/* Reads the clock of the run queue and CLOCK_MONOTONIC at once, on the CPU of the task that runs this. */
#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "clock.bpf.h"
#include "clock.h"

volatile struct clock_reading reading SEC(".data.reading");

/* The first task that it is called for does: the others come too long after the run queue's clock was brought up to date. */
SEC("iter/task")
int read_clocks(struct bpf_iter__task *ctx)
{
	if (reading.monotonic_ns)
		return 0;
	struct task_struct *self = (void *)bpf_get_current_task();

	reading.run_queue_ns = BPF_CORE_READ(self, se.cfs_rq, rq, clock);
	reading.monotonic_ns = bpf_ktime_get_ns();
	return 0;
}

/* Never attached: where it can be loaded, so can the programs that take the time in this way. */
SEC("tp_btf/sched_switch")
int take_switch_time(__u64 *ctx)
{
	reading.run_queue_ns = switch_time((void *)ctx[1], true);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
