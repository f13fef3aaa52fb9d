/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The user side of filter.bpf.h: what needs names looked up, and the maps. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "loader.h"

static volatile __u64 *unfollowed;

/* Finds the code of functions by their names. */
struct idle_search {
	const struct options *options;
	struct filter *filter;
	bool found[FILTER_MAX_IDLE];
	__u32 open; /* ranges from this one on still lack their end */
};

static bool is_text(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

/* The compiler may have split or cloned a function: worker_thread.isra.0 is worker_thread. */
static bool is_named(const char *symbol, const char *function)
{
	size_t length = strlen(function);

	return strncmp(symbol, function, length) == 0 && (symbol[length] == '\0' || symbol[length] == '.');
}

static void note_idle(__u64 address, char type, const char *name, void *context)
{
	struct idle_search *search = context;
	struct filter *filter = search->filter;

	if (!is_text(type))
		return;
	/* A function ends where the next begins, which is not always the next symbol: some have two names. */
	while (search->open < filter->idle_count && filter->idle[search->open].start < address)
		filter->idle[search->open++].end = address;
	for (__u32 i = 0; i < search->options->idle_count; i++) {
		if (!is_named(name, search->options->idle[i].name))
			continue;
		search->found[i] = true;
		if (filter->idle_count == FILTER_MAX_IDLE)
			fail("usage", "--idle names more than %d functions", FILTER_MAX_IDLE);
		filter->idle[filter->idle_count++].start = address;
	}
}

static void find_idle(const struct options *options, struct filter *filter)
{
	struct idle_search search = { .options = options, .filter = filter };

	each_kernel_symbol(note_idle, &search);
	/* The last symbol of all has no end that is known. */
	filter->idle_count = search.open;
	for (__u32 i = 0; i < options->idle_count; i++)
		if (options->idle[i].required && !search.found[i])
			fail("usage", "the kernel has no function '%s'", options->idle[i].name);
}

/* A cgroup's id is what name_to_handle_at gives for its folder. */
static __u64 cgroup_id(const char *path)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(__u64)];
	} found = { .handle.handle_bytes = sizeof(__u64) };
	struct statfs fs;
	__u64 id;
	int mount;

	if (statfs(path, &fs))
		fail("usage", "the cgroup %s cannot be found: %s", path, strerror(errno));
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		fail("usage", "%s is not a cgroup of version 2; they are mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified", path);
	if (name_to_handle_at(AT_FDCWD, path, &found.handle, &mount, 0))
		fail("usage", "the cgroup %s has no id: %s", path, strerror(errno));
	memcpy(&id, found.handle.f_handle, sizeof(id));
	return id;
}

void prepare_filter(struct bpf_object *object, const struct options *options)
{
	struct filter *filter = initial_value(object, ".rodata.filter", sizeof(*filter));

	*filter = options->filter;
	if (options->idle_count)
		find_idle(options, filter);
	bpf_program__set_autoload(find_program(object, "follow_fork"), options->follow);
	bpf_program__set_autoload(find_program(object, "follow_free"), options->follow);
	if (options->follow)
		bpf_map__set_max_entries(find_map(object, "pids"), FILTER_MAX_FOLLOWED);
}

static void put(struct bpf_object *object, const char *map, const void *key, const void *value)
{
	if (bpf_map_update_elem(bpf_map__fd(find_map(object, map)), key, value, BPF_ANY))
		fail("internal", "map '%s' cannot be filled: %s", map, strerror(errno));
}

void fill_filter(struct bpf_object *object, const struct options *options)
{
	const __u64 old = 0;
	const __u8 one = 1;

	unfollowed = mapped_value(object, ".data.follow");
	for (__u32 i = 0; i < options->pid_count; i++)
		put(object, "pids", &options->pids[i], &old);
	for (__u32 i = 0; i < options->tid_count; i++)
		put(object, "tids", &options->tids[i], &one);
	for (__u32 i = 0; i < options->cgroup_count; i++) {
		__u64 id = cgroup_id(options->cgroups[i]);

		put(object, "cgroups", &id, &one);
	}
}

/* The parent of a process, or 0. */
static __u32 parent_of(const char *pid)
{
	char path[64], stat[512];
	unsigned int parent = 0;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t size = read(fd, stat, sizeof(stat) - 1);

	close(fd);
	stat[size > 0 ? size : 0] = '\0';
	/* The name, in parentheses, may hold anything. */
	char *after_name = strrchr(stat, ')');

	if (!after_name || sscanf(after_name, ") %*c %u", &parent) != 1)
		return 0;
	return parent;
}

/* Adds the processes whose parent is followed. Says whether there was one. */
static bool add_generation(struct bpf_object *object)
{
	int fd = bpf_map__fd(find_map(object, "pids"));
	DIR *folder = opendir("/proc");
	bool added = false;
	const __u64 old = 0;

	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		__u32 pid = strtoul(entry->d_name, NULL, 10);
		__u32 parent = pid ? parent_of(entry->d_name) : 0;
		__u64 leader;

		if (parent && bpf_map_lookup_elem(fd, &parent, &leader) == 0 &&
		    bpf_map_update_elem(fd, &pid, &old, BPF_NOEXIST) == 0)
			added = true;
	}
	if (folder)
		closedir(folder);
	return added;
}

void follow_children(struct bpf_object *object, const struct options *options)
{
	if (!options->follow)
		return;
	attach_program(object, "follow_fork");
	attach_program(object, "follow_free");
	/* From here on new ones are seen; these were there before. */
	while (add_generation(object))
		;
}

__u64 count_unfollowed(void)
{
	return *unfollowed;
}
