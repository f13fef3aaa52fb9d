/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Stacks, kept under the hash of what they are: the layout that stacks.bpf.h and stacks.c share. */
#ifndef KERNELSCOPE_STACKS_H
#define KERNELSCOPE_STACKS_H

#include "kernel_stack.h"

#define MAX_FRAMES 127
/* Everything that grows is there twice: one generation is filled while the other is drained. */
#define GENERATIONS 2

/* Leaf first: the scheduler's own frames, then the others. */
struct stack {
	__u32 sched_depth;
	__u32 depth;
	__u64 sched_frames[MAX_SCHED_FRAMES];
	__u64 frames[MAX_FRAMES];
};

/* Part of what a program counts for each generation and CPU. */
struct stack_totals {
	__u64 full;         /* entries recorded without a stack, for want of room */
	__u64 failed;       /* entries recorded without a stack that could not be walked */
	__u64 sched_failed; /* stacks recorded without the scheduler's frames, which could not be walked */
	__u64 own_walks;    /* stacks walked up to their beginning without the kernel's help */
	__u64 walks_differ; /* of them, those that the kernel walks otherwise; counted where that is checked */
};

#endif
