/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that offwake.bpf.c fills and offwake.c drains. */
#ifndef KERNELSCOPE_OFFWAKE_H
#define KERNELSCOPE_OFFWAKE_H

#include "entries.h"
#include "filter.h"

/* Set before the program is loaded. */
struct offwake_config {
	__u64 min_ns;
	__u64 max_ns;
	__u32 by_thread;      /* keep the threads of a thread group apart */
	__u32 has_prev_state; /* sched_switch hands over the state, from 5.18 on */
	struct filter filter;
};

/* What became of a block. */
enum offwake_end {
	OFFWAKE_WOKEN = 0,
	OFFWAKE_ASLEEP = 1, /* it had not ended when tracing stopped */
	OFFWAKE_MISSED = 2, /* its end was hidden from BPF: only counted */
};

struct offwake_key {
	__u64 stack;       /* of the thread that was blocked: content hash; 0 where there is no stack */
	__u64 waker_stack; /* of what woke it */
	__u32 tgid;
	__u32 tid;   /* 0 unless by_thread */
	__u32 state; /* as the kernel has it */
	__u32 end;   /* enum offwake_end */
	char comm[16];
	char waker[16]; /* name of what ran when it was woken */
};

#endif
