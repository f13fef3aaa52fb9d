/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks the kernel stack of a task that is off the CPU.
 *
 * bpf_get_task_stack takes most of a microsecond, for the kernel looks up every frame in its ORC table anew; and it leaves
 * out every function of .sched.text and .spinlock.text (stack_trace_save_tsk does), and with them what a thread waits for:
 * io_schedule, __mutex_lock, rwsem_down_read_slowpath, do_nanosleep.
 *
 * So the stack is walked here, by the sizes of frames that are already known. A walk counts only if all of its functions
 * are ordinary ones of the kernel proper and it arrives at exactly where every stack begins: at the call right below the
 * registers that were saved when the kernel was entered. Else the kernel walks, and of what was walked here stays the end
 * that the kernel leaves out, if it leads to exactly the first frame that the kernel gives.
 */
#ifndef KERNELSCOPE_KERNEL_STACK_BPF_H
#define KERNELSCOPE_KERNEL_STACK_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "filter.bpf.h"
#include "frame_sizes.bpf.h"
#include "stacks.bpf.h"

/* Whether the kernel leaves the return address out. */
static __always_inline bool is_scheduler(__u64 address)
{
	return is_within(address, &facts.sched) || is_within(address, &facts.locks);
}

/* Where the kernel does not say where a stack begins: enough to know how much there is to read. */
#define USUAL_STACK_SIZE 16384

/* Longer stacks, and deeper ones, are left to the kernel. */
#define COPIED_WORDS 512
#define MAX_OWN_FRAMES 48

/* Below a power of 2, as the verifier sees it too: what it knows of a compared number is lost when that is put aside. */
static __always_inline __u64 bounded(__u64 number, __u64 limit)
{
	__asm__ volatile("" : "+r"(number));
	return number & (limit - 1);
}

#if defined(__TARGET_ARCH_x86)

/* The words of a stack, copied in one go, since every call of bpf_probe_read_kernel takes 50 ns. */
struct copied_stack {
	__u64 end; /* where the registers of its beginning are */
	__u64 words[COPIED_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct copied_stack);
} copied_stacks SEC(".maps");

/* All bits where the address is in the range, which is no longer than half of all. */
static __always_inline __u64 mask_if_within(__u64 address, const volatile struct code_range *range)
{
	__u64 offset = address - range->start;

	return mask_if_negative((offset - (range->end - range->start)) & ~offset);
}

/*
 * Walks the stack from `start`, what __switch_to_asm left, into the scratch, as far as it can. Gives 1 if it arrived at
 * the beginning.
 * It is a function that the verifier sees once, and not in every program that walks; and but for ways out the frames are one
 * path without branches, for the verifier follows every one through all frames.
 */
__attribute__((noinline)) int walk_frame_sizes(__u64 start)
{
	__u32 zero = 0;
	struct stack *stack = bpf_map_lookup_elem(&scratch, &zero);
	struct copied_stack *copy = bpf_map_lookup_elem(&copied_stacks, &zero);
	struct frame_sizes *known = bpf_map_lookup_elem(&frame_sizes, &zero);
	/* Places on the stack, in words from `start`: of the next return address, and of the saved frame pointer of the
	 * function that it returns to. */
	__u64 at = bpf_core_field_offset(struct inactive_task_frame, ret_addr) / 8;
	__u64 pointer_at = bpf_core_field_offset(struct inactive_task_frame, bp) / 8;
	__u64 sched_depth = 0;
	__u64 depth = 0;
	__u64 kind = 0;

	if (!stack || !copy || !known)
		return 0;
	__u64 bytes = copy->end - start;
	__u64 last = bytes / 8 - 1;
	if (bytes > sizeof(copy->words))
		bytes = sizeof(copy->words);
	if (bpf_probe_read_kernel(copy->words, bytes, (const void *)start))
		return 0;
	__u64 words = bytes / 8;
	for (__u32 i = 0; i < MAX_OWN_FRAMES; i++) {
		if (at >= words || sched_depth >= MAX_SCHED_FRAMES)
			return 0;
		__u64 address = copy->words[bounded(at, COPIED_WORDS)];
		__u64 place = address - facts.text.start;

		if (place == 0 || place > facts.text.end - facts.text.start)
			return 0;
		/* It is put into both lists, and stays in one at most: the scheduler's functions further up are in none. */
		__u64 is_scheduler = mask_if_within(address, &facts.sched) | mask_if_within(address, &facts.locks);
		__u64 is_end = is_scheduler & ~mask_if_negative(-depth);

		stack->sched_frames[bounded(sched_depth, MAX_SCHED_FRAMES)] = address;
		stack->frames[bounded(depth, 64)] = address;
		sched_depth += is_end & 1;
		depth += ~is_scheduler & 1;
		stack->sched_depth = sched_depth;
		stack->depth = depth;
		if (facts.whole_walk == WHOLE_WALK_KERNEL && depth > 0)
			return 0;
		if (at == last)
			return !is_trampoline(address);
		frame_size size = find_frame_size(known, place);

		/* __schedule, which is first, is an ordinary function. An interrupt or the like is of another kind. */
		if (i == 0)
			kind = FRAME_KIND(size);
		if (FRAME_WORDS(size) == 0 || FRAME_KIND(size) != kind)
			return 0;
		/* From the stack pointer, which, once the call had returned, was behind the return address; or the frame pointer. */
		__u64 from_pointer = -FRAME_FROM_POINTER(size);
		__u64 pointer = copy->words[bounded(pointer_at, COPIED_WORDS)] - start;

		if ((mask_if_negative(words - 1 - pointer_at) | (pointer & 7)) & from_pointer)
			return 0;
		__u64 end = choose(from_pointer, pointer / 8, at + 1) + FRAME_WORDS(size);
		__u64 saved = FRAME_POINTER_WORDS(size);

		at = end - 1;
		pointer_at = choose(mask_if_negative(-saved), end - saved, pointer_at);
	}
	return 0;
}

/* What a frame pointer leads to: on top of the stack, what __switch_to_asm saved. */
static __always_inline __u64 first_record(struct task_struct *task)
{
	struct inactive_task_frame *frame = (void *)task->thread.sp;

	return (__u64)__builtin_preserve_access_index(&frame->bp);
}

static __always_inline bool walk_by_sizes(struct task_struct *task)
{
	__u32 zero = 0;
	struct copied_stack *copy = bpf_map_lookup_elem(&copied_stacks, &zero);

	if (!copy)
		return false;
	/* Out of the map it is a number; no function takes such a pointer. */
	if (facts.has_task_pt_regs)
		copy->end = bpf_task_pt_regs(task);
	else
		copy->end = (__u64)task->stack + USUAL_STACK_SIZE - bpf_core_type_size(struct pt_regs);
	return walk_frame_sizes(task->thread.sp);
}

static __always_inline __u64 plain_address(__u64 return_address)
{
	return return_address;
}

#elif defined(__TARGET_ARCH_arm64)

/* cpu_switch_to was called by __switch_to, whose frame record the saved frame pointer points at. */
static __always_inline __u64 first_record(struct task_struct *task)
{
	return task->thread.cpu_context.fp;
}

static __always_inline bool walk_by_sizes(struct task_struct *task)
{
	return false;
}

/* Without the signature that pointer authentication puts into the upper bits. */
static __always_inline __u64 plain_address(__u64 return_address)
{
	return return_address | 0xffff000000000000ull;
}

#else
#error "kernel stacks are not known on this architecture"
#endif

/* Walks the scheduler's frames, and the one frame beyond them, into the scratch. */
static __always_inline void walk_frame_records(struct task_struct *task, struct stack *stack)
{
	__u64 at = first_record(task);

	for (__u32 i = 0; i <= MAX_SCHED_FRAMES; i++) {
		struct {
			__u64 caller;
			__u64 return_address;
		} record;

		if (bpf_probe_read_kernel(&record, sizeof(record), (const void *)at))
			return;
		__u64 address = plain_address(record.return_address);
		if (!is_scheduler(address)) {
			stack->frames[0] = address;
			stack->depth = 1;
			return;
		}
		if (i == MAX_SCHED_FRAMES)
			return;
		stack->sched_frames[i] = address;
		stack->sched_depth = i + 1;
		at = record.caller;
	}
}

/* Walks the stack into the scratch, as far as the program itself can. Says whether that is all of it. */
static __always_inline bool walk_own(struct task_struct *task, struct stack *stack)
{
	stack->sched_depth = 0;
	stack->depth = 0;
	if (facts.frame_walk == FRAME_WALK_SIZES)
		return walk_by_sizes(task);
	if (facts.frame_walk == FRAME_WALK_POINTERS)
		walk_frame_records(task, stack);
	return false;
}

/* The kernel's walk, for a comparison. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stack);
} checked_stacks SEC(".maps");

/* Whether the kernel gives the frames that were walked here. */
static __always_inline bool agrees_with_kernel(struct task_struct *task, const struct stack *stack)
{
	__u32 zero = 0;
	struct stack *checked = bpf_map_lookup_elem(&checked_stacks, &zero);

	if (!checked)
		return false;
	long bytes = bpf_get_task_stack(task, checked->frames, sizeof(checked->frames), 0);
	if (bytes != stack->depth * 8ull)
		return false;
	for (__u32 i = 0; i < MAX_FRAMES; i++) {
		if (i >= stack->depth)
			break;
		if (checked->frames[i] != stack->frames[i])
			return false;
	}
	return true;
}

/*
 * Walks the stack of a task that is off the CPU into `hash`, 0 where there is none.
 * Says whether the task is to be recorded: not if it only waits for something to do.
 */
static __always_inline bool walk_task(__u32 generation, struct task_struct *task, struct stack_totals *sums, __u64 *hash)
{
	__u32 zero = 0;
	struct stack *stack = bpf_map_lookup_elem(&scratch, &zero);

	if (!stack)
		return false;
	bool is_whole = walk_own(task, stack) && stack->depth > 0;
	bool is_sched_known = stack->sched_depth > 0 && stack->depth > 0;

	if (!is_whole) {
		__u64 first = stack->frames[0];
		long bytes = bpf_get_task_stack(task, stack->frames, sizeof(stack->frames), 0);

		if (bytes <= 0) {
			sums->failed++;
			return true;
		}
		stack->depth = (__u32)bytes / sizeof(__u64);
		is_sched_known = is_sched_known && stack->frames[0] == first;
	}
	if (filter.idle_count && is_idle(stack->frames[0]))
		return false;
	if (!is_sched_known) {
		stack->sched_depth = 0;
		sums->sched_failed++;
	}
	if (is_whole) {
		sums->own_walks++;
		/* What is still blocked at the end of tracing may be running by now. */
		if (facts.whole_walk == WHOLE_WALK_CHECK && !agrees_with_kernel(task, stack) && !is_on_cpu(task))
			sums->walks_differ++;
	}
	*hash = keep_stack(generation, stack, sums);
	return true;
}

#endif
