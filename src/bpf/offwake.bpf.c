// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time that threads were blocked until something woke them, with both stacks: what they waited in, and what woke them.
 *
 * A slot per tid holds when the thread was switched out. When it is woken, the time that it was blocked is known, and
 * threshold and filters are tested before any stack is walked. The waker's stack is walked there and then; the blocked
 * thread's own when it is switched in again, because until its switch out is over on another CPU there is none to walk.
 */
#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "offwake.h"
#define ENTRY_KEY struct offwake_key
#include "entries.bpf.h"
#include "filter.bpf.h"
#include "kernel_stack.bpf.h"
#include "stacks.bpf.h"

const volatile struct offwake_config config SEC(".rodata.config");

/* Where a thread stands, by its tid. */
struct offwake_slot {
	__u64 start_ns; /* when it was blocked; 0 while it is not, or it is not known */
	__u32 state;
	__u32 woken; /* its end was seen */
};

/* The helper sizes it before load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct offwake_slot);
} slots SEC(".maps");

/* A block that has ended and is to be recorded, by tid, until the thread runs. */
struct offwake_wake {
	__u64 ns;
	__u64 waker_stack;
	char waker[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct offwake_wake);
} wakes SEC(".maps");

/* Fills the key's task part. Says whether the filters let the task's block through. */
static __always_inline bool identify(struct task_struct *task, __u32 state, struct offwake_key *key)
{
	if (!task_passes(&config.filter, task, state))
		return false;
	key->tgid = task->tgid;
	key->tid = config.by_thread ? task->pid : 0;
	key->state = state;
	return name_passes(&config.filter, task, key->comm);
}

/* Records a block of `ns`; `wake` is how it ended, or 0 where it did not. */
static __always_inline void record(struct task_struct *task, __u32 state, __u64 ns, struct offwake_wake *wake)
{
	struct offwake_key key = {};

	if (!identify(task, state, &key))
		return;
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (!sums || !walk_task(generation, &config.filter, task, &sums->stacks, &key.stack))
		return;
	if (wake) {
		key.waker_stack = wake->waker_stack;
		__builtin_memcpy(key.waker, wake->waker, sizeof(key.waker));
	} else {
		key.end = OFFWAKE_ASLEEP;
	}
	add_event(generation, &key, ns, 0, !wake, sums);
}

/* Counts a block whose end was hidden, unless even the longest that it can have been is below the threshold. */
static __always_inline void count_missed(struct task_struct *task, struct offwake_slot *slot, __u64 now)
{
	struct offwake_key key = {};

	if (now - slot->start_ns < config.min_ns || !identify(task, slot->state, &key))
		return;
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (!sums)
		return;
	sums->missed_in++;
	key.state = 0;
	key.end = OFFWAKE_MISSED;
	count_only(generation, &key);
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
	struct offwake_key key = {};
	__u32 tid = task->pid;

	if (control.stopped)
		return 0;
	struct offwake_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	/* Without a start it never left the CPU. */
	if (!slot || !slot->start_ns || slot->woken)
		return 0;
	__u64 now = bpf_ktime_get_ns();
	__u64 start_ns = slot->start_ns;
	slot->woken = 1;
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (!sums)
		return 0;
	if (now < start_ns) {
		sums->backwards++;
		return 0;
	}
	struct offwake_wake wake = { .ns = now - start_ns };
	if (wake.ns < config.min_ns || wake.ns > config.max_ns || !identify(task, slot->state, &key))
		return 0;
	wake.waker_stack = walk_current(generation, ctx, &sums->stacks);
	bpf_get_current_comm(wake.waker, sizeof(wake.waker));
	long error = bpf_map_update_elem(&wakes, &tid, &wake, BPF_ANY);
	if (error) {
		count_total(sums, wake.ns);
		count_lost(sums, error, wake.ns);
	}
	return 0;
}

static __always_inline void switch_out(struct task_struct *prev, __u32 state, bool preempt, __u64 now)
{
	__u32 tid = prev->pid;
	if (tid == 0)
		return;
	struct offwake_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (!slot) {
		__u32 generation = current_generation();
		struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
		if (sums)
			sums->no_slot++;
		return;
	}
	/* Its switch in was hidden, and with it where it was blocked. */
	if (slot->start_ns) {
		count_missed(prev, slot, now);
		forget(slot, tid);
	}
	/* What could run on is not blocked, and the tid of a task that died may be given to another at once. */
	if (state == 0 || preempt || (state & (TASK_DEAD | EXIT_DEAD | EXIT_ZOMBIE)))
		return;
	slot->state = state;
	slot->woken = 0;
	slot->start_ns = now;
}

static __always_inline void switch_in(struct task_struct *next, __u64 now)
{
	__u32 tid = next->pid;
	if (tid == 0)
		return;
	struct offwake_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (!slot || !slot->start_ns)
		return;
	if (!slot->woken) {
		count_missed(next, slot, now);
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
	struct task_struct *prev = (void *)ctx[1];

	if (control.stopped)
		return 0;
	/* Before 5.18 (fa2c3254d7cf "sched/tracing: Don't re-read p->state") a wake-up may have changed it since. */
	__u32 state = config.has_prev_state ? (__u32)ctx[3] : state_of(prev);
	__u64 now = bpf_ktime_get_ns();

	switch_out(prev, state, (bool)ctx[0], now);
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
	__u32 tid = task->pid;
	__u32 state = state_of(task);
	if (tid == 0 || state == 0 || (state & (TASK_DEAD | EXIT_DEAD | EXIT_ZOMBIE)) || is_on_cpu(task))
		return 0;
	struct offwake_slot *slot = bpf_map_lookup_elem(&slots, &tid);
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
	if (!task)
		return 0;
	__u32 tid = task->pid;
	struct offwake_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (!slot)
		return 0;
	__u64 start_ns = slot->start_ns;
	__u64 stop_ns = control.stop_ns;
	if (!start_ns || start_ns > stop_ns)
		return 0;
	slot->start_ns = 0;
	__u64 ns = stop_ns - start_ns;
	if (is_on_cpu(task)) {
		count_missed(task, slot, stop_ns);
	} else if (!slot->woken) {
		if (ns >= config.min_ns && ns <= config.max_ns)
			record(task, slot->state, ns, 0);
	} else {
		struct offwake_wake *wake = bpf_map_lookup_elem(&wakes, &tid);
		if (wake)
			record(task, slot->state, wake->ns, wake);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
