/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The command line of the helper, which every program shares. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "loader.h"

static __u64 parse_number(const char *option, const char *text, __u64 highest)
{
	char *end;

	errno = 0;
	unsigned long long number = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > highest)
		fail("usage", "%s takes a whole number up to %llu, not '%s'", option, (unsigned long long)highest, text);
	return number;
}

static void add_id(const char *option, const char *text, __u32 *ids, __u32 *count)
{
	if (*count == FILTER_MAX_PIDS)
		fail("usage", "%s can be given %d times at most", option, FILTER_MAX_PIDS);
	ids[(*count)++] = parse_number(option, text, 0x7fffffff);
}

/* Reads the set `[a-z]` or `[!a-z]` at `at` into `members`. Gives what follows it, or NULL where it is no set. */
static const char *parse_set(const char *at, bool *members)
{
	bool negated = at[1] == '!' || at[1] == '^';
	const char *c = at + 1 + negated;

	memset(members, 0, 256);
	/* A `]` that comes first is a member. */
	for (bool first = true; first || *c != ']'; first = false) {
		if (*c == '\0')
			return NULL;
		unsigned char from = *c++;
		unsigned char to = from;

		if (c[0] == '-' && c[1] != ']' && c[1] != '\0') {
			to = c[1];
			c += 2;
		}
		for (int member = from; member <= to; member++)
			members[member] = true;
	}
	if (negated)
		for (int member = 1; member < 256; member++)
			members[member] = !members[member];
	return c + 1;
}

/* Adds a glob to the machine from bit `bit` on. Gives the first bit that is free after it. */
static unsigned int add_glob(struct glob_machine *machine, unsigned int bit, const char *glob)
{
	bool members[256];

	for (const char *at = glob;; bit++) {
		if (bit >= FILTER_GLOB_BITS)
			fail("usage", "the patterns of --comm are too long: %d characters in all at most", FILTER_GLOB_BITS - 1);
		if (at == glob)
			machine->start |= 1ull << bit;
		while (*at == '*') {
			machine->loop |= 1ull << bit;
			at++;
		}
		if (*at == '\0') {
			machine->final |= 1ull << bit;
			return bit + 1;
		}
		const char *rest = *at == '[' ? parse_set(at, members) : NULL;

		if (rest) {
			at = rest;
		} else {
			bool any = *at == '?';

			if (*at == '\\' && at[1] != '\0')
				at++;
			for (int c = 1; c < 256; c++)
				members[c] = any || c == (unsigned char)*at;
			at++;
		}
		for (int c = 1; c < 256; c++)
			if (members[c])
				machine->accept[c] |= 1ull << bit;
	}
}

void parse_options(int argc, char **argv, struct options *options)
{
	unsigned int glob_bit = 0;

	options->filter.max_ns = ~0ull;
	options->max_entries = 32768;
	options->max_stacks = 8192;
	options->frequency = 99;
	options->whole_walk = WHOLE_WALK_OWN;
	options->btf_path = "/sys/kernel/btf/vmlinux";
	options->filter.self_tgid = getpid();
	for (int i = 2; i < argc; i++) {
		const char *option = argv[i];

		if (strcmp(option, "--check") == 0) {
			options->check = true;
			continue;
		}
		if (strcmp(option, "--follow") == 0) {
			options->follow = true;
			continue;
		}
		if (strcmp(option, "--user-stacks") == 0) {
			options->user_stacks = true;
			continue;
		}
		if (strcmp(option, "--by-thread") == 0) {
			options->filter.by_thread = 1;
			continue;
		}
		if (strcmp(option, "--portable") == 0) {
			options->force_portable = true;
			continue;
		}
		if (strcmp(option, "--monotonic") == 0) {
			options->force_monotonic = true;
			continue;
		}
		if (strcmp(option, "--kernel-walks") == 0) {
			options->whole_walk = WHOLE_WALK_KERNEL;
			continue;
		}
		if (strcmp(option, "--check-walks") == 0) {
			options->whole_walk = WHOLE_WALK_CHECK;
			continue;
		}
		if (strcmp(option, "--walk-out") == 0) {
			options->force_portable = true;
			options->force_walk_out = true;
			continue;
		}
		const char *value = i + 1 < argc ? argv[++i] : NULL;

		if (!value)
			fail("usage", "unknown option '%s', or its value is missing", option);
		if (strcmp(option, "--min-ns") == 0) {
			options->filter.min_ns = parse_number(option, value, ~0ull);
		} else if (strcmp(option, "--max-ns") == 0) {
			options->filter.max_ns = parse_number(option, value, ~0ull);
		} else if (strcmp(option, "--max-entries") == 0) {
			options->max_entries = parse_number(option, value, 1 << 24);
		} else if (strcmp(option, "--max-stacks") == 0) {
			options->max_stacks = parse_number(option, value, 1 << 20);
		} else if (strcmp(option, "--frequency") == 0) {
			options->frequency = parse_number(option, value, 10000);
		} else if (strcmp(option, "--pid") == 0) {
			add_id(option, value, options->pids, &options->pid_count);
		} else if (strcmp(option, "--launched") == 0) {
			add_id(option, value, options->pids, &options->pid_count);
			options->launched = options->pids[options->pid_count - 1];
			options->follow = true;
		} else if (strcmp(option, "--tid") == 0) {
			add_id(option, value, options->tids, &options->tid_count);
		} else if (strcmp(option, "--comm") == 0) {
			options->filter.by_comm = 1;
			glob_bit = add_glob(&options->filter.comm, glob_bit, value);
		} else if (strcmp(option, "--state-mask") == 0) {
			options->filter.state_mask = parse_number(option, value, 0xffffffff);
		} else if (strcmp(option, "--threads") == 0 && strcmp(value, "user") == 0) {
			options->filter.threads = FILTER_USER_THREADS;
		} else if (strcmp(option, "--threads") == 0 && strcmp(value, "kernel") == 0) {
			options->filter.threads = FILTER_KERNEL_THREADS;
		} else if (strcmp(option, "--cgroup") == 0) {
			if (options->cgroup_count == FILTER_MAX_CGROUPS)
				fail("usage", "%s can be given %d times at most", option, FILTER_MAX_CGROUPS);
			options->filter.by_cgroup = 1;
			options->cgroups[options->cgroup_count++] = value;
		} else if (strcmp(option, "--idle") == 0 || strcmp(option, "--idle-if-known") == 0) {
			if (options->idle_count == FILTER_MAX_IDLE)
				fail("usage", "%s can be given %d times at most", option, FILTER_MAX_IDLE);
			options->idle[options->idle_count].name = value;
			options->idle[options->idle_count++].required = strcmp(option, "--idle") == 0;
		} else if (strcmp(option, "--btf") == 0) {
			options->btf_path = value;
		} else {
			fail("usage", "unknown option '%s' with value '%s'", option, value);
		}
	}
	if (options->max_entries == 0 || options->max_stacks == 0)
		fail("usage", "--max-entries and --max-stacks must be at least 1");
	if (options->frequency == 0)
		fail("usage", "--frequency must be at least 1");
	if (options->follow && options->pid_count == 0)
		fail("usage", "--follow needs a --pid to begin with");
	options->filter.by_pid = options->pid_count > 0;
	options->filter.by_tid = options->tid_count > 0;
}

void refuse_block_options(const struct options *options, const char *program)
{
	if (options->filter.state_mask || options->idle_count)
		fail("usage", "%s has neither states nor idle functions to choose by", program);
}
