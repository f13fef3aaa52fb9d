// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time that threads could run and did not, per process: from when they were woken, made, or taken off the CPU while they
 * could have run on, to when they were given one.
 *
 * A slot per tid holds since when the thread waits. Whoever writes it holds the lock of the thread's run queue, or its
 * pi_lock and knows it to be off the CPU, so that a slot has one writer at a time.
 */
#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "runqlat.h"
#define ENTRY_KEY struct runqlat_key
#include "entries.bpf.h"
#include "filter.bpf.h"

struct runqlat_slot {
	__u64 start_ns; /* since when the thread waits for a CPU */
	__u64 known;    /* something was seen of the thread, so that a wait of which no beginning was seen is one that was missed */
};
#define SLOT struct runqlat_slot
#include "slots.bpf.h"

static __always_inline void record(struct task_struct *task, __u64 ns, bool open)
{
	struct runqlat_key key = {};
	__u32 generation;

	if (!duration_passes(ns) || !identify(task, 0, &key.task))
		return;
	struct entry_totals *sums = current_totals(&generation);
	if (sums)
		add_event(generation, &key, ns, 0, open, sums);
}

/* Counts a wait of which not all was seen, unless even the longest that it can have been is below the threshold. */
static __always_inline void count_hidden(struct task_struct *task, __u64 longest_ns)
{
	struct runqlat_key key = { .missed = 1 };

	if (longest_ns >= filter.min_ns && identify(task, 0, &key.task))
		count_missed(&key);
}

static __always_inline int note_wakeup(struct task_struct *task)
{
	/* One that is woken before it got to sleep never left the CPU. */
	if (control.stopped || is_on_cpu(task))
		return 0;
	struct runqlat_slot *slot = need_slot(task);
	if (!slot)
		return 0;
	/* One that was taken off the CPU on its way to sleep waits since then already. */
	if (!slot->start_ns)
		slot->start_ns = bpf_ktime_get_ns();
	slot->known = 1;
	return 0;
}

SEC("tp_btf/sched_wakeup")
int runqlat_wakeup(__u64 *ctx)
{
	return note_wakeup((void *)ctx[0]);
}

SEC("tp_btf/sched_wakeup_new")
int runqlat_wakeup_new(__u64 *ctx)
{
	return note_wakeup((void *)ctx[0]);
}

static __always_inline void switch_out(struct task_struct *prev, __u32 state, bool preempt, __u64 now)
{
	struct runqlat_slot *slot = need_slot(prev);
	if (!slot)
		return;
	if (slot->start_ns)
		count_hidden(prev, now - slot->start_ns);
	slot->start_ns = state == 0 || preempt ? now : 0;
	slot->known = preempt || !is_dead(state);
}

static __always_inline void switch_in(struct task_struct *next, __u64 now)
{
	struct runqlat_slot *slot = need_slot(next);
	if (!slot)
		return;
	__u64 start_ns = slot->start_ns;
	slot->start_ns = 0;
	if (!start_ns) {
		if (slot->known)
			count_hidden(next, ~0ull);
		slot->known = 1;
		return;
	}
	if (now < start_ns)
		count_backwards();
	else
		record(next, now - start_ns, false);
}

/* sched_switch(bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state) */
SEC("tp_btf/sched_switch")
int runqlat_switch(__u64 *ctx)
{
	if (control.stopped)
		return 0;
	__u64 now = bpf_ktime_get_ns();

	switch_out((void *)ctx[1], state_at_switch(ctx), (bool)ctx[0], now);
	switch_in((void *)ctx[2], now);
	return 0;
}

/* Run once after everything is attached: gives what waited already the beginning of the trace as its start. */
SEC("iter/task")
int runqlat_seed(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	if (!task || state_of(task) != 0 || is_on_cpu(task))
		return 0;
	struct runqlat_slot *slot = find_slot(task);
	if (!slot || slot->known)
		return 0;
	slot->known = 1;
	slot->start_ns = control.seed_ns;
	return 0;
}

/* Run once after everything stopped: reports what still waits. */
SEC("iter/task")
int runqlat_open(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u64 start_ns;
	if (!end_slot(task, &start_ns))
		return 0;
	__u64 ns = control.stop_ns - start_ns;
	if (is_on_cpu(task))
		count_hidden(task, ns);
	else
		record(task, ns, true);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
