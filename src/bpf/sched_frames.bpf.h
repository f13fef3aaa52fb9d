/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bpf_get_task_stack leaves out every function of the section .sched.text (stack_trace_save_tsk does), and with them
 * what a thread waits for: io_schedule, __mutex_lock, rwsem_down_read_slowpath, do_nanosleep. Only a walk of the current
 * task's stack has them, which would have to be made on the way out, before it is known how long the block will be.
 *
 * So the end of the stack, from where the task was switched out up to the first frame that the kernel does give, is
 * walked here: by the size of each function's frame, which the helper takes from the kernel's ORC table, or by frame
 * pointers where the kernel has them. A walk counts only if it arrives at exactly that first frame; else it is dropped.
 */
#ifndef KERNELSCOPE_SCHED_FRAMES_BPF_H
#define KERNELSCOPE_SCHED_FRAMES_BPF_H

#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "sched_frames.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sched_frames);
} sched_frames SEC(".maps");

/* The end of the stack, read in one go, since every call of bpf_probe_read_kernel takes 50 ns. */
#define STACK_END_WORDS 64

struct stack_end {
	__u64 start;
	__u64 words[STACK_END_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stack_end);
} stack_ends SEC(".maps");

/* How many words of a stack are read: the frames of __schedule and of what calls it, but no further than a stack is sure
 * to reach, with the registers that every thread has at its beginning. */
#define STACK_END_READ 40

/* Where, on the stack, the next return address is, and the frame pointer of the function that it returns to. */
struct walk_position {
	__u64 return_slot;
	__u64 pointer_slot;
};

static __always_inline __u64 read_word(const struct stack_end *end, __u64 address)
{
	__u64 word = 0;
	__u64 index = (address - end->start) / 8;

	if (index < STACK_END_READ)
		return end->words[index & (STACK_END_WORDS - 1)];
	bpf_probe_read_kernel(&word, sizeof(word), (const void *)address);
	return word;
}

#if defined(__TARGET_ARCH_x86)

/* __switch_to_asm leaves its return address, into __schedule, on top of the registers that it saved. */
static __always_inline struct walk_position first_position(struct task_struct *task, __u64 *start)
{
	struct inactive_task_frame *frame = (void *)task->thread.sp;
	struct walk_position position = {
		.return_slot = (__u64)__builtin_preserve_access_index(&frame->ret_addr),
		.pointer_slot = (__u64)__builtin_preserve_access_index(&frame->bp),
	};
	*start = (__u64)frame;
	return position;
}

static __always_inline __u64 plain_address(__u64 return_address)
{
	return return_address;
}

#elif defined(__TARGET_ARCH_arm64)

/* cpu_switch_to was called by __switch_to, whose frame record the saved frame pointer points at. */
static __always_inline struct walk_position first_position(struct task_struct *task, __u64 *start)
{
	__u64 fp = task->thread.cpu_context.fp;
	struct walk_position position = { .return_slot = fp + 8, .pointer_slot = fp };
	*start = fp;
	return position;
}

/* Without the signature that pointer authentication puts into the upper bits. */
static __always_inline __u64 plain_address(__u64 return_address)
{
	return return_address | 0xffff000000000000ull;
}

#else
#error "the scheduler's frames are not known on this architecture"
#endif

/*
 * Walks the frames below `first`, the leaf of what bpf_get_task_stack gave, into `frames`, leaf first.
 * Gives how many there are; 0 where they could not be walked with certainty.
 */
static __always_inline __u32 walk_sched_frames(struct task_struct *task, __u64 first, __u64 *frames)
{
	__u32 zero = 0;
	struct sched_frames *table = bpf_map_lookup_elem(&sched_frames, &zero);
	struct stack_end *end = bpf_map_lookup_elem(&stack_ends, &zero);
	if (!table || !end || table->walk == SCHED_WALK_NONE)
		return 0;
	struct walk_position position = first_position(task, &end->start);
	if (bpf_probe_read_kernel(end->words, STACK_END_READ * 8, (const void *)end->start))
		return 0;

	for (__u32 i = 0; i <= MAX_SCHED_FRAMES; i++) {
		__u64 address = plain_address(read_word(end, position.return_slot));
		__u64 offset = address - 1 - table->text_start;

		if (address == first)
			return i;
		if (i == MAX_SCHED_FRAMES || offset >= table->text_end - table->text_start)
			return 0;
		frames[i] = address;
		if (table->walk == SCHED_WALK_POINTERS) {
			position.pointer_slot = read_word(end, position.pointer_slot);
			position.return_slot = position.pointer_slot + 8;
			continue;
		}
		struct frame_size size = table->sizes[offset & (SCHED_TEXT_MAX - 1)];
		if (size.words == 0)
			return 0;
		/* The stack pointer, once the call had returned, was behind the return address. */
		__u64 base = size.from_pointer ? read_word(end, position.pointer_slot) : position.return_slot + 8;
		__u64 frame_end = base + size.words * 8;
		position.return_slot = frame_end - 8;
		if (size.pointer_words)
			position.pointer_slot = frame_end - size.pointer_words * 8;
	}
	return 0;
}

#endif
