/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the kernel side must know to walk kernel stacks by itself; see kernel_stack.bpf.h. */
#ifndef KERNELSCOPE_KERNEL_STACK_H
#define KERNELSCOPE_KERNEL_STACK_H

#include "filter.h"

#define MAX_SCHED_FRAMES 16
#define MAX_TRAMPOLINES 4

/* How to get from a function's frame to that of its caller. */
enum frame_walk {
	FRAME_WALK_NONE = 0,
	FRAME_WALK_SIZES = 1,    /* by the size of each function's frame, of the kernel's ORC table */
	FRAME_WALK_POINTERS = 2, /* by frame pointers */
};

/* Who walks stacks up to their beginning, beyond the scheduler's own frames. */
enum whole_walk {
	WHOLE_WALK_KERNEL = 0,
	WHOLE_WALK_OWN = 1,   /* the program, and the kernel where it cannot */
	WHOLE_WALK_CHECK = 2, /* both, to count where they differ */
};

/* Set before the program is loaded. */
struct kernel_stack_facts {
	__u32 frame_walk; /* enum frame_walk */
	__u32 whole_walk; /* enum whole_walk */
	__u32 has_task_pt_regs; /* bpf_task_pt_regs, from 5.15 on */
	__u32 reserved;
	struct code_range text;  /* of the kernel without its modules, which stays as it is */
	struct code_range sched; /* what the kernel's own walk leaves out: the sections .sched.text */
	struct code_range locks; /* and .spinlock.text */
	__u64 trampolines[MAX_TRAMPOLINES]; /* stand in for the real return address where the kernel traces returns; 0 for none */
};

/* Where the kernel has its ORC table. */
struct orc_table {
	__u64 ips; /* where each entry begins to hold, as a distance from its own place */
	__u64 entries;
	__u64 count;
};

#endif
