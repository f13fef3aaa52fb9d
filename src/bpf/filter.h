/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Which tasks a program records: the layout that the helper and its BPF programs share. */
#ifndef KERNELSCOPE_FILTER_H
#define KERNELSCOPE_FILTER_H

enum filter_threads {
	FILTER_ALL_THREADS = 0,
	FILTER_USER_THREADS = 1,
	FILTER_KERNEL_THREADS = 2,
};

/* A bit of a task's state that no kernel has: the task could have run, but another one was given the CPU. */
#define STATE_RUNNABLE 0x80000000u

#define FILTER_MAX_PIDS 4096
#define FILTER_MAX_FOLLOWED 65536
#define FILTER_MAX_CGROUPS 64
#define FILTER_MAX_IDLE 128
#define FILTER_GLOB_BITS 64

/*
 * Globs of comm, compiled to a machine that is run as one 64-bit word of states: after each byte c,
 * states = ((states & accept[c]) << 1) | (states & loop). It matches where a bit of `final` is left at the end.
 */
struct glob_machine {
	__u64 start;
	__u64 loop;
	__u64 final;
	__u64 accept[256];
};

/* The code of one kernel function, from its first byte up to the byte after its last. */
struct code_range {
	__u64 start;
	__u64 end;
};

/* Whose an event is: part of the key of every program. */
struct task_key {
	__u32 tgid;
	__u32 tid; /* 0 unless threads are kept apart */
	char comm[16];
};

/* Set before the program is loaded. */
struct filter {
	__u64 min_ns; /* only events that last so long */
	__u64 max_ns;
	__u32 by_pid;     /* only thread groups in the map `pids` */
	__u32 by_tid;     /* only threads in the map `tids` */
	__u32 by_comm;    /* only comms that the machine matches */
	__u32 threads;    /* enum filter_threads */
	__u32 state_mask; /* only blocks whose state has one of these bits; 0: all */
	__u32 self_tgid;  /* the helper, which is never recorded */
	__u32 by_cgroup;  /* only tasks in or below a cgroup of the map `cgroups` */
	__u32 idle_count; /* how many of `idle` there are; a task that waits in one of these functions is left out */
	__u32 by_thread;  /* keep the threads of a thread group apart */
	__u32 reserved;
	struct code_range idle[FILTER_MAX_IDLE];
	struct glob_machine comm;
};

#endif
