/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of offcpu.bpf.c: options in, two generations of maps out. */
#include <bpf/libbpf.h>
#include "embedded.h"
#include "loader.h"
#include "offcpu.h"

EMBEDDED(offcpu_atomic)
EMBEDDED(offcpu_portable)

static struct bpf_object *object;
static bool by_thread;
static bool with_user_stacks;

static void load(const struct options *options)
{
	const struct btf *btf = kernel_btf(options);

	object = open_build("offcpu", EMBEDDED_BUILD(offcpu_atomic), EMBEDDED_BUILD(offcpu_portable), options);
	by_thread = options->by_thread;
	with_user_stacks = options->user_stacks;

	struct offcpu_config *config = initial_value(object, ".rodata.config", sizeof(*config));

	config->min_ns = options->min_ns;
	config->max_ns = options->max_ns;
	config->by_thread = options->by_thread;
	config->has_prev_state = has_prev_state(btf);
	config->has_get_task_stack = !options->force_walk_out && has_helper(btf, "BPF_FUNC_get_task_stack");
	prepare_filter(object, options, &config->filter);
	prepare_stacks(object, options, config->has_get_task_stack ? STACK_WALKED : STACK_LEAVING);
	prepare_kernel_stacks(object, options);
	config->user_walk = prepare_user_stacks(object, options);
	config->run_queue_clock = prepare_clock(options);
	if (!config->has_get_task_stack && config->filter.idle_count)
		fail("load", "leaving idle threads out needs Linux 5.9 or newer");

	bpf_map__set_max_entries(find_map(object, "slots"), highest_tid());
	load_entries(object);
	fill_filter(object, options);
}

static void describe(void)
{
	describe_build();
	describe_kernel_stacks();
	describe_clock();
}

static void attach(const struct options *options)
{
	follow_children(object, options);
	begin_interval();
	run_iterator(object, "offcpu_seed", NULL);
	if (options->launched)
		forget_slot(object, options->launched);
	attach_program(object, "offcpu_switch");
}

static void print_entry(const void *key_bytes, const void *value_bytes, void *sums)
{
	const struct offcpu_key *key = key_bytes;
	const struct entry_value *value = value_bytes;
	bool missed = key->state == STATE_MISSED_IN;

	print_json("{\"type\":\"%s\",", missed ? "missed" : "entry");
	print_task(key->comm, key->tgid, by_thread, key->tid);
	if (missed) {
		print_json(",\"count\":%llu}\n", value->count);
		return;
	}
	print_json(",\"stack\":\"%llx\",", key->stack);
	if (with_user_stacks)
		print_json("\"user\":\"%llx\",", key->user_stack);
	print_value(value, sums);
	print_json(",\"state\":%u,\"open\":%llu}\n", key->state, value->open);
}

static void flush(bool last)
{
	static const char *const programs[] = { "offcpu_switch", NULL };
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
