/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that runqlat.bpf.c fills and runqlat.c drains. */
#ifndef KERNELSCOPE_RUNQLAT_H
#define KERNELSCOPE_RUNQLAT_H

#include "entries.h"
#include "filter.h"

/* Set before the program is loaded. */
struct runqlat_config {
	__u64 min_ns;
	__u64 max_ns;
	__u32 by_thread;      /* keep the threads of a thread group apart */
	__u32 has_prev_state; /* sched_switch hands over the state, from 5.18 on */
	struct filter filter;
};

struct runqlat_key {
	__u32 tgid;
	__u32 tid;    /* 0 unless by_thread */
	__u32 missed; /* counts waits whose beginning or end was hidden from BPF */
	char comm[16];
};

#endif
