/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The user side of stacks.bpf.h: prints the stacks that a generation has kept. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include "loader.h"
#include "stacks.h"

static struct bpf_map *maps[GENERATIONS];
static enum stack_origin origin;

void prepare_stacks(struct bpf_object *object, const struct options *options, enum stack_origin from)
{
	origin = from;
	for (int i = 0; i < GENERATIONS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "stacks_%d", i);
		maps[i] = find_map(object, name);
		bpf_map__set_max_entries(maps[i], options->max_stacks);
	}
}

static void print_frames(const __u64 *frames, __u32 count, bool *first)
{
	for (__u32 i = 0; i < count; i++) {
		print_json("%s\"%llx\"", *first ? "" : ",", frames[i]);
		*first = false;
	}
}

static void print_stack(const void *key, const void *value, void *context)
{
	const struct stack *stack = value;
	/* A task's own stack, walked on its way out, ends in the tracing that walked it. */
	__u32 skipped = origin == STACK_LEAVING     ? frames_before_scheduler(stack->frames, stack->depth)
			: origin == STACK_INTERRUPTED ? 1
						      : 0;
	bool first = true;
	(void)context;

	print_json("{\"type\":\"stack\",\"id\":\"%llx\",\"kernel\":[", *(const __u64 *)key);
	print_frames(stack->sched_frames, stack->sched_depth, &first);
	print_frames(stack->frames + skipped, stack->depth - skipped, &first);
	print_json("]}\n");
}

void print_stacks(__u32 generation)
{
	if (maps[generation])
		drain_map(maps[generation], print_stack, NULL);
}
