/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that offcpu.bpf.c fills and offcpu.c drains. */
#ifndef KERNELSCOPE_OFFCPU_H
#define KERNELSCOPE_OFFCPU_H

#include "entries.h"
#include "filter.h"

/* Set before the program is loaded. */
struct offcpu_config {
	__u32 has_get_task_stack; /* bpf_get_task_stack, from 5.9 on */
	__u32 run_queue_clock;    /* the time of a switch is what the run queue's clock shows */
};

struct offcpu_key {
	__u64 stack; /* content hash; 0 where there is no stack */
	__u64 user_stack; /* content hash, NO_USER_STACK, or 0 where none is asked for or the thread is the kernel's */
	struct task_key task;
	__u32 state; /* as the kernel has it, or STATE_RUNNABLE, or STATE_MISSED_IN */
	__u32 reserved;
};

/* A key of this state counts blocks whose end was hidden from BPF. */
#define STATE_MISSED_IN 0x40000000u

#endif
