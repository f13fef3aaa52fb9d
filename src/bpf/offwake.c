/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of offwake.bpf.c. */
#include <bpf/libbpf.h>
#include "embedded.h"
#include "loader.h"
#include "offwake.h"

EMBEDDED(offwake_atomic)
EMBEDDED(offwake_portable)

static struct bpf_object *object;
static bool by_thread;

static void load(const struct options *options)
{
	const struct btf *btf = kernel_btf(options);

	refuse_user_stacks(options, "offwake");
	if (!has_helper(btf, "BPF_FUNC_get_task_stack"))
		fail("load", "offwake needs Linux 5.9 or newer");
	object = open_build("offwake", EMBEDDED_BUILD(offwake_atomic), EMBEDDED_BUILD(offwake_portable), options);
	by_thread = options->by_thread;

	struct offwake_config *config = initial_value(object, ".rodata.config", sizeof(*config));

	config->min_ns = options->min_ns;
	config->max_ns = options->max_ns;
	config->by_thread = options->by_thread;
	config->has_prev_state = has_prev_state(btf);
	prepare_filter(object, options, &config->filter);
	prepare_stacks(object, options, STACK_WALKED);
	prepare_kernel_stacks(object, options);
	bpf_map__set_max_entries(find_map(object, "slots"), highest_tid());
	load_entries(object);
	fill_filter(object, options);
}

static void describe(void)
{
	describe_build();
	describe_kernel_stacks();
}

static void attach(const struct options *options)
{
	follow_children(object, options);
	begin_interval();
	run_iterator(object, "offwake_seed", NULL);
	if (options->launched)
		forget_slot(object, options->launched);
	attach_program(object, "offwake_waking");
	attach_program(object, "offwake_switch");
}

static void print_entry(const void *key_bytes, const void *value_bytes, void *sums)
{
	const struct offwake_key *key = key_bytes;
	const struct entry_value *value = value_bytes;
	bool missed = key->end == OFFWAKE_MISSED;

	print_json("{\"type\":\"%s\",", missed ? "missed" : "entry");
	print_task(key->comm, key->tgid, by_thread, key->tid);
	if (missed) {
		print_json(",\"count\":%llu}\n", value->count);
		return;
	}
	print_json(",\"stack\":\"%llx\",", key->stack);
	print_value(value, sums);
	print_json(",\"state\":%u,\"open\":%llu,\"details\":{\"waker_stack\":\"%llx\"", key->state, value->open,
		   key->waker_stack);
	if (key->end == OFFWAKE_WOKEN) {
		print_json(",\"waker\":");
		print_json_string(key->waker, sizeof(key->waker));
	}
	print_json("}}\n");
}

static void flush(bool last)
{
	static const char *const programs[] = { "offwake_waking", "offwake_switch", NULL };
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
