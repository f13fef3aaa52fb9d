/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel side of the filters that every program takes. */
#ifndef KERNELSCOPE_FILTER_BPF_H
#define KERNELSCOPE_FILTER_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "filter.h"

const volatile struct filter filter SEC(".rodata.filter");

/* By thread group id, its leader as the kernel knows it; 0 for one that was there before tracing began. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_MAX_PIDS);
	__type(key, __u32);
	__type(value, __u64);
} pids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_MAX_PIDS);
	__type(key, __u32);
	__type(value, __u8);
} tids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_MAX_CGROUPS);
	__type(key, __u64);
	__type(value, __u8);
} cgroups SEC(".maps");

/* Children that could not be followed, for want of room in `pids`. */
volatile __u64 unfollowed SEC(".data.follow");

/* Follows the children of processes in `pids`. A tid that is given out again to a stranger is forgotten. */
SEC("tp_btf/sched_process_fork")
int follow_fork(__u64 *ctx)
{
	struct task_struct *parent = (void *)ctx[0];
	struct task_struct *child = (void *)ctx[1];
	__u32 from = parent->tgid;
	__u32 to = child->tgid;
	__u64 leader = (__u64)child;

	if (from == to)
		return 0;
	if (!bpf_map_lookup_elem(&pids, &from))
		bpf_map_delete_elem(&pids, &to);
	else if (bpf_map_update_elem(&pids, &to, &leader, BPF_ANY))
		__sync_fetch_and_add(&unfollowed, 1);
	return 0;
}

/* Forgets a process that is gone. Its id may be another's by now: that one has then been put in its place. */
SEC("tp_btf/sched_process_free")
int follow_free(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	__u32 tgid = task->tgid;
	__u32 tid = task->pid;

	if (tid != tgid)
		return 0;
	__u64 *leader = bpf_map_lookup_elem(&pids, &tgid);
	if (leader && (*leader == (__u64)task || *leader == 0))
		bpf_map_delete_elem(&pids, &tgid);
	return 0;
}

static __always_inline bool is_wanted_cgroup(__u64 id)
{
	return bpf_map_lookup_elem(&cgroups, &id);
}

/* Deeper trees than this do not occur. */
#define MAX_CGROUP_LEVELS 32

/* Whether the task is in a cgroup (of version 2) in `cgroups`, or below one. */
static __always_inline bool in_wanted_cgroup(struct task_struct *task)
{
	struct cgroup *own = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	struct cgroup___before_6_1 *older = (void *)own;
	int level = BPF_CORE_READ(own, level);

	for (int i = 0; i < MAX_CGROUP_LEVELS; i++) {
		__u64 id = 0;

		if (i > level)
			break;
		if (bpf_core_field_exists(own->ancestors)) {
			struct cgroup *ancestor = 0;
			struct cgroup **from = (void *)own + bpf_core_field_offset(own->ancestors);

			bpf_probe_read_kernel(&ancestor, sizeof(ancestor), from + i);
			id = BPF_CORE_READ(ancestor, kn, id);
		} else {
			__u64 *from = (void *)own + bpf_core_field_offset(older->ancestor_ids);

			bpf_probe_read_kernel(&id, sizeof(id), from + i);
		}
		if (is_wanted_cgroup(id))
			return true;
	}
	return false;
}

static __always_inline bool is_within(__u64 address, const volatile struct code_range *range)
{
	return address - range->start < range->end - range->start;
}

/* Whether a task whose innermost frame outside of the scheduler is this one waits for something to do. */
static __always_inline bool is_idle(__u64 frame)
{
	for (__u32 i = 0; i < FILTER_MAX_IDLE; i++) {
		if (i >= filter.idle_count)
			break;
		/* It is a return address: one behind a call, which may be the function's last instruction. */
		if (frame > filter.idle[i].start && frame <= filter.idle[i].end)
			return true;
	}
	return false;
}

static __always_inline __u32 state_of(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state;
	struct task_struct___before_5_14 *older = (void *)task;
	return BPF_CORE_READ(older, state);
}

/* A state as a user means it: TASK_IDLE (0x402) is I and not D, as in ps, and a sleeping rtlock counts as D. */
static __always_inline __u32 reported_state(__u32 state)
{
	if (state & TASK_NOLOAD)
		state &= ~TASK_UNINTERRUPTIBLE;
	if (state & TASK_RTLOCK_WAIT)
		state |= TASK_UNINTERRUPTIBLE;
	return state;
}

static __always_inline bool glob_matches(const volatile struct glob_machine *machine, const char *comm)
{
	__u64 states = machine->start;

	for (int i = 0; i < TASK_COMM_LEN; i++) {
		__u8 c = comm[i];
		if (c == 0)
			break;
		states = ((states & machine->accept[c]) << 1) | (states & machine->loop);
	}
	return states & machine->final;
}

/* Whether the task runs on a CPU right now. A kernel for one CPU has no such field: what runs there is who asks. */
static __always_inline bool is_on_cpu(struct task_struct *task)
{
	if (bpf_core_field_exists(task->on_cpu))
		return task->on_cpu;
	return bpf_get_current_task() == (__u64)task;
}

/* Whether the filter lets a block of the task through, as far as the task itself goes: all but its name. */
static __always_inline bool task_passes(struct task_struct *task, __u32 state)
{
	__u32 tgid = task->tgid;
	__u32 tid = task->pid;

	if (tgid == filter.self_tgid)
		return false;
	if (filter.by_pid && !bpf_map_lookup_elem(&pids, &tgid))
		return false;
	if (filter.by_tid && !bpf_map_lookup_elem(&tids, &tid))
		return false;
	if (filter.state_mask && !(reported_state(state) & filter.state_mask))
		return false;
	if (filter.threads != FILTER_ALL_THREADS) {
		bool kernel_thread = task->flags & PF_KTHREAD;

		if (kernel_thread != (filter.threads == FILTER_KERNEL_THREADS))
			return false;
	}
	return !filter.by_cgroup || in_wanted_cgroup(task);
}

static __always_inline bool duration_passes(__u64 ns)
{
	return ns >= filter.min_ns && ns <= filter.max_ns;
}

/* Whether the filter lets an event of the task through, but for how long it takes; if so, puts into the key whose it is. */
static __always_inline bool identify(struct task_struct *task, __u32 state, struct task_key *key)
{
	if (!task_passes(task, state))
		return false;
	key->tgid = task->tgid;
	key->tid = filter.by_thread ? task->pid : 0;
	/* As a string, because what stands behind the zero is not always cleared. */
	bpf_probe_read_kernel_str(key->comm, TASK_COMM_LEN, task->comm);
	return !filter.by_comm || glob_matches(&filter.comm, key->comm);
}

#endif
