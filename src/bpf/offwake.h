/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that offwake.bpf.c fills and offwake.c drains. */
#ifndef KERNELSCOPE_OFFWAKE_H
#define KERNELSCOPE_OFFWAKE_H

#include "entries.h"
#include "filter.h"

/* What became of a block. */
enum offwake_end {
	OFFWAKE_WOKEN = 0,
	OFFWAKE_ASLEEP = 1, /* it had not ended when tracing stopped */
	OFFWAKE_MISSED = 2, /* its end was hidden from BPF: only counted */
};

struct offwake_key {
	__u64 stack;       /* of the thread that was blocked: content hash; 0 where there is no stack */
	__u64 waker_stack; /* of what woke it */
	__u64 user_stack;  /* content hash, NO_USER_STACK, or 0 where none is asked for or the thread is the kernel's */
	__u64 waker_user_stack; /* the same, and 0 where an interrupt woke it */
	struct task_key task;
	__u32 state; /* as the kernel has it */
	__u32 end;   /* enum offwake_end */
	char waker[16]; /* name of what ran when it was woken */
};

#endif
