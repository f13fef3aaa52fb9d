/* SPDX-License-Identifier: MIT */
/* The namer's life: shed what was inherited and what it need not have, learn what is mapped, answer until nobody asks. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../bpf/confine.h"
#include "symbols.h"

/* A stack of 127 addresses takes two kilobytes. */
#define MAX_LINE 65536
#define MAX_MEMORY (4ull << 30)

bool with_marks;
static bool has_events;

static void close_inherited(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
#ifdef SYS_close_range
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0) == 0)
		return;
#endif
	long open_max = sysconf(_SC_OPEN_MAX);

	for (fd = STDERR_FILENO + 1; fd < open_max; fd++)
		close(fd);
}

static void limit(int resource, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(resource, &now))
		return;
	if (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)
		now.rlim_max = most;
	now.rlim_cur = now.rlim_max;
	setrlimit(resource, &now);
}

/* Keeps, of the capabilities that there are, those that it takes to read what other users' processes have mapped. */
static void drop_capabilities(void)
{
	const int kept[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_CHECKPOINT_RESTORE };
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
	struct __user_cap_data_struct mask[_LINUX_CAPABILITY_U32S_3] = {};

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		mask[CAP_TO_INDEX(kept[i])].permitted |= CAP_TO_MASK(kept[i]);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &header, data))
		fail("capabilities cannot be read: %s", strerror(errno));
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= mask[i].permitted;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data))
		fail("capabilities cannot be dropped: %s", strerror(errno));
}

/* Answers the whole lines in the buffer, and leaves the rest at its beginning. */
static size_t answer_lines(char *buffer, size_t size)
{
	char *line = buffer;

	for (char *end; (end = memchr(line, '\n', buffer + size - line)); line = end + 1) {
		*end = '\0';
		if (strlen(line) != (size_t)(end - line))
			fail("a question holds a zero");
		answer(line);
	}
	size -= line - buffer;
	if (size >= MAX_LINE)
		fail("a question is too long");
	memmove(buffer, line, size);
	return size;
}

static void serve(void)
{
	static char buffer[2 * MAX_LINE];
	size_t size = 0, events = map_event_count();
	struct pollfd *polled = calloc(events + 1, sizeof(*polled));

	if (!polled)
		fail("out of memory");
	polled[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	for (size_t i = 0; i < events; i++)
		polled[i + 1] = (struct pollfd){ .fd = map_event_fd(i), .events = POLLIN };
	for (;;) {
		if (poll(polled, events + 1, -1) < 0 && errno != EINTR)
			fail("cannot wait: %s", strerror(errno));
		read_map_events();
		if (!polled[0].revents)
			continue;
		ssize_t count = read(STDIN_FILENO, buffer + size, sizeof(buffer) - size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return;
		/* Mappings that were made before the question was asked. */
		read_map_events();
		if (!has_events && size == 0)
			snapshot_processes();
		size = answer_lines(buffer, size + count);
		if (fflush(stdout) != 0)
			return;
	}
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16];
	const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };

	close_inherited();
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--version") == 0) {
			printf("{\"type\":\"version\",\"protocol\":%d}\n", PROTOCOL_VERSION);
			return fflush(stdout) ? 2 : 0;
		}
		if (strcmp(argv[i], "--marks") == 0)
			with_marks = true;
		else
			fail("unknown option '%s'", argv[i]);
	}
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_AS, MAX_MEMORY);
	/* Those of the rings, of the modules, and of what libdw opens. */
	limit(RLIMIT_NOFILE, 16384);
	has_events = open_map_events();
	drop_capabilities();
	confine();
	/* From here on new mappings are told; these were there before. */
	snapshot_processes();
	printf("{\"type\":\"ready\",\"protocol\":%d,\"events\":%s}\n", PROTOCOL_VERSION, has_events ? "true" : "false");
	if (fflush(stdout) != 0)
		return 2;
	serve();
	_exit(0);
}
