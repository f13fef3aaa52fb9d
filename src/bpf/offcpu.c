/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of offcpu.bpf.c: options in, two generations of maps out. */
#include <bpf/libbpf.h>
#include "embedded.h"
#include "loader.h"
#include "offcpu.h"

EMBEDDED(offcpu_atomic)
EMBEDDED(offcpu_portable)

static const char *const programs[] = { "offcpu_switch", NULL };

static struct bpf_object *object;

static void load(const struct options *options)
{
	object = open_build("offcpu", EMBEDDED_BUILD(offcpu_atomic), EMBEDDED_BUILD(offcpu_portable), options);

	struct offcpu_config *config = initial_value(object, ".rodata.config", sizeof(*config));

	config->has_get_task_stack = !options->force_walk_out && has_helper(kernel_btf(options), "BPF_FUNC_get_task_stack");
	config->run_queue_clock = prepare_clock(options);
	if (!config->has_get_task_stack && options->idle_count)
		fail("load", "leaving idle threads out needs Linux 5.9 or newer");
	prepare_slots(object, options);
	prepare_stacks(object, options, config->has_get_task_stack ? STACK_WALKED : STACK_LEAVING);
	prepare_kernel_stacks(object, options);
	prepare_user_stacks(object, options);
	prepare_user_threads(object);
	load_build(object, options);
}

static void describe(void)
{
	describe_build();
	describe_kernel_stacks();
	describe_clock();
}

static void attach(const struct options *options)
{
	begin_tracing(object, options);
	run_iterator(object, "offcpu_seed", NULL);
	if (options->launched)
		forget_slot(object, options->launched);
	attach_programs(object, programs);
}

static void print_entry(const void *key_bytes, const void *value, void *sums)
{
	const struct offcpu_key *key = key_bytes;

	if (key->state == STATE_MISSED_IN) {
		print_missed(&key->task, value);
		return;
	}
	print_beginning(&key->task, value, sums);
	print_json(",\"stack\":\"%llx\"", key->stack);
	print_user_stack_id("user", key->user_stack);
	print_json(",\"state\":%u}\n", key->state);
}

static void flush(bool last)
{
	static const struct flush_steps steps = {
		.open_iterator = "offcpu_open",
		.programs = programs,
		.print_entry = print_entry,
	};

	flush_entries(object, &steps, last);
}

const struct trace_program offcpu_program = {
	.name = "offcpu",
	.load = load,
	.attach = attach,
	.flush = flush,
	.describe = describe,
};
