// SPDX-License-Identifier: MIT
// Two processes on one CPU hand a byte to and fro: `pingpong CPU ROUNDS REPEATS` prints the nanoseconds that one switch
// takes, in the fastest repeat. It is CPU time, so that what else the machine does counts as little as it can: of the two
// one always runs, and alone on the CPU it would be the same as the time on the clock.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double cpu_ns(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

/* Writes to one pipe and reads from the other, or the other way round. */
static void play(int first, int second, long rounds, int starts)
{
	char byte = 0;

	for (long i = 0; i < rounds; i++)
		if (starts ? write(first, &byte, 1) != 1 || read(second, &byte, 1) != 1
			   : read(first, &byte, 1) != 1 || write(second, &byte, 1) != 1)
			_exit(1);
}

int main(int argc, char **argv)
{
	long rounds = argc > 2 ? atol(argv[2]) : 10000;
	int repeats = argc > 3 ? atoi(argv[3]) : 1;
	int there[2], back[2];
	double fastest = 0;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(argc > 1 ? atoi(argv[1]) : 0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) || pipe(there) || pipe(back))
		return 1;
	for (int i = 0; i < repeats; i++) {
		double before = cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN);

		if (fork() == 0) {
			play(there[0], back[1], rounds, 0);
			_exit(0);
		}
		play(there[1], back[0], rounds, 1);
		wait(NULL);
		double took = (cpu_ns(RUSAGE_SELF) + cpu_ns(RUSAGE_CHILDREN) - before) / (2.0 * rounds);

		if (i == 0 || took < fastest)
			fastest = took;
	}
	printf("%.1f\n", fastest);
	return 0;
}
