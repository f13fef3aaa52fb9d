/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of runqlat.bpf.c. */
#include <bpf/libbpf.h>
#include "embedded.h"
#include "loader.h"
#include "runqlat.h"

EMBEDDED(runqlat_atomic)
EMBEDDED(runqlat_portable)

static const char *const programs[] = { "runqlat_wakeup", "runqlat_wakeup_new", "runqlat_switch", NULL };

static struct bpf_object *object;

static void load(const struct options *options)
{
	refuse_block_options(options, "runqlat");
	if (options->user_stacks)
		fail("usage", "runqlat walks no user stacks");
	object = open_build("runqlat", EMBEDDED_BUILD(runqlat_atomic), EMBEDDED_BUILD(runqlat_portable), options);
	prepare_slots(object, options);
	load_build(object, options);
}

static void attach(const struct options *options)
{
	begin_tracing(object, options);
	attach_programs(object, programs);
	run_iterator(object, "runqlat_seed", NULL);
}

static void print_entry(const void *key_bytes, const void *value, void *sums)
{
	const struct runqlat_key *key = key_bytes;

	if (key->missed) {
		print_missed(&key->task, value);
		return;
	}
	print_beginning(&key->task, value, sums);
	print_json("}\n");
}

static void flush(bool last)
{
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
