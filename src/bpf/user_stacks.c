/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The user side of user_stacks.bpf.h: prints the user stacks that a generation has kept. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include "loader.h"
#include "user_stacks.h"

static struct bpf_map *maps[GENERATIONS];
static bool are_asked_for;

void prepare_user_stacks(struct bpf_object *object, const struct options *options)
{
	__u32 *walk = initial_value(object, ".rodata.user", sizeof(*walk));

	are_asked_for = options->user_stacks;
	if (!are_asked_for)
		return;
	for (int i = 0; i < GENERATIONS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "user_stacks_%d", i);
		maps[i] = find_map(object, name);
		bpf_map__set_max_entries(maps[i], options->max_stacks);
	}
	*walk = !options->force_portable && has_helper(kernel_btf(options), "BPF_FUNC_task_pt_regs") ? USER_WALK_POINTERS :
												       USER_WALK_HELPER;
}

void prepare_user_threads(struct bpf_object *object)
{
	if (are_asked_for)
		bpf_map__set_max_entries(find_map(object, "user_threads"), MAX_USER_THREADS);
}

void print_user_stack_id(const char *name, __u64 id)
{
	if (are_asked_for)
		print_json(",\"%s\":\"%llx\"", name, id);
}

static void print_user_stack(const void *key, const void *value, void *context)
{
	const struct user_stack *stack = value;
	(void)context;

	print_json("{\"type\":\"user_stack\",\"id\":\"%llx\",\"pid\":%u,\"time_ns\":%llu,\"frames\":[", *(const __u64 *)key,
		   stack->tgid, stack->time_ns);
	for (__u32 i = 0; i < stack->depth; i++)
		print_json("%s\"%llx\"", i == 0 ? "" : ",", stack->frames[i]);
	print_json("]}\n");
}

void print_user_stacks(__u32 generation)
{
	if (maps[generation])
		drain_map(maps[generation], print_user_stack, NULL);
}
