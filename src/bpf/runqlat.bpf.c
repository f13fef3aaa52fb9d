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

const volatile struct runqlat_config config SEC(".rodata.config");

struct runqlat_slot {
	__u64 start_ns; /* since when the thread waits for a CPU; 0 while it does not, or it is not known */
	__u64 known;    /* something was seen of the thread, so that a wait of which no beginning was seen is one that was missed */
};

/* By tid; the helper sizes it before load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct runqlat_slot);
} slots SEC(".maps");

static __always_inline bool identify(struct task_struct *task, struct runqlat_key *key)
{
	if (!task_passes(&config.filter, task, 0))
		return false;
	key->tgid = task->tgid;
	key->tid = config.by_thread ? task->pid : 0;
	return name_passes(&config.filter, task, key->comm);
}

static __always_inline void record(struct task_struct *task, __u64 ns, bool open)
{
	struct runqlat_key key = {};

	if (ns < config.min_ns || ns > config.max_ns || !identify(task, &key))
		return;
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (sums)
		add_event(generation, &key, ns, 0, open, sums);
}

/* Counts a wait of which not all was seen, unless even the longest that it can have been is below the threshold. */
static __always_inline void count_missed(struct task_struct *task, __u64 longest_ns)
{
	struct runqlat_key key = { .missed = 1 };

	if (longest_ns < config.min_ns || !identify(task, &key))
		return;
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (!sums)
		return;
	sums->missed_in++;
	count_only(generation, &key);
}

static __always_inline struct runqlat_slot *slot_of(struct task_struct *task)
{
	__u32 tid = task->pid;
	if (tid == 0)
		return 0;
	struct runqlat_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (slot)
		return slot;
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (sums)
		sums->no_slot++;
	return 0;
}

static __always_inline int note_wakeup(struct task_struct *task)
{
	/* One that is woken before it got to sleep never left the CPU. */
	if (control.stopped || is_on_cpu(task))
		return 0;
	struct runqlat_slot *slot = slot_of(task);
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
	struct runqlat_slot *slot = slot_of(prev);
	if (!slot)
		return;
	if (slot->start_ns)
		count_missed(prev, now - slot->start_ns);
	slot->start_ns = state == 0 || preempt ? now : 0;
	/* The tid of a task that died may be given to another at once. */
	slot->known = preempt || !(state & (TASK_DEAD | EXIT_DEAD | EXIT_ZOMBIE));
}

static __always_inline void switch_in(struct task_struct *next, __u64 now)
{
	struct runqlat_slot *slot = slot_of(next);
	if (!slot)
		return;
	__u64 start_ns = slot->start_ns;
	slot->start_ns = 0;
	if (!start_ns) {
		if (slot->known)
			count_missed(next, ~0ull);
		slot->known = 1;
		return;
	}
	if (now >= start_ns) {
		record(next, now - start_ns, false);
		return;
	}
	__u32 generation = current_generation();
	struct entry_totals *sums = bpf_map_lookup_elem(&totals, &generation);
	if (sums)
		sums->backwards++;
}

/* sched_switch(bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state) */
SEC("tp_btf/sched_switch")
int runqlat_switch(__u64 *ctx)
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

/* Run once after everything is attached: gives what waited already the beginning of the trace as its start. */
SEC("iter/task")
int runqlat_seed(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	if (!task || task->pid == 0 || state_of(task) != 0 || is_on_cpu(task))
		return 0;
	__u32 tid = task->pid;
	struct runqlat_slot *slot = bpf_map_lookup_elem(&slots, &tid);
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
	if (!task)
		return 0;
	__u32 tid = task->pid;
	struct runqlat_slot *slot = bpf_map_lookup_elem(&slots, &tid);
	if (!slot)
		return 0;
	__u64 start_ns = slot->start_ns;
	__u64 stop_ns = control.stop_ns;
	if (!start_ns || start_ns > stop_ns)
		return 0;
	slot->start_ns = 0;
	if (is_on_cpu(task))
		count_missed(task, stop_ns - start_ns);
	else
		record(task, stop_ns - start_ns, true);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
