/* SPDX-License-Identifier: MIT */
/* What a process compiled at run time, as it says itself in /tmp/perf-PID.map: START SIZE NAME, in hexadecimal. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "symbols.h"

/* Larger ones are not read. */
#define MAX_SIZE (256 << 20)

struct jit_function {
	uint64_t start;
	uint64_t size;
	size_t line; /* a later one for the same place is in force */
	char *name;
};

struct jit_map {
	struct jit_map *next;
	pid_t pid;
	uint64_t looked; /* in which round of questions the file was looked at last */
	off_t size;      /* of the file when it was read; -1 where there is none */
	struct jit_function *functions;
	size_t count, room;
};

static struct jit_map *maps;
static uint64_t this_round = 1;

/* The pid that the process itself knows, in the innermost namespace. */
static pid_t own_pid(pid_t pid)
{
	char path[64], line[256];
	pid_t own = pid;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		const char *last = strrchr(line, '\t');

		if (last && atoi(last + 1) > 0)
			own = atoi(last + 1);
		break;
	}
	if (file)
		fclose(file);
	return own;
}

/* Opens the map in the file system of the process, or, of one that is gone, in this one's. */
static FILE *open_map(pid_t pid, off_t *size)
{
	char paths[2][96];

	snprintf(paths[0], sizeof(paths[0]), "/proc/%d/root/tmp/perf-%d.map", pid, own_pid(pid));
	snprintf(paths[1], sizeof(paths[1]), "/tmp/perf-%d.map", pid);
	for (int i = 0; i < 2; i++) {
		struct stat status;
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);

		if (fd < 0)
			continue;
		if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= MAX_SIZE) {
			*size = status.st_size;
			return fdopen(fd, "r");
		}
		close(fd);
	}
	return NULL;
}

static int by_start(const void *a, const void *b)
{
	const struct jit_function *one = a, *other = b;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return one->line < other->line ? -1 : 1;
}

static void clear(struct jit_map *map)
{
	for (size_t i = 0; i < map->count; i++)
		free(map->functions[i].name);
	map->count = 0;
}

static void read_map(struct jit_map *map, FILE *file)
{
	static char *line;
	static size_t room;

	clear(map);
	while (getline(&line, &room, file) > 0) {
		unsigned long long start, size;
		int name_at = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%llx %llx %n", &start, &size, &name_at) != 2 || !name_at || !line[name_at])
			continue;
		map->functions = grow(map->functions, map->count, &map->room, sizeof(*map->functions));
		map->functions[map->count] = (struct jit_function){
			.start = start, .size = size, .line = map->count, .name = copy_string(line + name_at)
		};
		map->count++;
	}
	qsort(map->functions, map->count, sizeof(*map->functions), by_start);
}

/* Gives the map of a process as it was when this round of questions first came to it. */
static const struct jit_map *find_map(pid_t pid)
{
	struct jit_map *map = maps;

	while (map && map->pid != pid)
		map = map->next;
	if (!map) {
		map = calloc(1, sizeof(*map));
		if (!map)
			fail("out of memory");
		map->pid = pid;
		map->size = -1;
		map->next = maps;
		maps = map;
	}
	if (map->looked == this_round)
		return map;
	map->looked = this_round;
	off_t size = 0;
	FILE *file = open_map(pid, &size);

	/* It grows as long as the process compiles. */
	if (file && map->size != size) {
		read_map(map, file);
		map->size = size;
	}
	if (file)
		fclose(file);
	return map;
}

void end_jit_round(void)
{
	this_round++;
}

void forget_jit_map(pid_t pid)
{
	for (struct jit_map **place = &maps; *place; place = &(*place)->next) {
		struct jit_map *map = *place;

		if (map->pid != pid)
			continue;
		*place = map->next;
		clear(map);
		free(map->functions);
		free(map);
		return;
	}
}

const char *find_jit_name(pid_t pid, uint64_t address)
{
	const struct jit_map *map = find_map(pid);
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->functions[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* Code is thrown away and its place used again: what was written last is at the end of those that start together. */
	for (size_t i = low, tries = 0; i > 0 && tries < 64; i--, tries++)
		if (address - map->functions[i - 1].start < map->functions[i - 1].size)
			return map->functions[i - 1].name;
	return NULL;
}
