/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types and fields that the programs read, and nothing else, so that no vmlinux.h of a running kernel is
 * needed to build. preserve_access_index makes libbpf put in the offsets of the kernel that the program is loaded on.
 */
#ifndef KERNELSCOPE_COMPAT_BPF_H
#define KERNELSCOPE_COMPAT_BPF_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
#define bool _Bool
#define true 1
#define false 0

/* From the stable ABI in linux/bpf.h, errno.h and linux/sched.h. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_CGROUP_ARRAY = 8,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
};
enum { BPF_ANY = 0, BPF_NOEXIST = 1 };
enum { E2BIG = 7, EEXIST = 17 };
enum {
	TASK_UNINTERRUPTIBLE = 0x2,
	EXIT_DEAD = 0x10,
	EXIT_ZOMBIE = 0x20,
	TASK_DEAD = 0x80,
	TASK_NOLOAD = 0x400,
	TASK_RTLOCK_WAIT = 0x1000,
};
enum { PF_KTHREAD = 0x00200000 };
enum { TASK_COMM_LEN = 16 };
/* Of linux/blk_types.h; these have not moved since 4.8. */
enum {
	REQ_OP_WRITE = 1,
	REQ_OP_FLUSH = 2,
	REQ_OP_MASK = 0xff,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct thread_struct {
	unsigned long sp;
};
struct pt_regs {
	unsigned long bp;
	unsigned long ip;
	unsigned long cs;
};
#elif defined(__TARGET_ARCH_arm64)
struct cpu_context {
	unsigned long fp;
};
struct thread_struct {
	struct cpu_context cpu_context;
};
struct pt_regs {
	__u64 regs[31];
	__u64 pc;
	__u64 pstate;
};
#endif

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup *ancestors[1];
};

/* Before 6.1 (7f203bc89eb6 "cgroup: Replace cgroup->ancestor_ids[] with ->ancestors[]"). */
struct cgroup___before_6_1 {
	__u64 ancestor_ids[1];
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct rq {
	__u64 clock;
};

/* Each group of tasks has one for each CPU. */
struct cfs_rq {
	struct rq *rq; /* where tasks are scheduled by groups, as they are in all kernels of distributions */
};

struct sched_entity {
	struct cfs_rq *cfs_rq;
};

struct task_struct {
	unsigned int __state;
	unsigned int flags;
	int on_cpu;
	int pid;
	int tgid;
	char comm[TASK_COMM_LEN];
	void *stack;
	struct sched_entity se;
	struct css_set *cgroups;
	struct thread_struct thread;
};

/* What __switch_to_asm leaves on a stack (x86). */
struct inactive_task_frame {
	unsigned long bp;
	unsigned long ret_addr;
};

/* Before 5.14 (2f064a59a11f "sched: Change task_struct::state") the state is a long of another name. */
struct task_struct___before_5_14 {
	long state;
};

struct gendisk {
	char disk_name[32];
};

struct request_queue {
	struct gendisk *disk;
};

struct request {
	struct request_queue *q;
	unsigned int cmd_flags;
	unsigned int rq_flags;
	unsigned int __data_len;
};

/* Before 5.17 (f3fa33acca9f "block: remove the ->rq_disk field in struct request"). */
struct request___before_5_17 {
	struct gendisk *rq_disk;
};

struct bpf_iter_meta;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	void *map;
	void *key;
	void *value;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

#endif
