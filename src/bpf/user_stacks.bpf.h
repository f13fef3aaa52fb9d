/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks the user stack of a thread while it runs, for then alone its memory is at hand, and keeps it for the flush, once, under a
 * hash of what it is. That of a thread that is blocked is walked when it leaves the CPU, and waits by thread until the
 * block is recorded.
 */
#ifndef KERNELSCOPE_USER_STACKS_BPF_H
#define KERNELSCOPE_USER_STACKS_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "stacks.bpf.h"
#include "user_stacks.h"

enum { BPF_F_USER_STACK = 1 << 8 };

const volatile __u32 user_walk SEC(".rodata.user"); /* enum user_walk: whether user stacks are walked, and how */

/* What threads left the CPU with, by tid. The helper sizes these before load. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct user_stack);
} user_threads SEC(".maps");

struct user_stack_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct user_stack);
} user_stacks_0 SEC(".maps"), user_stacks_1 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, GENERATIONS);
	__type(key, __u32);
	__array(values, struct user_stack_map);
} user_stacks SEC(".maps") = { .values = { &user_stacks_0, &user_stacks_1 } };

/* Too large for the BPF stack. What is in it before it is walked into does not matter. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct user_stack);
} user_scratch SEC(".maps");

struct user_position {
	__u64 address;
	__u64 frame_pointer; /* 0 where it means nothing */
};

/* Of the addresses that a program is given without asking for higher ones. */
#if defined(__TARGET_ARCH_x86)
enum { USER_ADDRESS_BITS = 47 };
enum { USER_CS_64 = 0x33 };
static __always_inline struct user_position user_position(struct pt_regs *regs)
{
	struct user_position position = { .address = regs->ip };

	/* The frames of a 32-bit program are of another shape. */
	if (regs->cs == USER_CS_64)
		position.frame_pointer = regs->bp;
	return position;
}

static __always_inline __u64 plain_user_address(__u64 return_address)
{
	return return_address;
}
#elif defined(__TARGET_ARCH_arm64)
enum { USER_ADDRESS_BITS = 48 };
enum { PSR_MODE32_BIT = 0x10 };
static __always_inline struct user_position user_position(struct pt_regs *regs)
{
	struct user_position position = { .address = regs->pc };

	if (!(regs->pstate & PSR_MODE32_BIT))
		position.frame_pointer = regs->regs[29];
	return position;
}

/* Without the signature that pointer authentication puts into bits 48 to 54. */
static __always_inline __u64 plain_user_address(__u64 return_address)
{
	return return_address & ~(0x7full << 48);
}
#endif

/* What no program is ever at: a stack that was misread gives such numbers. */
static __always_inline bool is_user_address(__u64 address)
{
	return address >= 65536 && address < 1ull << USER_ADDRESS_BITS;
}

/* A hand walk takes 400 ns where bpf_get_stack takes 1000. */
static __always_inline void walk_frame_pointers(struct task_struct *task, struct user_stack *stack)
{
	struct user_position position = user_position((void *)bpf_task_pt_regs(task));
	struct {
		__u64 caller;
		__u64 address;
	} frame;

	if (!is_user_address(position.address))
		return;
	stack->frames[0] = position.address;
	stack->depth = 1;
	for (__u32 i = 1; i < MAX_FRAMES; i++) {
		if (position.frame_pointer % 8 != 0 || !is_user_address(position.frame_pointer))
			return;
		if (bpf_probe_read_user(&frame, sizeof(frame), (void *)position.frame_pointer))
			return;
		__u64 address = plain_user_address(frame.address);
		if (!is_user_address(address))
			return;
		stack->frames[i] = address;
		stack->depth = i + 1;
		/* Callers lie higher. */
		if (frame.caller <= position.frame_pointer)
			return;
		position.frame_pointer = frame.caller;
	}
}

static __always_inline void walk_by_helper(void *ctx, struct user_stack *stack)
{
	long bytes = bpf_get_stack(ctx, stack->frames, sizeof(stack->frames), BPF_F_USER_STACK);
	__u32 depth = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;

	for (__u32 i = 0; i < MAX_FRAMES; i++) {
		if (i >= depth || !is_user_address(stack->frames[i]))
			break;
		stack->depth = i + 1;
	}
}

/* Walks the user stack of who runs. */
static __always_inline void walk_user(void *ctx, struct task_struct *task, __u32 tgid, struct user_stack *stack)
{
	stack->tgid = tgid;
	stack->time_ns = bpf_ktime_get_ns();
	stack->depth = 0;
	if (user_walk == USER_WALK_POINTERS)
		walk_frame_pointers(task, stack);
	else
		walk_by_helper(ctx, stack);
}

/* Walks the user stack of who is about to leave the CPU, for `keep_user_stack`. Threads of the kernel have none. */
static __always_inline void walk_user_on_the_way_out(void *ctx, struct task_struct *task)
{
	__u32 zero = 0;
	__u32 tid = task->pid;

	if (task->flags & PF_KTHREAD)
		return;
	struct user_stack *stack = bpf_map_lookup_elem(&user_threads, &tid);
	if (!stack) {
		struct user_stack *any = bpf_map_lookup_elem(&user_scratch, &zero);
		if (!any || bpf_map_update_elem(&user_threads, &tid, any, BPF_NOEXIST))
			return;
		stack = bpf_map_lookup_elem(&user_threads, &tid);
		if (!stack)
			return;
	}
	walk_user(ctx, task, task->tgid, stack);
}

/* A thread that is no more gives its place away. */
static __always_inline void forget_user(struct task_struct *task)
{
	__u32 tid = task->pid;

	if (user_walk)
		bpf_map_delete_elem(&user_threads, &tid);
}

/* Keeps a stack for the flush. Gives its hash, or NO_USER_STACK. */
static __always_inline __u64 keep_walked(__u32 generation, struct user_stack *stack, struct stack_totals *sums)
{
	/* From memory: of a number that it has seen being counted, the verifier would try every value. */
	__u32 depth = *(volatile __u32 *)&stack->depth;

	if (depth == 0)
		return NO_USER_STACK;
	__u64 hash = mix(stack->tgid, depth);
	for (__u32 i = 0; i < MAX_FRAMES; i++) {
		if (i >= depth)
			break;
		hash = mix(hash, stack->frames[i]);
	}
	if (hash <= NO_USER_STACK)
		hash = NO_USER_STACK + 1;
	void *map = bpf_map_lookup_elem(&user_stacks, &generation);
	if (!map)
		return NO_USER_STACK;
	if (bpf_map_lookup_elem(map, &hash))
		return hash;
	long error = bpf_map_update_elem(map, &hash, stack, BPF_NOEXIST);
	if (error && error != -EEXIST) {
		sums->full++;
		return NO_USER_STACK;
	}
	return hash;
}

/*
 * Keeps the stack that the thread left the CPU with. Gives its hash, NO_USER_STACK, or 0: where none is asked for and for a
 * thread of the kernel.
 */
static __always_inline __u64 keep_user_stack(__u32 generation, struct task_struct *task, struct stack_totals *sums)
{
	__u32 tid = task->pid;

	if (!user_walk || task->flags & PF_KTHREAD)
		return 0;
	struct user_stack *stack = bpf_map_lookup_elem(&user_threads, &tid);
	if (!stack || stack->tgid != (__u32)task->tgid)
		return NO_USER_STACK;
	return keep_walked(generation, stack, sums);
}

/* Walks the stack of who runs, and keeps it. Gives the same. */
static __always_inline __u64 walk_and_keep_user(__u32 generation, void *ctx, struct stack_totals *sums)
{
	struct task_struct *task = 0;
	__u32 zero = 0;
	__u32 flags;

	if (!user_walk)
		return 0;
	/* Before 5.11 the task cannot be had so. */
	if (user_walk == USER_WALK_POINTERS) {
		task = (void *)bpf_get_current_task_btf();
		flags = task->flags;
	} else {
		flags = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), flags);
	}
	if (flags & PF_KTHREAD)
		return 0;
	struct user_stack *stack = bpf_map_lookup_elem(&user_scratch, &zero);
	if (!stack)
		return NO_USER_STACK;
	walk_user(ctx, task, bpf_get_current_pid_tgid() >> 32, stack);
	return keep_walked(generation, stack, sums);
}

#endif
