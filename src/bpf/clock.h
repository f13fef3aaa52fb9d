/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What clock.bpf.c hands to clock.c. */
#ifndef KERNELSCOPE_CLOCK_H
#define KERNELSCOPE_CLOCK_H

/* Two clocks, read one right after the other. */
struct clock_reading {
	__u64 run_queue_ns;
	__u64 monotonic_ns; /* 0 where nothing was read yet */
};

#endif
