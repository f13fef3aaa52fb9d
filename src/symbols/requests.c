/* SPDX-License-Identifier: MIT */
/* Questions in, answers out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "symbols.h"

#define MAX_ADDRESSES 1024

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* Prints the frame, or frames, at an address. Says whether the stack can go on behind it. */
static bool print_address(pid_t pid, uint64_t time_ns, uint64_t address, bool is_leaf)
{
	bool is_known = false;
	const struct mapping *mapping = find_mapping(pid, time_ns, address, &is_known);

	if (!mapping) {
		/* No code is there: a register that was no frame pointer led to it. */
		if (is_leaf || !is_known)
			print_frame("[unknown]", 0);
		return !is_known;
	}
	if (is_generated_code(mapping->module)) {
		const char *name = find_jit_name(pid, address - !is_leaf);

		if (name || !mapping->module) {
			print_frame(name ? name : "[unknown]", 'j');
			return true;
		}
	}
	print_module_frames(mapping->module, address - mapping->start + mapping->offset, !is_leaf);
	return true;
}

/* Reads HEX,HEX,... Gives how many there are. */
static size_t read_addresses(char *at, uint64_t *addresses)
{
	for (size_t count = 0; count < MAX_ADDRESSES;) {
		char *end;

		addresses[count++] = strtoull(at, &end, 16);
		if (end == at || (*end != ',' && *end != '\0'))
			fail("an address is a number in hexadecimal");
		if (*end == '\0')
			return count;
		at = end + 1;
	}
	fail("a stack has %d addresses at most", MAX_ADDRESSES);
}

static void answer_stack(char *line)
{
	static uint64_t addresses[MAX_ADDRESSES];
	char *at = line;
	long pid = strtol(at, &at, 10);
	uint64_t time_ns = strtoull(at, &at, 10);

	if (pid <= 0 || pid > INT32_MAX || *at != ' ')
		fail("a question is PID TIME_NS HEX,HEX,...");
	size_t count = read_addresses(at + 1, addresses);

	print_frame(NULL, 0);
	fputs("{\"type\":\"frames\",\"frames\":[", stdout);
	for (size_t i = 0; i < count && print_address(pid, time_ns, addresses[i], i == 0); i++)
		;
	fputs("]}\n", stdout);
}

void answer(char *line)
{
	/* A process that was gone when the flush before this one was asked about is not asked about any more. */
	static uint64_t last_ns;

	if (*line != '\0') {
		answer_stack(line);
		return;
	}
	forget_exited(last_ns);
	end_jit_round();
	last_ns = now_ns();
	fputs("{\"type\":\"done\"}\n", stdout);
	fflush(stdout);
}
