/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Whether the clock of the run queues tells when a switch was, and what it shows at a time by CLOCK_MONOTONIC.
 *
 * It is sched_clock, which on the machines that matter is the same counter that CLOCK_MONOTONIC is made from, without the
 * corrections of NTP: what it shows differs, and runs at a rate that is off by 500 parts in a million at most.
 */
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/types.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "embedded.h"
#include "loader.h"

EMBEDDED(clock_portable)

/* Two CPUs' clocks that are further apart are not one. A reading is off by some microseconds. */
#define MAX_APART_NS 100000
#define MAX_CHECKED_CPUS 16
/* The least of so many readings counts: each is late by what happens between its two clocks. */
#define READINGS 3

static struct bpf_object *object;
static volatile struct clock_reading *reading;

/* How far CLOCK_MONOTONIC is ahead of the run queue's clock, on the CPU that this runs on. */
static __s64 read_offset_ns(void)
{
	const struct timespec shortest = { .tv_nsec = 1 };
	__s64 least = 0;

	for (int i = 0; i < READINGS; i++) {
		struct iterator iterator = open_iterator(object, "read_clocks", NULL);

		reading->monotonic_ns = 0;
		/* The run queue's clock stands still between the switches and ticks of its CPU: coming back from here is one. */
		nanosleep(&shortest, NULL);
		finish_iterator(&iterator);
		__s64 offset = reading->monotonic_ns - reading->run_queue_ns;

		if (i == 0 || offset < least)
			least = offset;
	}
	return least;
}

/* Whether the kernel trusts one counter for all CPUs: else sched_clock may be a coarse one, or differ between them. */
static bool has_one_counter(void)
{
	static const char *const counters[] = { "tsc\n", "arch_sys_counter\n" };
	char name[64] = "";
	int fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t size = read(fd, name, sizeof(name) - 1);

	close(fd);
	for (size_t i = 0; size > 0 && i < sizeof(counters) / sizeof(*counters); i++)
		if (strcmp(name, counters[i]) == 0)
			return true;
	return false;
}

/* Compares the clocks of some CPUs, spread over all that this may run on. */
static bool are_clocks_one(void)
{
	cpu_set_t allowed;
	int cpus, seen = 0;
	__s64 least = 0, most = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return false;
	cpus = CPU_COUNT(&allowed);
	int step = (cpus + MAX_CHECKED_CPUS - 1) / MAX_CHECKED_CPUS;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t one;

		if (!CPU_ISSET(cpu, &allowed) || seen++ % step)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		/* One that was taken away meanwhile. */
		if (sched_setaffinity(0, sizeof(one), &one))
			continue;
		__s64 offset = read_offset_ns();

		least = seen == 1 || offset < least ? offset : least;
		most = seen == 1 || offset > most ? offset : most;
	}
	return sched_setaffinity(0, sizeof(allowed), &allowed) == 0 && most - least <= MAX_APART_NS;
}

bool prepare_clock(const struct options *options)
{
	if (options->force_monotonic || !has_one_counter())
		return false;
	object = open_object("clock", EMBEDDED_BYTES(clock_portable), options);
	if (can_load_object(object)) {
		reading = mapped_value(object, ".data.reading");
		if (are_clocks_one())
			return true;
	}
	bpf_object__close(object);
	object = NULL;
	return false;
}

__u64 switch_clock_ns(__u64 monotonic_ns)
{
	return object ? monotonic_ns - read_offset_ns() : monotonic_ns;
}

void describe_clock(void)
{
	print_json(",\"clock\":\"%s\"", object ? "run_queue" : "monotonic");
}
