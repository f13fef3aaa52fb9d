/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that oncpu.bpf.c fills and oncpu.c drains. */
#ifndef KERNELSCOPE_ONCPU_H
#define KERNELSCOPE_ONCPU_H

#include "entries.h"
#include "filter.h"

/* Set before the program is loaded. */
struct oncpu_config {
	__u64 period_ns; /* what one sample stands for */
};

struct oncpu_key {
	__u64 stack;      /* content hash of what called the leaf; 0 where there is no stack */
	__u64 leaf;       /* where the kernel was interrupted, as a return address; 0 where it was not */
	__u64 user_stack; /* content hash, NO_USER_STACK, or 0 where none is asked for or the thread is the kernel's */
	struct task_key task;
	__u32 in_user; /* the program's own code ran, so that there is no kernel stack */
	__u32 reserved;
};

#endif
