// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time that threads were blocked until something woke them, with both stacks: what they waited in, and what woke them.
 *
 * A slot per tid holds when the thread was switched out. When it is woken, the time that it was blocked is known, and
 * threshold and filters are tested before any stack is walked. The waker's stack is walked there and then; the blocked
 * thread's own when it is switched in again, because until its switch out is over on another CPU there is none to walk.
 * User stacks are walked where their owner runs: the waker's with its other, the blocked thread's when it leaves the CPU.
 */
#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "offwake.h"
#define ENTRY_KEY struct offwake_key
#include "entries.bpf.h"
#include "caller_stacks.bpf.h"
#include "filter.bpf.h"
#include "kernel_stack.bpf.h"

struct offwake_slot {
	__u64 start_ns; /* when it was blocked */
	__u32 state;
	__u32 woken; /* its end was seen */
};
#define SLOT struct offwake_slot
#include "slots.bpf.h"

/* A block that has ended and is to be recorded, by tid, until the thread runs. */
struct offwake_wake {
	__u64 ns;
	__u64 waker_stack;
	__u64 waker_user_stack;
	char waker[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct offwake_wake);
} wakes SEC(".maps");

/* Records a block of `ns`; `wake` is how it ended, or 0 where it did not. */
static __always_inline void record(struct task_struct *task, __u32 state, __u64 ns, struct offwake_wake *wake)
{
	struct offwake_key key = { .state = state };
	__u32 generation;

	if (!identify(task, state, &key.task))
		return;
	struct entry_totals *sums = current_totals(&generation);
	if (!sums || !walk_task(generation, task, &sums->stacks, &key.stack))
		return;
	key.user_stack = keep_user_stack(generation, task, &sums->stacks);
	if (wake) {
		key.waker_stack = wake->waker_stack;
		key.waker_user_stack = wake->waker_user_stack;
		__builtin_memcpy(key.waker, wake->waker, sizeof(key.waker));
	} else {
		key.end = OFFWAKE_ASLEEP;
	}
	add_event(generation, &key, ns, 0, !wake, sums);
}

/* Counts a block whose end was hidden, unless even the longest that it can have been is below the threshold. */
static __always_inline void count_hidden(struct task_struct *task, __u32 state, __u64 longest_ns)
{
	struct offwake_key key = { .end = OFFWAKE_MISSED };

	if (longest_ns >= filter.min_ns && identify(task, state, &key.task))
		count_missed(&key);
}

/* Forgets what is known of a thread's block, when its end is past. */
static __always_inline void forget(struct offwake_slot *slot, __u32 tid)
{
	slot->start_ns = 0;
	bpf_map_delete_elem(&wakes, &tid);
}

/* sched_waking(struct task_struct *p), run by what wakes it */
SEC("tp_btf/sched_waking")
int offwake_waking(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct task_key key = {};
	__u32 tid = task->pid;
	__u32 generation;

	if (control.stopped)
		return 0;
	struct offwake_slot *slot = find_slot(task);
	/* Without a start it never left the CPU. */
	if (!slot || !slot->start_ns || slot->woken)
		return 0;
	__u64 now = bpf_ktime_get_ns();
	__u64 start_ns = slot->start_ns;
	slot->woken = 1;
	if (now < start_ns) {
		count_backwards();
		return 0;
	}
	struct offwake_wake wake = { .ns = now - start_ns };
	if (!duration_passes(wake.ns) || !identify(task, slot->state, &key))
		return 0;
	struct entry_totals *sums = current_totals(&generation);
	if (!sums)
		return 0;
	walk_caller(generation, ctx, &sums->stacks, &wake.waker_stack, &wake.waker_user_stack);
	bpf_get_current_comm(wake.waker, sizeof(wake.waker));
	long error = bpf_map_update_elem(&wakes, &tid, &wake, BPF_ANY);
	if (error) {
		count_total(sums, wake.ns);
		count_lost(sums, error, wake.ns);
	}
	return 0;
}

static __always_inline void switch_out(void *ctx, struct task_struct *prev, __u32 state, bool preempt, __u64 now)
{
	struct offwake_slot *slot = need_slot(prev);

	if (!slot)
		return;
	/* Its switch in was hidden, and with it where it was blocked. */
	if (slot->start_ns) {
		count_hidden(prev, slot->state, now - slot->start_ns);
		forget(slot, prev->pid);
	}
	/* What could run on is not blocked. */
	if (state == 0 || preempt)
		return;
	if (is_dead(state)) {
		forget_user(prev);
		return;
	}
	slot->state = state;
	slot->woken = 0;
	slot->start_ns = now;
	if (user_walk && task_passes(prev, state))
		walk_user_on_the_way_out(ctx, prev);
}

static __always_inline void switch_in(struct task_struct *next, __u64 now)
{
	struct offwake_slot *slot = find_slot(next);
	__u32 tid = next->pid;

	if (!slot || !slot->start_ns)
		return;
	if (!slot->woken) {
		count_hidden(next, slot->state, now - slot->start_ns);
		slot->start_ns = 0;
		return;
	}
	struct offwake_wake *wake = bpf_map_lookup_elem(&wakes, &tid);
	if (wake)
		record(next, slot->state, wake->ns, wake);
	forget(slot, tid);
}

/* sched_switch(bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state) */
SEC("tp_btf/sched_switch")
int offwake_switch(__u64 *ctx)
{
	if (control.stopped)
		return 0;
	__u64 now = bpf_ktime_get_ns();

	switch_out(ctx, (void *)ctx[1], state_at_switch(ctx), (bool)ctx[0], now);
	switch_in((void *)ctx[2], now);
	return 0;
}

/* Run once before anything is attached: gives what is blocked already the beginning of the trace as its start. */
SEC("iter/task")
int offwake_seed(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	if (!task)
		return 0;
	__u32 state = state_of(task);
	if (state == 0 || is_dead(state) || is_on_cpu(task))
		return 0;
	struct offwake_slot *slot = find_slot(task);
	if (!slot)
		return 0;
	slot->state = state;
	slot->start_ns = control.seed_ns;
	return 0;
}

/* Run once after everything stopped: reports what is still blocked, and what was woken and has not run since. */
SEC("iter/task")
int offwake_open(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u64 start_ns;
	struct offwake_slot *slot = end_slot(task, &start_ns);
	if (!slot)
		return 0;
	__u64 ns = control.stop_ns - start_ns;
	if (is_on_cpu(task)) {
		count_hidden(task, slot->state, ns);
	} else if (!slot->woken) {
		if (duration_passes(ns))
			record(task, slot->state, ns, 0);
	} else {
		__u32 tid = task->pid;
		struct offwake_wake *wake = bpf_map_lookup_elem(&wakes, &tid);
		if (wake)
			record(task, slot->state, wake->ns, wake);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
