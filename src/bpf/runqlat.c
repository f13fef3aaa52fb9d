/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of runqlat.bpf.c. */
#include <bpf/libbpf.h>
#include "embedded.h"
#include "loader.h"
#include "runqlat.h"

EMBEDDED(runqlat_atomic)
EMBEDDED(runqlat_portable)

static struct bpf_object *object;
static bool by_thread;

static void load(const struct options *options)
{
	refuse_block_options(options, "runqlat");
	refuse_user_stacks(options, "runqlat");
	object = open_build("runqlat", EMBEDDED_BUILD(runqlat_atomic), EMBEDDED_BUILD(runqlat_portable), options);
	by_thread = options->by_thread;

	struct runqlat_config *config = initial_value(object, ".rodata.config", sizeof(*config));

	config->min_ns = options->min_ns;
	config->max_ns = options->max_ns;
	config->by_thread = options->by_thread;
	config->has_prev_state = has_prev_state(kernel_btf(options));
	prepare_filter(object, options, &config->filter);
	bpf_map__set_max_entries(find_map(object, "slots"), highest_tid());
	load_entries(object);
	fill_filter(object, options);
}

static void attach(const struct options *options)
{
	follow_children(object, options);
	begin_interval();
	attach_program(object, "runqlat_wakeup");
	attach_program(object, "runqlat_wakeup_new");
	attach_program(object, "runqlat_switch");
	run_iterator(object, "runqlat_seed", NULL);
}

static void print_entry(const void *key_bytes, const void *value_bytes, void *sums)
{
	const struct runqlat_key *key = key_bytes;
	const struct entry_value *value = value_bytes;

	print_json("{\"type\":\"%s\",", key->missed ? "missed" : "entry");
	print_task(key->comm, key->tgid, by_thread, key->tid);
	if (key->missed) {
		print_json(",\"count\":%llu}\n", value->count);
		return;
	}
	print_json(",");
	print_value(value, sums);
	print_json(",\"open\":%llu}\n", value->open);
}

static void flush(bool last)
{
	static const char *const programs[] = { "runqlat_wakeup", "runqlat_wakeup_new", "runqlat_switch", NULL };
	static const struct flush_steps steps = {
		.open_iterator = "runqlat_open",
		.programs = programs,
		.print_entry = print_entry,
	};

	flush_entries(object, &steps, last);
}

const struct trace_program runqlat_program = {
	.name = "runqlat",
	.load = load,
	.attach = attach,
	.flush = flush,
	.describe = describe_build,
};
