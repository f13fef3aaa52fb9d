/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Stacks of user space: the layout that user_stacks.bpf.h and user_stacks.c share. */
#ifndef KERNELSCOPE_USER_STACKS_H
#define KERNELSCOPE_USER_STACKS_H

#include "stacks.h"

/* How many threads can be off the CPU with a user stack at once. */
#define MAX_USER_THREADS 16384

enum user_walk {
	USER_WALK_NONE = 0,
	USER_WALK_POINTERS = 1, /* by hand, along the frame pointers */
	USER_WALK_HELPER = 2,   /* by bpf_get_stack, where bpf_task_pt_regs is missing (before 5.15) */
};

/* In the place of an id: there is a user stack, but it could not be walked, or not be kept. */
#define NO_USER_STACK 1

struct user_stack {
	__u32 tgid; /* the addresses mean something in this process alone */
	__u32 depth;
	__u64 time_ns; /* when it was walked, by CLOCK_MONOTONIC: the process may be running another program by now */
	__u64 frames[MAX_FRAMES]; /* leaf first */
};

#endif
