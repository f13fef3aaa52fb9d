/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The user side of entries.bpf.h: opens the build that fits, swaps the generations, and prints one as a flush. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "loader.h"

static volatile struct entry_control *control;
static struct bpf_map *entry_maps[GENERATIONS];
static const char *variant;
static bool by_thread;
static __u64 begin_ns;
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

struct bpf_object *open_build(const char *name, const struct build *atomic, const struct build *portable,
			      const struct options *options)
{
	/* The verifiers of 5.12 to 5.14 have the atomics, and find the build that uses them too complex. */
	bool is_portable = options->force_portable || !has_atomics() ||
			   !has_helper(kernel_btf(options), "BPF_FUNC_task_pt_regs");
	const struct build *build = is_portable ? portable : atomic;
	struct bpf_object *object = open_object(name, build->start, build->end - build->start, options);

	variant = is_portable ? "portable" : "atomic";
	for (int i = 0; i < GENERATIONS; i++) {
		char map[16];

		snprintf(map, sizeof(map), "entries_%d", i);
		entry_maps[i] = find_map(object, map);
		bpf_map__set_max_entries(entry_maps[i], options->max_entries);
	}
	by_thread = options->filter.by_thread;
	prepare_filter(object, options);
	return object;
}

void load_build(struct bpf_object *object, const struct options *options)
{
	load_object(object);
	control = mapped_value(object, ".data.control");
	fill_filter(object, options);
}

void describe_build(void)
{
	print_json("\"variant\":\"%s\"", variant);
}

void begin_tracing(struct bpf_object *object, const struct options *options)
{
	follow_children(object, options);
	interval_start_ns = clock_ns(CLOCK_MONOTONIC);
	begin_ns = interval_start_ns;
	control->seed_ns = switch_clock_ns(interval_start_ns);
}

/* Returns when no BPF program still runs that began before: the kernel waits for that when an inner map is replaced. */
static void wait_for_running_programs(struct bpf_object *object)
{
	__u32 generation = 0;
	int inner = bpf_map__fd(entry_maps[0]);

	if (bpf_map_update_elem(bpf_map__fd(find_map(object, "entries")), &generation, &inner, BPF_ANY))
		fail("internal", "cannot wait for running programs: %s", strerror(errno));
}

/* Adds up what every CPU counted in the generation, and leaves it at zero. */
static struct entry_totals drain_totals(struct bpf_object *object, __u32 generation)
{
	struct entry_totals all = {};
	int cpus = libbpf_num_possible_cpus();
	int fd = bpf_map__fd(find_map(object, "totals"));
	const size_t fields = sizeof(all) / sizeof(__u64);

	if (cpus < 1)
		fail("internal", "cannot tell how many CPUs there are");
	struct entry_totals *each = calloc(cpus, sizeof(*each));

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

void flush_entries(struct bpf_object *object, const struct flush_steps *steps, bool last)
{
	__u32 generation = control->generation;
	__u64 now_ns = clock_ns(CLOCK_MONOTONIC);
	__u64 time_us = clock_ns(CLOCK_REALTIME) / 1000;
	struct entry_value sum = {};
	__u64 misses = 0;

	if (last) {
		control->stop_ns = switch_clock_ns(now_ns);
		control->traced_ns = now_ns - begin_ns;
		control->stopped = 1;
		wait_for_running_programs(object);
		if (steps->open_iterator)
			run_iterator(object, steps->open_iterator, steps->open_map);
	} else {
		control->generation = generation ^ 1;
		wait_for_running_programs(object);
	}

	struct entry_totals totals = drain_totals(object, generation);
	__u64 unfollowed = count_unfollowed();

	for (const char *const *program = steps->programs; *program; program++)
		misses += recursion_misses(object, *program);
	drain_map(entry_maps[generation], steps->print_entry, &sum);
	print_stacks(generation);
	print_user_stacks(generation);
	print_json("{\"type\":\"flush\",\"seq\":%llu,\"last\":%s,\"time_us\":%llu,\"interval_ns\":%llu,"
		   "\"sum\":{\"count\":%llu,\"ns\":%llu},\"total\":{\"count\":%llu,\"ns\":%llu},",
		   ++flushes, last ? "true" : "false", time_us, now_ns - interval_start_ns, sum.count, sum.ns,
		   totals.total_count, totals.total_ns);
	print_json("\"lost\":{\"count\":%llu,\"ns\":%llu},\"lost_full\":%llu,\"lost_busy\":%llu,\"missed_in\":%llu,"
		   "\"skipped\":%llu,\"backwards\":%llu,\"no_slot\":%llu,\"unfollowed\":%llu,\"stack_full\":%llu,\"stack_failed\":%llu,"
		   "\"sched_failed\":%llu,\"own_walks\":%llu,\"walks_differ\":%llu}\n",
		   totals.lost_full_count + totals.lost_busy_count, totals.lost_full_ns + totals.lost_busy_ns,
		   totals.lost_full_count, totals.lost_busy_count, totals.missed_in, misses - reported_misses,
		   totals.backwards, totals.no_slot, unfollowed - reported_unfollowed, totals.stacks.full, totals.stacks.failed,
		   totals.stacks.sched_failed, totals.stacks.own_walks, totals.stacks.walks_differ);
	flush_output();
	reported_misses = misses;
	reported_unfollowed = unfollowed;
	interval_start_ns = now_ns;
}

static void print_task(const char *type, const struct task_key *task)
{
	print_json("{\"type\":\"%s\",\"process\":", type);
	print_json_string(task->comm, sizeof(task->comm));
	print_json(",\"pid\":%u", task->tgid);
	if (by_thread)
		print_json(",\"tid\":%u", task->tid);
}

void print_missed(const struct task_key *task, const struct entry_value *value)
{
	print_task("missed", task);
	print_json(",\"count\":%llu}\n", value->count);
}

void print_beginning(const struct task_key *task, const struct entry_value *value, struct entry_value *sum)
{
	print_task("entry", task);
	print_json(",\"ns\":%llu,\"count\":%llu,\"max_ns\":%llu,\"open\":%llu", value->ns, value->count, value->max_ns,
		   value->open);
	sum->ns += value->ns;
	sum->count += value->count;
}
