/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The layout that peek.bpf.c and sched_frames.c share. */
#ifndef KERNELSCOPE_PEEK_H
#define KERNELSCOPE_PEEK_H

#define PEEK_BYTES 65536

struct peek_request {
	__u64 address;
	__u32 size;
	__u32 done; /* set by the program when it has read the bytes */
};

struct peek_window {
	__u8 bytes[PEEK_BYTES];
};

#endif
