/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that offcpu.bpf.c fills and offcpu.c drains. */
#ifndef KERNELSCOPE_OFFCPU_H
#define KERNELSCOPE_OFFCPU_H

#include "filter.h"
#include "stacks.h"

/* Set before the program is loaded. */
struct offcpu_config {
	__u64 min_ns;
	__u64 max_ns;
	__u32 by_thread;          /* keep the threads of a thread group apart */
	__u32 has_prev_state;     /* sched_switch hands over the state, from 5.18 on */
	__u32 has_get_task_stack; /* bpf_get_task_stack, from 5.9 on */
	struct filter filter;
};

/* Written by the helper while the program runs. */
struct offcpu_control {
	__u32 generation; /* the one that is being filled */
	__u32 stopped;    /* nothing is recorded and no slot changes any more */
	__u64 seed_ns;    /* when tracing began: the start of what was blocked already */
	__u64 stop_ns;    /* when tracing stopped: the end of what is still blocked */
};

struct offcpu_key {
	__u64 stack; /* content hash; 0 where there is no stack */
	__u32 tgid;
	__u32 tid;   /* 0 unless by_thread */
	__u32 state; /* as the kernel has it, or STATE_RUNNABLE, or STATE_MISSED_IN */
	__u32 reserved;
	char comm[16];
};

/* A key of this state counts blocks whose end was hidden from BPF. */
#define STATE_MISSED_IN 0x40000000u

struct offcpu_value {
	__u64 ns;
	__u64 count;
	__u64 max_ns;
	__u64 open; /* how many of `count` had not ended when tracing stopped */
};

/* One per generation and CPU. Every event that passed the filters is in total, and in an entry or in one of lost_*. */
struct offcpu_totals {
	__u64 total_count;
	__u64 total_ns;
	__u64 lost_full_count; /* no room for another entry */
	__u64 lost_full_ns;
	__u64 lost_busy_count; /* the map was locked by an interrupted user of it */
	__u64 lost_busy_ns;
	__u64 missed_in;       /* blocks whose end was hidden */
	__u64 backwards;       /* blocks that ended before they began, by the clock: dropped */
	__u64 no_slot;         /* threads with a tid beyond the slots: not traced */
	struct stack_totals stacks;
};

#endif
