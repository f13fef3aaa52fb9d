/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps each stack once, in a hash under a 64-bit hash of its addresses. */
#ifndef KERNELSCOPE_STACKS_BPF_H
#define KERNELSCOPE_STACKS_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include "stacks.h"

struct stack_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct stack);
} stacks_0 SEC(".maps"), stacks_1 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, GENERATIONS);
	__type(key, __u32);
	__array(values, struct stack_map);
} stacks SEC(".maps") = { .values = { &stacks_0, &stacks_1 } };

/* Too large for the BPF stack. No switch interrupts another on one CPU, and the iterators run while nothing switches. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stack);
} scratch SEC(".maps");

static __always_inline __u64 mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

/* Gives the content hash of the stack in the scratch, which is never 0. */
static __always_inline __u64 hash_stack(struct stack *stack)
{
	__u64 hash = mix(stack->sched_depth, stack->depth);

	for (__u32 i = 0; i < MAX_SCHED_FRAMES; i++) {
		if (i >= stack->sched_depth)
			break;
		hash = mix(hash, stack->sched_frames[i]);
	}
	for (__u32 i = 0; i < MAX_FRAMES; i++) {
		if (i >= stack->depth)
			break;
		hash = mix(hash, stack->frames[i]);
	}
	return hash ? hash : 1;
}

/* Keeps the stack in the scratch under its hash. Gives the hash, or 0 where there is no room for it. */
static __always_inline __u64 keep_stack(__u32 generation, struct stack *stack, struct stack_totals *sums)
{
	__u64 hash = hash_stack(stack);
	void *map = bpf_map_lookup_elem(&stacks, &generation);

	if (!map)
		return 0;
	if (bpf_map_lookup_elem(map, &hash))
		return hash;
	long error = bpf_map_update_elem(map, &hash, stack, BPF_NOEXIST);
	if (error && error != -EEXIST) {
		sums->full++;
		return 0;
	}
	return hash;
}

/* Walks the stack of the current task. Gives its hash, or 0 where there is none. */
static __always_inline __u64 walk_current(__u32 generation, void *ctx, struct stack_totals *sums)
{
	__u32 zero = 0;
	struct stack *stack = bpf_map_lookup_elem(&scratch, &zero);

	if (!stack)
		return 0;
	long bytes = bpf_get_stack(ctx, stack->frames, sizeof(stack->frames), 0);
	/* The scheduler's frames are among them. */
	stack->sched_depth = 0;
	stack->depth = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
	if (stack->depth == 0) {
		sums->failed++;
		return 0;
	}
	return keep_stack(generation, stack, sums);
}

#endif
