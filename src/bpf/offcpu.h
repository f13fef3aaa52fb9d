/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that offcpu.bpf.c fills and offcpu.c drains. */
#ifndef KERNELSCOPE_OFFCPU_H
#define KERNELSCOPE_OFFCPU_H

#include "entries.h"
#include "filter.h"

/* Set before the program is loaded. */
struct offcpu_config {
	__u64 min_ns;
	__u64 max_ns;
	__u32 by_thread;          /* keep the threads of a thread group apart */
	__u32 has_prev_state;     /* sched_switch hands over the state, from 5.18 on */
	__u32 has_get_task_stack; /* bpf_get_task_stack, from 5.9 on */
	__u32 user_walk;          /* enum user_walk: whether user stacks are walked, and how */
	__u32 run_queue_clock;    /* the time of a switch is what the run queue's clock shows */
	__u32 reserved;
	struct filter filter;
};

struct offcpu_key {
	__u64 stack; /* content hash; 0 where there is no stack */
	__u64 user_stack; /* content hash, NO_USER_STACK, or 0 where none is asked for or the thread is the kernel's */
	__u32 tgid;
	__u32 tid;   /* 0 unless by_thread */
	__u32 state; /* as the kernel has it, or STATE_RUNNABLE, or STATE_MISSED_IN */
	__u32 reserved;
	char comm[16];
};

/* A key of this state counts blocks whose end was hidden from BPF. */
#define STATE_MISSED_IN 0x40000000u

#endif
