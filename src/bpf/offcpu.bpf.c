// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time off the CPU, per process and stack.
 *
 * A slot per tid holds when the thread was switched out. When it is switched in again, the threshold and the filters
 * are tested before its stack is walked, and the time goes to a hash keyed by process, state and the stack's content
 * hash.
 *
 * Built twice: with KERNELSCOPE_ATOMICS for kernels from 5.15 on, and without for those from 5.8 on.
 */
#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "clock.bpf.h"
#include "offcpu.h"
#define ENTRY_KEY struct offcpu_key
#include "entries.bpf.h"
#include "filter.bpf.h"
#include "kernel_stack.bpf.h"
#include "stacks.bpf.h"
#include "user_stacks.bpf.h"

const volatile struct offcpu_config config SEC(".rodata.config");

/* Where a thread stands, by its tid. */
struct offcpu_slot {
	__u64 start_ns; /* when it went off the CPU; 0 while on it, or not known */
	__u32 state;
	__u32 seeded;   /* it was off the CPU when tracing began */
#ifndef KERNELSCOPE_ATOMICS
	__u64 stack;    /* content hash of the stack, where it had to be walked on the way out (5.8) */
#endif
};

/* The helper sizes these before load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct offcpu_slot);
} slots SEC(".maps");

/* Fills the key's task part. Says whether the filters let the task's block through. */
static __always_inline bool identify(struct task_struct *task, __u32 state, struct offcpu_key *key)
{
	if (!task_passes(&config.filter, task, state))
		return false;
	key->tgid = task->tgid;
	key->tid = config.by_thread ? task->pid : 0;
	key->state = state;
	return name_passes(&config.filter, task, key->comm);
}

/* Records a block of `ns` that ended, or is still open, if the filters let it through. */
static __always_inline void record(struct task_struct *task, struct offcpu_slot *slot, __u64 ns, bool open)
{
	struct offcpu_key key = {};

	if (ns < config.min_ns || ns > config.max_ns)
		return;
	if (!identify(task, slot->state, &key))
		return;

	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (!sums)
		return;
#ifndef KERNELSCOPE_ATOMICS
	if (!config.has_get_task_stack)
		key.stack = slot->stack;
	else
#endif
		if (!walk_task(generation, &config.filter, task, &sums->stacks, &key.stack))
			return;
	if (config.user_walk)
		key.user_stack = keep_user_stack(generation, task, &sums->stacks);
	add_event(generation, &key, ns, 0, open, sums);
}

/* Counts a block whose end was hidden, unless even the longest that it can have been is below the threshold. */
static __always_inline void count_missed_in(struct task_struct *task, struct offcpu_slot *slot, __u64 start_ns, __u64 now)
{
	struct offcpu_key key = {};

	if (now - start_ns < config.min_ns || !identify(task, slot->state, &key))
		return;
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (!sums)
		return;
	sums->missed_in++;
	key.state = STATE_MISSED_IN;
	count_only(generation, &key);
}

static __always_inline void count_no_slot(void)
{
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (sums)
		sums->no_slot++;
}

#ifndef KERNELSCOPE_ATOMICS
/* 5.8 can walk the current task's stack alone, and so must before it knows how long the block will be. */
static __always_inline __u64 walk_on_the_way_out(void *ctx, struct task_struct *prev, __u32 state)
{
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);

	if (!sums || !task_passes(&config.filter, prev, state))
		return 0;
	return walk_current(generation, ctx, &sums->stacks);
}
#endif

static __always_inline void switch_out(void *ctx, struct task_struct *prev, __u32 state, bool preempt, __u64 now)
{
	__u32 tid = prev->pid;
	if (tid == 0)
		return;
	struct offcpu_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (!slot) {
		count_no_slot();
		return;
	}
	if (slot->start_ns && !slot->seeded)
		count_missed_in(prev, slot, slot->start_ns, now);
	/* The tid of a task that died may be given to another at once. */
	if (!preempt && (state & (TASK_DEAD | EXIT_DEAD | EXIT_ZOMBIE))) {
		slot->start_ns = 0;
		if (config.user_walk)
			forget_user(prev);
		return;
	}
	slot->state = state == 0 || preempt ? STATE_RUNNABLE : state;
	slot->seeded = 0;
	slot->start_ns = now;
	if (config.user_walk && task_passes(&config.filter, prev, slot->state))
		walk_user(ctx, config.user_walk, prev, bpf_ktime_get_ns());
#ifndef KERNELSCOPE_ATOMICS
	if (!config.has_get_task_stack)
		slot->stack = walk_on_the_way_out(ctx, prev, slot->state);
#endif
}

static __always_inline void switch_in(struct task_struct *next, __u64 now)
{
	__u32 tid = next->pid;
	if (tid == 0)
		return;
	struct offcpu_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (!slot)
		return;
	__u64 start_ns = slot->start_ns;
	if (!start_ns)
		return;
	slot->start_ns = 0;
	if (now < start_ns) {
		__u32 generation = current_generation();
		struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
		if (sums)
			sums->backwards++;
		return;
	}
	record(next, slot, now - start_ns, false);
}

/* sched_switch(bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state) */
SEC("tp_btf/sched_switch")
int offcpu_switch(__u64 *ctx)
{
	struct task_struct *prev = (void *)ctx[1];
	struct task_struct *next = (void *)ctx[2];

	if (control.stopped)
		return 0;
	/* Before 5.18 (fa2c3254d7cf "sched/tracing: Don't re-read p->state") a wake-up may have changed it since. */
	__u32 state = config.has_prev_state ? (__u32)ctx[3] : state_of(prev);
	__u64 now = switch_time(prev, config.run_queue_clock);

	switch_out(ctx, prev, state, (bool)ctx[0], now);
	switch_in(next, now);
	return 0;
}

/* Run once before sched_switch is attached: gives what is blocked already the beginning of the trace as its start. */
SEC("iter/task")
int offcpu_seed(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	if (!task)
		return 0;
	__u32 tid = task->pid;
	__u32 state = state_of(task);
	if (tid == 0 || state == 0 || (state & (TASK_DEAD | EXIT_DEAD | EXIT_ZOMBIE)))
		return 0;
	struct offcpu_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (!slot)
		return 0;
	slot->state = state;
	slot->seeded = 1;
	slot->start_ns = control.seed_ns;
	return 0;
}

/* Run once after everything stopped: reports what is still blocked (bcc #558: a switch-in alone never does). */
SEC("iter/task")
int offcpu_open(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	if (!task)
		return 0;
	__u32 tid = task->pid;
	struct offcpu_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (!slot)
		return 0;
	__u64 start_ns = slot->start_ns;
	__u64 stop_ns = control.stop_ns;
	if (!start_ns || start_ns > stop_ns)
		return 0;
	slot->start_ns = 0;
	/* A kernel for one CPU has no such field, and runs this very iterator on it. */
	if (bpf_core_field_exists(task->on_cpu) && task->on_cpu) {
		count_missed_in(task, slot, start_ns, stop_ns);
		return 0;
	}
	record(task, slot, slot->seeded ? control.traced_ns : stop_ns - start_ns, true);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
