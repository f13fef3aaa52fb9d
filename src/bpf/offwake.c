/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of offwake.bpf.c. */
#include <bpf/libbpf.h>
#include "embedded.h"
#include "loader.h"
#include "offwake.h"

EMBEDDED(offwake_atomic)
EMBEDDED(offwake_portable)

static const char *const programs[] = { "offwake_waking", "offwake_switch", NULL };

static struct bpf_object *object;

static void load(const struct options *options)
{
	if (!has_helper(kernel_btf(options), "BPF_FUNC_get_task_stack"))
		fail("load", "offwake needs Linux 5.9 or newer");
	object = open_build("offwake", EMBEDDED_BUILD(offwake_atomic), EMBEDDED_BUILD(offwake_portable), options);
	prepare_slots(object, options);
	prepare_caller_stacks(object, options);
	prepare_user_threads(object);
	prepare_kernel_stacks(object, options);
	load_build(object, options);
}

static void describe(void)
{
	describe_build();
	describe_kernel_stacks();
}

static void attach(const struct options *options)
{
	begin_tracing(object, options);
	run_iterator(object, "offwake_seed", NULL);
	if (options->launched)
		forget_slot(object, options->launched);
	attach_programs(object, programs);
}

static void print_entry(const void *key_bytes, const void *value, void *sums)
{
	const struct offwake_key *key = key_bytes;

	if (key->end == OFFWAKE_MISSED) {
		print_missed(&key->task, value);
		return;
	}
	print_beginning(&key->task, value, sums);
	print_json(",\"stack\":\"%llx\"", key->stack);
	print_user_stack_id("user", key->user_stack);
	print_json(",\"state\":%u,\"details\":{\"waker_stack\":\"%llx\"", key->state, key->waker_stack);
	print_user_stack_id("waker_user", key->waker_user_stack);
	if (key->end == OFFWAKE_WOKEN) {
		print_json(",\"waker\":");
		print_json_string(key->waker, sizeof(key->waker));
	}
	print_json("}}\n");
}

static void flush(bool last)
{
	static const struct flush_steps steps = {
		.open_iterator = "offwake_open",
		.programs = programs,
		.print_entry = print_entry,
	};

	flush_entries(object, &steps, last);
}

const struct trace_program offwake_program = {
	.name = "offwake",
	.load = load,
	.attach = attach,
	.flush = flush,
	.describe = describe,
};
