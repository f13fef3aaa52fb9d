/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What every trace program needs of libbpf, with its errors told apart. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/resource.h>
#include <unistd.h>
#include "loader.h"

/* The end of what libbpf warned about, which holds the verifier's complaint. */
static char warnings[8192];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	static char line[sizeof(warnings)];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), format, arguments);
	size_t kept = strlen(warnings);
	size_t added = strlen(line);

	if (kept + added >= sizeof(warnings)) {
		size_t dropped = kept + added + 1 - sizeof(warnings);

		if (dropped > kept)
			dropped = kept;
		memmove(warnings, warnings + dropped, kept - dropped + 1);
		kept -= dropped;
	}
	memcpy(warnings + kept, line, added + 1);
	return 0;
}

void quiet_libbpf(void)
{
	libbpf_set_print(keep_warning);
}

static bool has_capability(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) != 0)
		return true;
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

static bool is_locked_down(void)
{
	char text[128] = "";
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strstr(text, "[confidentiality]") != NULL;
}

/* Ends with the reason why the kernel refused. */
static _Noreturn void fail_to_load(int error)
{
	struct rlimit memlock;

	if (error == -EPERM || error == -EACCES) {
		if (is_locked_down())
			fail("lockdown", "the kernel is locked down (confidentiality), so that no program may read kernel memory");
		if (strstr(warnings, "LOAD LOG") == NULL || error == -EPERM) {
			if (getrlimit(RLIMIT_MEMLOCK, &memlock) == 0 && memlock.rlim_cur != RLIM_INFINITY &&
			    !has_capability(CAP_SYS_RESOURCE))
				fail("memlock", "the kernel refused memory for maps: the limit on locked memory is %llu bytes\n%s",
				     (unsigned long long)memlock.rlim_cur, warnings);
			fail("permission", "the kernel refused to load the program: %s\n%s", strerror(-error), warnings);
		}
	}
	if (strstr(warnings, "LOAD LOG") != NULL)
		fail("verifier", "the kernel's verifier refused the program: %s\n%s", strerror(-error), warnings);
	fail("load", "the program cannot be loaded: %s\n%s", strerror(-error), warnings);
}

const struct btf *kernel_btf(const struct options *options)
{
	static struct btf *btf;

	if (btf)
		return btf;
	btf = btf__parse(options->btf_path, NULL);
	if (!btf)
		fail("no_btf", "the kernel's type information cannot be read from %s: %s", options->btf_path, strerror(errno));
	return btf;
}

struct bpf_object *open_object(const char *name, const void *bytes, size_t size, const struct options *options)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_options, .object_name = name, .btf_custom_path = options->btf_path);

	if (!has_capability(CAP_SYS_ADMIN) && !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON)))
		fail("permission", "tracing needs root, or the capabilities CAP_BPF and CAP_PERFMON");
	struct bpf_object *object = bpf_object__open_mem(bytes, size, &open_options);

	if (!object)
		fail("internal", "the program inside the helper cannot be read: %s\n%s", strerror(errno), warnings);
	return object;
}

void load_object(struct bpf_object *object)
{
	int error = bpf_object__load(object);

	if (error)
		fail_to_load(error);
}

bool can_load_object(struct bpf_object *object)
{
	if (bpf_object__load(object) == 0)
		return true;
	/* What else goes wrong has nothing to do with it. */
	warnings[0] = '\0';
	return false;
}

struct bpf_map *find_map(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (!map)
		fail("internal", "there is no map '%s'", name);
	return map;
}

struct bpf_program *find_program(struct bpf_object *object, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	if (!program)
		fail("internal", "there is no program '%s'", name);
	return program;
}

void *initial_value(struct bpf_object *object, const char *map, size_t size)
{
	size_t actual = 0;
	/* libbpf hands out its own writable copy as const until 1.5. */
	void *value = (void *)(uintptr_t)bpf_map__initial_value(find_map(object, map), &actual);

	if (!value || actual != size)
		fail("internal", "map '%s' holds %zu bytes instead of %zu", map, actual, size);
	return value;
}

void *mapped_value(struct bpf_object *object, const char *map)
{
	struct bpf_map *found = find_map(object, map);
	void *value = mmap(NULL, bpf_map__value_size(found), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(found), 0);

	if (value == MAP_FAILED)
		fail("internal", "map '%s' cannot be mapped: %s", map, strerror(errno));
	return value;
}

void attach_program(struct bpf_object *object, const char *name)
{
	struct bpf_link *link = bpf_program__attach(find_program(object, name));

	if (!link)
		fail("attach", "program '%s' cannot be attached: %s\n%s", name, strerror(errno), warnings);
}

void attach_programs(struct bpf_object *object, const char *const *names)
{
	for (; *names; names++)
		attach_program(object, *names);
}

struct iterator open_iterator(struct bpf_object *object, const char *name, const char *map)
{
	union bpf_iter_link_info info = { .map.map_fd = map ? bpf_map__fd(find_map(object, map)) : 0 };
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &info, .link_info_len = sizeof(info));
	struct bpf_link *link = bpf_program__attach_iter(find_program(object, name), map ? &options : NULL);

	if (!link)
		fail("attach", "iterator '%s' cannot be attached: %s\n%s", name, strerror(errno), warnings);
	int fd = bpf_iter_create(bpf_link__fd(link));

	if (fd < 0)
		fail("attach", "iterator '%s' cannot be run: %s", name, strerror(errno));
	return (struct iterator){ .name = name, .link = link, .fd = fd };
}

void finish_iterator(const struct iterator *iterator)
{
	char nothing[64];
	ssize_t size;

	do
		size = read(iterator->fd, nothing, sizeof(nothing));
	while (size > 0 || (size < 0 && (errno == EINTR || errno == EAGAIN)));
	if (size < 0)
		fail("internal", "iterator '%s' stopped: %s", iterator->name, strerror(errno));
	close(iterator->fd);
	bpf_link__destroy(iterator->link);
}

void run_iterator(struct bpf_object *object, const char *name, const char *map)
{
	struct iterator iterator = open_iterator(object, name, map);

	finish_iterator(&iterator);
}

void drain_map(struct bpf_map *map, void (*each)(const void *key, const void *value, void *context), void *context)
{
	__u32 key_size = bpf_map__key_size(map);
	__u32 value_size = bpf_map__value_size(map);
	__u32 room = 256;
	char *keys = malloc((size_t)room * key_size);
	char *values = malloc((size_t)room * value_size);
	/* As wide as a key can be that the kernel uses to say where it stopped. */
	__u64 in[64], out[64];
	bool begun = false;

	for (bool done = false; !done;) {
		if (!keys || !values)
			fail("internal", "out of memory");
		__u32 count = room;

		if (bpf_map_lookup_and_delete_batch(bpf_map__fd(map), begun ? in : NULL, out, keys, values, &count, NULL)) {
			if (errno == ENOSPC) {
				/* More elements in one bucket than there is room for. */
				room *= 2;
				keys = realloc(keys, (size_t)room * key_size);
				values = realloc(values, (size_t)room * value_size);
				continue;
			}
			if (errno != ENOENT)
				fail("internal", "map '%s' cannot be drained: %s", bpf_map__name(map), strerror(errno));
			done = true;
		}
		for (__u32 i = 0; i < count; i++)
			each(keys + (size_t)i * key_size, values + (size_t)i * value_size, context);
		memcpy(in, out, sizeof(in));
		begun = true;
	}
	free(keys);
	free(values);
}

__u64 recursion_misses(struct bpf_object *object, const char *program)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	/* Kernels before 5.12 do not fill the field. */
	if (bpf_obj_get_info_by_fd(bpf_program__fd(find_program(object, program)), &info, &size))
		return 0;
	return info.recursion_misses;
}
