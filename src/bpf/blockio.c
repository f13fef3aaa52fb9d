/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of blockio.bpf.c. */
#include <bpf/libbpf.h>
#include "blockio.h"
#include "embedded.h"
#include "loader.h"

EMBEDDED(blockio_atomic)
EMBEDDED(blockio_portable)

/* A tracepoint's program, and whether this kernel is traced by it. */
struct hook {
	const char *program;
	bool used;
};

enum hook_name { START, DONE, INSERT, ISSUE, COMPLETE, MERGE, HOOKS };

static struct hook hooks[] = {
	[START] = { "blockio_start", false },       [DONE] = { "blockio_done", false },
	[INSERT] = { "blockio_insert", false },     [ISSUE] = { "blockio_issue", true },
	[COMPLETE] = { "blockio_complete", false }, [MERGE] = { "blockio_merge", false },
};

static struct bpf_object *object;
static const char *programs[HOOKS + 1]; /* those that are used */

/* A letter for each operation, as blktrace has them; E, Z and N are its DE, its WZ and what has no letter. */
static const struct {
	const char *name;
	char letter;
} operations[] = {
	{ "REQ_OP_READ", 'R' },		{ "REQ_OP_WRITE", 'W' },	{ "REQ_OP_ZONE_APPEND", 'W' }, { "REQ_OP_FLUSH", 'F' },
	{ "REQ_OP_DISCARD", 'D' }, { "REQ_OP_SECURE_ERASE", 'E' }, { "REQ_OP_WRITE_ZEROES", 'Z' },
};
static char letters[256];

static void name_operations(const struct btf *btf)
{
	for (size_t i = 0; i < sizeof(letters); i++)
		letters[i] = 'N';
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		__u32 value;

		/* The enum was called req_opf before 6.0. */
		if ((enum_value(btf, "req_op", operations[i].name, &value) ||
		     enum_value(btf, "req_opf", operations[i].name, &value)) &&
		    value < sizeof(letters))
			letters[value] = operations[i].letter;
	}
}

static void load(const struct options *options)
{
	const struct btf *btf = kernel_btf(options);
	__u32 issue_arguments = tracepoint_arguments(btf, "block_rq_issue");

	refuse_block_options(options, "blockio");
	if (issue_arguments == 0)
		fail("load", "the kernel has no tracepoint block_rq_issue");
	if (!has_helper(btf, "BPF_FUNC_get_current_task_btf"))
		fail("load", "blockio needs Linux 5.11 or newer");
	object = open_build("blockio", EMBEDDED_BUILD(blockio_atomic), EMBEDDED_BUILD(blockio_portable), options);
	name_operations(btf);

	struct blockio_config *config = initial_value(object, ".rodata.config", sizeof(*config));
	__u32 flush_bit;

	config->queue_is_first = issue_arguments > 1;
	config->has_io_start = !options->force_walk_out && tracepoint_arguments(btf, "block_io_start") > 0;
	/* An enum since 6.11; it was a macro before. */
	config->flush_flag = 1u << (enum_value(btf, "rqf_flags", "__RQF_FLUSH_SEQ", &flush_bit) ? flush_bit : 4);
	prepare_caller_stacks(object, options);

	hooks[START].used = hooks[DONE].used = config->has_io_start;
	hooks[INSERT].used = hooks[COMPLETE].used = !config->has_io_start;
	hooks[MERGE].used = tracepoint_arguments(btf, "block_rq_merge") > 0;
	for (int i = 0, used = 0; i < HOOKS; i++) {
		bpf_program__set_autoload(find_program(object, hooks[i].program), hooks[i].used);
		if (hooks[i].used)
			programs[used++] = hooks[i].program;
	}
	load_build(object, options);
}

static void attach(const struct options *options)
{
	begin_tracing(object, options);
	attach_programs(object, programs);
}

static void print_entry(const void *key_bytes, const void *value_bytes, void *sums)
{
	const struct blockio_key *key = key_bytes;
	const struct entry_value *value = value_bytes;

	if (key->missed) {
		print_missed(&key->task, value);
		return;
	}
	print_beginning(&key->task, value, sums);
	print_json(",\"stack\":\"%llx\"", key->stack);
	print_user_stack_id("user", key->user_stack);
	print_json(",\"details\":{\"device\":");
	print_json_string(key->device, sizeof(key->device));
	print_json(",\"operation\":\"%c\",\"bytes\":%llu}}\n", letters[key->operation & 0xff], value->amount);
}

static void flush(bool last)
{
	static const struct flush_steps steps = {
		.open_iterator = "blockio_open",
		.open_map = "requests",
		.programs = programs,
		.print_entry = print_entry,
	};

	flush_entries(object, &steps, last);
}

const struct trace_program blockio_program = {
	.name = "blockio",
	.load = load,
	.attach = attach,
	.flush = flush,
	.describe = describe_build,
};
