/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of oncpu.bpf.c: a clock on every CPU. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "embedded.h"
#include "loader.h"
#include "oncpu.h"

EMBEDDED(oncpu_atomic)
EMBEDDED(oncpu_portable)

static const char *const programs[] = { "oncpu_sample", NULL };

static struct bpf_object *object;
static __u64 period_ns;
static bool *sampled; /* by CPU */

static void load(const struct options *options)
{
	refuse_block_options(options, "oncpu");
	if (!has_helper(kernel_btf(options), "BPF_FUNC_get_current_task_btf"))
		fail("load", "oncpu needs Linux 5.11 or newer");
	object = open_build("oncpu", EMBEDDED_BUILD(oncpu_atomic), EMBEDDED_BUILD(oncpu_portable), options);
	period_ns = 1000000000ull / options->frequency;

	struct oncpu_config *config = initial_value(object, ".rodata.config", sizeof(*config));

	config->period_ns = period_ns;
	prepare_stacks(object, options, STACK_INTERRUPTED);
	prepare_user_stacks(object, options);
	load_build(object, options);
}

/* Sets the clock of a CPU. Says whether there is that CPU, for some may be offline. */
static bool sample_cpu(int cpu)
{
	struct perf_event_attr clock = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(clock),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period_ns,
	};
	int fd = syscall(SYS_perf_event_open, &clock, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && (errno == ENODEV || errno == ENXIO))
		return false;
	if (fd < 0)
		fail(errno == EACCES || errno == EPERM ? "permission" : "attach", "the clock of CPU %d cannot be set: %s", cpu,
		     strerror(errno));
	if (!bpf_program__attach_perf_event(find_program(object, "oncpu_sample"), fd))
		fail("attach", "the clock of CPU %d takes no program: %s", cpu, strerror(errno));
	return true;
}

/* Sets the clocks of those CPUs that have none, such as those that have come online since. */
static void sample_cpus(void)
{
	int cpus = libbpf_num_possible_cpus();

	if (!sampled)
		sampled = calloc(cpus > 0 ? cpus : 1, sizeof(*sampled));
	if (cpus < 1 || !sampled)
		fail("internal", "cannot tell how many CPUs there are");
	for (int cpu = 0; cpu < cpus; cpu++)
		if (!sampled[cpu])
			sampled[cpu] = sample_cpu(cpu);
}

static void attach(const struct options *options)
{
	begin_tracing(object, options);
	sample_cpus();
}

static void print_entry(const void *key_bytes, const void *value, void *sums)
{
	const struct oncpu_key *key = key_bytes;

	if (key->leaf)
		print_json("{\"type\":\"stack\",\"id\":\"%llx\",\"kernel\":[\"%llx\"]}\n", key->leaf, key->leaf);
	print_beginning(&key->task, value, sums);
	print_json(",\"stack\":\"%llx\"", key->stack);
	print_user_stack_id("user", key->user_stack);
	print_json(",\"details\":{\"in_user\":%u,\"leaf\":\"%llx\"}}\n", key->in_user, key->leaf);
}

static void flush(bool last)
{
	static const struct flush_steps steps = {
		.programs = programs,
		.print_entry = print_entry,
	};

	flush_entries(object, &steps, last);
	if (!last)
		sample_cpus();
}

const struct trace_program oncpu_program = {
	.name = "oncpu",
	.load = load,
	.attach = attach,
	.flush = flush,
	.describe = describe_build,
};
