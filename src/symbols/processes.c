/* SPDX-License-Identifier: MIT */
/*
 * Which process has which files mapped to be executed. A process has an image for every program that it has run, with the
 * time since when: a stack that was walked before an execve is of the image before.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "symbols.h"

#define BUCKETS 4096

struct image {
	struct image *older;
	uint64_t since_ns;
	struct mapping *mappings; /* sorted, none of them overlap */
	size_t count;
	size_t room;
};

struct process {
	struct process *next;
	pid_t pid;
	uint64_t exited_ns; /* 0 while it is there */
	struct image *latest;
};

static struct process *buckets[BUCKETS];

static struct process **find_place(pid_t pid)
{
	struct process **place = &buckets[(uint32_t)pid % BUCKETS];

	while (*place && (*place)->pid != pid)
		place = &(*place)->next;
	return place;
}

static void push_image(struct process *process, uint64_t since_ns)
{
	struct image *image = calloc(1, sizeof(*image));

	if (!image)
		fail("out of memory");
	image->since_ns = since_ns;
	image->older = process->latest;
	process->latest = image;
}

static struct process *find_or_add(pid_t pid)
{
	struct process **place = find_place(pid);

	if (!*place) {
		*place = calloc(1, sizeof(**place));
		if (!*place)
			fail("out of memory");
		(*place)->pid = pid;
		push_image(*place, 0);
	}
	return *place;
}

static void free_images(struct image *image)
{
	while (image) {
		struct image *older = image->older;

		for (size_t i = 0; i < image->count; i++)
			drop_module(image->mappings[i].module);
		free(image->mappings);
		free(image);
		image = older;
	}
}

static void insert_at(struct image *image, size_t at, const struct mapping *mapping)
{
	image->mappings = grow(image->mappings, image->count, &image->room, sizeof(*mapping));
	memmove(&image->mappings[at + 1], &image->mappings[at], (image->count - at) * sizeof(*mapping));
	image->mappings[at] = *mapping;
	image->count++;
}

/* Adds a mapping in the place of whatever was there before. */
static void add_mapping(struct image *image, const struct mapping *mapping)
{
	size_t at = 0;

	while (at < image->count && image->mappings[at].end <= mapping->start)
		at++;
	while (at < image->count && image->mappings[at].start < mapping->end) {
		struct mapping *old = &image->mappings[at];

		if (old->end > mapping->end) {
			struct mapping rest = *old;

			rest.offset += mapping->end - old->start;
			rest.start = mapping->end;
			if (old->start < mapping->start) {
				hold_again(old->module);
				old->end = mapping->start;
				insert_at(image, ++at, &rest);
			} else {
				*old = rest;
			}
			break;
		}
		if (old->start < mapping->start) {
			old->end = mapping->start;
			at++;
			continue;
		}
		drop_module(old->module);
		memmove(old, old + 1, (image->count - at - 1) * sizeof(*old));
		image->count--;
	}
	insert_at(image, at, mapping);
}

void note_mapping(pid_t pid, const struct mapping *mapping)
{
	add_mapping(find_or_add(pid)->latest, mapping);
}

void note_fork(pid_t child, pid_t parent, uint64_t time_ns)
{
	struct process *process = find_or_add(child);
	struct process *from = *find_place(parent);

	process->exited_ns = 0;
	push_image(process, time_ns);
	for (size_t i = 0; from && i < from->latest->count; i++) {
		hold_again(from->latest->mappings[i].module);
		insert_at(process->latest, i, &from->latest->mappings[i]);
	}
}

void note_exec(pid_t pid, uint64_t time_ns)
{
	push_image(find_or_add(pid), time_ns);
}

void note_exit(pid_t pid, uint64_t time_ns)
{
	struct process *process = *find_place(pid);

	if (process)
		process->exited_ns = time_ns;
}

void forget_exited(uint64_t before_ns)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct process **place = &buckets[i]; *place;) {
			struct process *process = *place;

			if (!process->exited_ns || process->exited_ns >= before_ns) {
				/* Nobody asks any more about the programs that it ran before the one at that time. */
				for (struct image *image = process->latest; image; image = image->older) {
					if (image->since_ns > before_ns)
						continue;
					free_images(image->older);
					image->older = NULL;
				}
				place = &process->next;
				continue;
			}
			*place = process->next;
			forget_jit_map(process->pid);
			free_images(process->latest);
			free(process);
		}
	}
	trim_modules();
}

/* Reads one line of /proc/PID/maps. Says whether it is memory that can be executed. */
static bool read_map_line(pid_t pid, char *line, struct mapping *mapping)
{
	unsigned long long start, end, offset, inode;
	unsigned int major_number, minor_number;
	char permissions[5];
	int path_at = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, permissions, &offset, &major_number, &minor_number,
		   &inode, &path_at) < 7 ||
	    permissions[2] != 'x')
		return false;
	*mapping = (struct mapping){ .start = start, .end = end, .offset = offset };
	line[strcspn(line, "\n")] = '\0';
	const char *path = path_at ? line + path_at : "";

	if (*path == '/' || *path == '[') {
		const struct file_id id = { .major = major_number, .minor = minor_number, .inode = inode };
		const struct file_place place = { .pid = pid, .start = start, .end = end };

		mapping->module = hold_module(&id, path, &place);
	}
	return true;
}

void refresh_process(pid_t pid)
{
	static char *line;
	static size_t room;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	FILE *file = fopen(path, "re");

	/* One that is gone keeps what was known of it. */
	if (!file)
		return;
	struct process *process = find_or_add(pid);
	struct mapping mapping;

	while (getline(&line, &room, file) > 0)
		if (read_map_line(pid, line, &mapping))
			add_mapping(process->latest, &mapping);
	fclose(file);
}

void snapshot_processes(void)
{
	DIR *folder = opendir("/proc");

	for (struct dirent *entry; folder && (entry = readdir(folder));)
		if (isdigit((unsigned char)entry->d_name[0]))
			refresh_process(atoi(entry->d_name));
	if (folder)
		closedir(folder);
}

const struct mapping *find_mapping(pid_t pid, uint64_t time_ns, uint64_t address, bool *is_known)
{
	struct process *process = *find_place(pid);
	struct image *image = process ? process->latest : NULL;

	while (image && image->since_ns > time_ns && image->older)
		image = image->older;
	*is_known = image && image->count > 0;
	for (size_t low = 0, high = image ? image->count : 0; low < high;) {
		size_t middle = low + (high - low) / 2;
		const struct mapping *mapping = &image->mappings[middle];

		if (address < mapping->start)
			high = middle;
		else if (address >= mapping->end)
			low = middle + 1;
		else
			return mapping;
	}
	return NULL;
}
