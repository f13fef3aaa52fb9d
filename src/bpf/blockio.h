/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout of the maps that blockio.bpf.c fills and blockio.c drains. */
#ifndef KERNELSCOPE_BLOCKIO_H
#define KERNELSCOPE_BLOCKIO_H

#include "entries.h"
#include "filter.h"

/* Set before the program is loaded. */
struct blockio_config {
	__u32 queue_is_first; /* tracepoints of requests hand over the queue before the request, up to 5.10 */
	__u32 has_io_start;  /* the tracepoints block_io_start and block_io_done, from 6.5 on */
	__u32 flush_flag;    /* the bit of a request that is a step of a flush, and not done with the step */
};

struct blockio_key {
	__u64 stack;      /* of who submitted it: content hash; 0 where there is no stack */
	__u64 user_stack; /* content hash, NO_USER_STACK, or 0 where none is asked for or the kernel itself submitted it */
	struct task_key task;
	__u32 operation; /* enum req_op of the kernel */
	__u32 missed;    /* counts requests whose end was hidden from BPF */
	char device[32];
};

#endif
