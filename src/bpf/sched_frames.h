/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the kernel side must know to walk the scheduler's own frames; see sched_frames.bpf.h. */
#ifndef KERNELSCOPE_SCHED_FRAMES_H
#define KERNELSCOPE_SCHED_FRAMES_H

#define SCHED_TEXT_MAX 65536
#define MAX_SCHED_FRAMES 12

enum sched_walk {
	SCHED_WALK_NONE = 0,
	SCHED_WALK_SIZES = 1,    /* by the size of each function's frame */
	SCHED_WALK_POINTERS = 2, /* by frame pointers */
};

/* How to get from a call to the frame of the caller, as of ORC. */
struct frame_size {
	__u8 words;          /* up to the end of the frame; 0 where it is not known */
	__u8 from_pointer : 1; /* counted from the frame pointer; else from the stack pointer */
	__u8 pointer_words : 7; /* how far below the end the caller's frame pointer is saved; 0 where it still is in place */
};

struct sched_frames {
	__u32 walk; /* enum sched_walk */
	__u32 reserved;
	__u64 text_start; /* of the section .sched.text */
	__u64 text_end;
	struct frame_size sizes[SCHED_TEXT_MAX]; /* by the byte of the section */
};

#endif
