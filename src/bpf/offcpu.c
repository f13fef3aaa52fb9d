/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's side of offcpu.bpf.c: options in, two generations of maps out. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "embedded.h"
#include "loader.h"
#include "offcpu.h"

EMBEDDED(offcpu_atomic)
EMBEDDED(offcpu_portable)

static struct bpf_object *object;
static volatile struct offcpu_control *control;
static struct bpf_map *entry_maps[GENERATIONS];
static const char *variant;
static const char *sched_frames;
static bool by_thread;
static __u64 interval_start_ns;
static __u64 reported_misses;
static __u64 reported_unfollowed;
static __u64 flushes;

static __u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static __u32 highest_tid(void)
{
	FILE *file = fopen("/proc/sys/kernel/pid_max", "re");
	unsigned int pid_max = 0;

	if (!file || fscanf(file, "%u", &pid_max) != 1 || pid_max == 0)
		pid_max = 4194304;
	if (file)
		fclose(file);
	return pid_max;
}

/* From 5.18 on (fa2c3254d7cf) the tracepoint hands over the state: (void *, preempt, prev, next, prev_state). */
static bool has_prev_state(const struct btf *btf)
{
	__s32 id = btf__find_by_name_kind(btf, "btf_trace_sched_switch", BTF_KIND_TYPEDEF);

	if (id < 0)
		fail("load", "the kernel has no tracepoint sched_switch");
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_typedef(type) || btf_is_ptr(type))
		type = btf__type_by_id(btf, type->type);
	return btf_vlen(type) >= 5;
}

static bool has_helper(const struct btf *btf, const char *name)
{
	__s32 id = btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM);

	if (id < 0)
		return false;
	const struct btf_type *type = btf__type_by_id(btf, id);
	const struct btf_enum *values = btf_enum(type);

	for (int i = 0; i < btf_vlen(type); i++)
		if (strcmp(btf__name_by_offset(btf, values[i].name_off), name) == 0)
			return true;
	return false;
}

/* Atomics with a result came in 5.12, with BPF_ATOMIC in the place of BPF_XADD; this program is the smallest that has one. */
static bool has_atomics(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8, .imm = 0 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = BPF_REG_10, .src_reg = BPF_REG_0, .off = -8, .imm = BPF_CMPXCHG },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "atomics", "GPL", insns, sizeof(insns) / sizeof(*insns), NULL);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void load(const struct options *options)
{
	const struct btf *btf = kernel_btf(options);
	bool portable = options->force_portable || !has_atomics();

	variant = portable ? "portable" : "atomic";
	object = portable ? open_object("offcpu", EMBEDDED_BYTES(offcpu_portable), options)
			  : open_object("offcpu", EMBEDDED_BYTES(offcpu_atomic), options);
	by_thread = options->by_thread;

	struct offcpu_config *config = initial_value(object, ".rodata.config", sizeof(*config));

	config->min_ns = options->min_ns;
	config->max_ns = options->max_ns;
	config->by_thread = options->by_thread;
	config->has_prev_state = has_prev_state(btf);
	config->has_get_task_stack = !options->force_walk_out && has_helper(btf, "BPF_FUNC_get_task_stack");
	prepare_filter(object, options, &config->filter);
	prepare_stacks(object, options, !config->has_get_task_stack);
	if (!config->has_get_task_stack && config->filter.idle_count)
		fail("load", "leaving idle threads out needs Linux 5.9 or newer");

	bpf_map__set_max_entries(find_map(object, "slots"), highest_tid());
	for (int i = 0; i < GENERATIONS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "entries_%d", i);
		entry_maps[i] = find_map(object, name);
		bpf_map__set_max_entries(entry_maps[i], options->max_entries);
	}
	load_object(object);
	control = mapped_value(object, ".data.control");
	fill_filter(object, options);
	sched_frames = fill_sched_frames(object, options);
}

static void describe(void)
{
	print_json("\"variant\":\"%s\",\"sched_frames\":\"%s\"", variant, sched_frames);
}

static void attach(const struct options *options)
{
	follow_children(object, options);
	interval_start_ns = clock_ns(CLOCK_MONOTONIC);
	control->seed_ns = interval_start_ns;
	run_iterator(object, "offcpu_seed");
	attach_program(object, "offcpu_switch");
}

/* Returns when no BPF program still runs that began before: the kernel waits for that when an inner map is replaced. */
static void wait_for_running_programs(void)
{
	__u32 generation = 0;
	int inner = bpf_map__fd(entry_maps[0]);

	if (bpf_map_update_elem(bpf_map__fd(find_map(object, "entries")), &generation, &inner, BPF_ANY))
		fail("internal", "cannot wait for running programs: %s", strerror(errno));
}

static void print_tid(const struct offcpu_key *key)
{
	if (by_thread)
		print_json(",\"tid\":%u", key->tid);
}

static void print_entry(const void *key_bytes, const void *value_bytes, void *sums)
{
	const struct offcpu_key *key = key_bytes;
	const struct offcpu_value *value = value_bytes;
	struct offcpu_value *sum = sums;
	bool missed = key->state == STATE_MISSED_IN;

	print_json("{\"type\":\"%s\",\"process\":", missed ? "missed" : "entry");
	print_json_string(key->comm, sizeof(key->comm));
	print_json(",\"pid\":%u", key->tgid);
	print_tid(key);
	if (missed) {
		print_json(",\"count\":%llu}\n", value->count);
		return;
	}
	print_json(",\"stack\":\"%llx\",\"ns\":%llu,\"count\":%llu,\"max_ns\":%llu,\"state\":%u,\"open\":%llu}\n", key->stack,
		   value->ns, value->count, value->max_ns, key->state, value->open);
	sum->ns += value->ns;
	sum->count += value->count;
}

/* Adds up what every CPU counted in the generation, and leaves it at zero. */
static struct offcpu_totals drain_totals(__u32 generation)
{
	struct offcpu_totals all = {};
	int cpus = libbpf_num_possible_cpus();
	int fd = bpf_map__fd(find_map(object, "totals"));
	const size_t fields = sizeof(all) / sizeof(__u64);

	if (cpus < 1)
		fail("internal", "cannot tell how many CPUs there are");
	struct offcpu_totals *each = calloc(cpus, sizeof(*each));

	if (!each || bpf_map_lookup_elem(fd, &generation, each))
		fail("internal", "the totals cannot be read: %s", strerror(errno));
	for (int cpu = 0; cpu < cpus; cpu++)
		for (size_t field = 0; field < fields; field++)
			((__u64 *)&all)[field] += ((__u64 *)&each[cpu])[field];
	memset(each, 0, cpus * sizeof(*each));
	if (bpf_map_update_elem(fd, &generation, each, BPF_ANY))
		fail("internal", "the totals cannot be cleared: %s", strerror(errno));
	free(each);
	return all;
}

static void flush(bool last)
{
	__u32 generation = control->generation;
	__u64 now_ns = clock_ns(CLOCK_MONOTONIC);
	__u64 time_us = clock_ns(CLOCK_REALTIME) / 1000;
	struct offcpu_value sum = {};

	if (last) {
		control->stop_ns = now_ns;
		control->stopped = 1;
		wait_for_running_programs();
		run_iterator(object, "offcpu_open");
	} else {
		control->generation = generation ^ 1;
		wait_for_running_programs();
	}

	struct offcpu_totals totals = drain_totals(generation);
	__u64 misses = recursion_misses(object, "offcpu_switch");
	__u64 unfollowed = count_unfollowed();

	drain_map(entry_maps[generation], print_entry, &sum);
	print_stacks(generation);
	print_json("{\"type\":\"flush\",\"seq\":%llu,\"last\":%s,\"time_us\":%llu,\"interval_ns\":%llu,"
		   "\"sum\":{\"count\":%llu,\"ns\":%llu},\"total\":{\"count\":%llu,\"ns\":%llu},",
		   ++flushes, last ? "true" : "false", time_us, now_ns - interval_start_ns, sum.count, sum.ns,
		   totals.total_count, totals.total_ns);
	print_json("\"lost\":{\"count\":%llu,\"ns\":%llu},\"lost_full\":%llu,\"lost_busy\":%llu,\"missed_in\":%llu,"
		   "\"skipped\":%llu,\"backwards\":%llu,\"no_slot\":%llu,\"unfollowed\":%llu,\"stack_full\":%llu,\"stack_failed\":%llu,"
		   "\"sched_failed\":%llu}\n",
		   totals.lost_full_count + totals.lost_busy_count, totals.lost_full_ns + totals.lost_busy_ns,
		   totals.lost_full_count, totals.lost_busy_count, totals.missed_in, misses - reported_misses,
		   totals.backwards, totals.no_slot, unfollowed - reported_unfollowed, totals.stacks.full, totals.stacks.failed, totals.stacks.sched_failed);
	flush_output();
	reported_misses = misses;
	reported_unfollowed = unfollowed;
	interval_start_ns = now_ns;
}

const struct trace_program offcpu_program = {
	.name = "offcpu",
	.load = load,
	.attach = attach,
	.flush = flush,
	.describe = describe,
};
