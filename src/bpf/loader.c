/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The helper's life: shed what was inherited, load a program, obey the parent until it is gone. See loader.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "confine.h"
#include "loader.h"

static const struct trace_program *const programs[] = {
	&blockio_program,
	&offcpu_program,
	&offwake_program,
	&oncpu_program,
	&runqlat_program,
};

static const struct trace_program *find_trace_program(const char *name)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (strcmp(programs[i]->name, name) == 0)
			return programs[i];
	fail("usage", "there is no program '%s'", name);
}

static void close_inherited(void)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0) == 0)
		return;
#endif
	long open_max = sysconf(_SC_OPEN_MAX);

	for (int fd = STDERR_FILENO + 1; fd < open_max; fd++)
		close(fd);
}

/* A descriptor that the helper opens itself must not land on one of the standard three. */
static void fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void ignore_signals(void)
{
	const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
}

/* Obeys commands until told to quit or nobody is there any more. */
static void obey(const struct trace_program *program)
{
	char commands[64];

	for (;;) {
		ssize_t size = read(STDIN_FILENO, commands, sizeof(commands));

		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			return;
		for (ssize_t i = 0; i < size; i++) {
			switch (commands[i]) {
			case 'f':
				program->flush(false);
				break;
			case 'q':
				program->flush(true);
				return;
			case ' ':
			case '\r':
			case '\n':
				break;
			default:
				fail("command", "unknown command: byte 0x%02x", (unsigned char)commands[i]);
			}
		}
	}
}

int main(int argc, char **argv)
{
	static struct options options;
	static char buffer[1 << 16];

	fill_standard();
	close_inherited();
	ignore_signals();
	confine();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	if (argc < 2)
		fail("usage", "usage: kernelscope-trace PROGRAM [options]");
	if (strcmp(argv[1], "--version") == 0) {
		print_json("{\"type\":\"version\",\"protocol\":%d}\n", PROTOCOL_VERSION);
		flush_output();
		return 0;
	}
	const struct trace_program *program = find_trace_program(argv[1]);

	parse_options(argc, argv, &options);
	quiet_libbpf();
	program->load(&options);
	if (!options.check)
		program->attach(&options);
	/* The kernel's type information was read for each object, and is not needed any more: 17 MB, for as long as this traces. */
	malloc_trim(0);
	print_json("{\"type\":\"ready\",\"protocol\":%d,\"program\":\"%s\",\"check\":%s,", PROTOCOL_VERSION, program->name,
		   options.check ? "true" : "false");
	program->describe();
	print_json("}\n");
	flush_output();
	if (!options.check)
		obey(program);
	/* The kernel detaches and frees everything with the last descriptor. */
	_exit(0);
}
