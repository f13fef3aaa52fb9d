/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events added up by key, in two generations: the helper flips `control.generation`, waits until no program can still
 * hold the old number, and drains the old maps while nothing writes to them.
 * ENTRY_KEY is the type of the key; a program defines it before it includes this.
 */
#ifndef KERNELSCOPE_ENTRIES_BPF_H
#define KERNELSCOPE_ENTRIES_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include "entries.h"

volatile struct entry_control control SEC(".data.control");

struct entry_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* the helper sizes it before load */
	__type(key, ENTRY_KEY);
	__type(value, struct entry_value);
} entries_0 SEC(".maps"), entries_1 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, GENERATIONS);
	__type(key, __u32);
	__array(values, struct entry_map);
} entries SEC(".maps") = { .values = { &entries_0, &entries_1 } };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, GENERATIONS);
	__type(key, __u32);
	__type(value, struct entry_totals);
} totals SEC(".maps");

/*
 * Gives what is counted in the generation to write to, and puts which that is into `generation`: it is read once for each
 * event, so that all of the event is in one. 0, which does not happen, is for the verifier.
 */
static __always_inline struct entry_totals *current_totals(__u32 *generation)
{
	*generation = control.generation & (GENERATIONS - 1);
	return bpf_map_lookup_elem(&totals, generation);
}

static __always_inline void raise_max(struct entry_value *value, __u64 ns)
{
#ifdef KERNELSCOPE_ATOMICS
	for (int tries = 0; tries < 8; tries++) {
		__u64 seen = *(volatile __u64 *)&value->max_ns;
		if (seen >= ns || __sync_val_compare_and_swap(&value->max_ns, seen, ns) == seen)
			break;
	}
#else
	if (value->max_ns < ns)
		value->max_ns = ns;
#endif
}

static __always_inline void add_to(struct entry_value *value, __u64 ns, __u64 amount, bool open)
{
	__sync_fetch_and_add(&value->ns, ns);
	__sync_fetch_and_add(&value->count, 1);
	if (open)
		__sync_fetch_and_add(&value->open, 1);
	if (amount)
		__sync_fetch_and_add(&value->amount, amount);
	raise_max(value, ns);
}

static __always_inline void count_total(struct entry_totals *sums, __u64 ns)
{
	sums->total_count++;
	sums->total_ns += ns;
}

/* Counts an event, which is in the total, that a map did not take. */
static __always_inline void count_lost(struct entry_totals *sums, long error, __u64 ns)
{
	if (error == -E2BIG) {
		sums->lost_full_count++;
		sums->lost_full_ns += ns;
	} else {
		sums->lost_busy_count++;
		sums->lost_busy_ns += ns;
	}
}

/* Adds one event to the entry of its key. */
static __always_inline void add_event(__u32 generation, ENTRY_KEY *key, __u64 ns, __u64 amount, bool open,
				      struct entry_totals *sums)
{
	count_total(sums, ns);
	void *map = bpf_map_lookup_elem(&entries, &generation);
	if (!map)
		return;
	struct entry_value *value = bpf_map_lookup_elem(map, key);
	if (value) {
		add_to(value, ns, amount, open);
		return;
	}
	struct entry_value first = { .ns = ns, .count = 1, .max_ns = ns, .open = open, .amount = amount };
	long error = bpf_map_update_elem(map, key, &first, BPF_NOEXIST);
	if (!error)
		return;
	if (error == -EEXIST) {
		value = bpf_map_lookup_elem(map, key);
		if (value) {
			add_to(value, ns, amount, open);
			return;
		}
	}
	count_lost(sums, error, ns);
}

/* Counts an event of which not all was seen, so that its time is not known; it is in no total. */
static __always_inline void count_missed(ENTRY_KEY *key)
{
	__u32 generation;
	struct entry_totals *sums = current_totals(&generation);

	if (!sums)
		return;
	sums->missed_in++;
	void *map = bpf_map_lookup_elem(&entries, &generation);
	if (!map)
		return;
	struct entry_value *value = bpf_map_lookup_elem(map, key);
	if (value) {
		__sync_fetch_and_add(&value->count, 1);
	} else {
		struct entry_value first = {};
		first.count = 1;
		bpf_map_update_elem(map, key, &first, BPF_NOEXIST);
	}
}

/* Counts an event that ended before it began, by the clock. */
static __always_inline void count_backwards(void)
{
	__u32 generation;
	struct entry_totals *sums = current_totals(&generation);

	if (sums)
		sums->backwards++;
}

#endif
