/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that runqlat.bpf.c fills and runqlat.c drains. */
#ifndef KERNELSCOPE_RUNQLAT_H
#define KERNELSCOPE_RUNQLAT_H

#include "entries.h"
#include "filter.h"

struct runqlat_key {
	struct task_key task;
	__u32 missed; /* counts waits whose beginning or end was hidden from BPF */
};

#endif
