/* SPDX-License-Identifier: MIT */
/* Opens files that belong to strangers, and finds the debug information of a program where it is in a file of its own. */
#include "debug_files.h"
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int open_regular(const char *path, uint64_t inode)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode) || (inode && status.st_ino != inode)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Whether a file is the debug information of a module, by their build ids. */
static bool has_build_id(int fd, const unsigned char *id, int size)
{
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	const void *found = NULL;
	bool same = elf && dwelf_elf_gnu_build_id(elf, &found) == size && memcmp(found, id, size) == 0;

	elf_end(elf);
	return same;
}

static int try_debug_file(const char *path, const unsigned char *id, int id_size)
{
	int fd = open_regular(path, 0);

	if (fd >= 0 && id_size > 0 && !has_build_id(fd, id, id_size)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Finds separate debug information by build id and by .gnu_debuglink where gdb looks too. libdw's own would ask servers. */
static int find_debuginfo(Dwfl_Module *dwfl_module, void **user_data, const char *name, Dwarf_Addr base,
			  const char *file_name, const char *link, GElf_Word checksum, char **found)
{
	const unsigned char *id = NULL;
	GElf_Addr id_address;
	int id_size = dwfl_module_build_id(dwfl_module, &id, &id_address);
	char path[4200], hex[129] = "";
	int fd = -1;
	(void)user_data, (void)name, (void)base, (void)checksum, (void)found;

	if (id_size > 1 && id_size <= 64) {
		for (int i = 0; i < id_size; i++)
			snprintf(hex + 2 * i, 3, "%02x", id[i]);
		snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/%.2s/%s.debug", hex, hex + 2);
		fd = try_debug_file(path, id, id_size);
	}
	const char *slash = file_name ? strrchr(file_name, '/') : NULL;

	/* Without a build id nothing says that the file of that name belongs to this one. */
	if (fd >= 0 || id_size <= 0 || !link || strchr(link, '/') || !slash)
		return fd;
	const int folder_size = slash - file_name;
	const struct {
		const char *before;
		const char *after;
	} places[] = { { "", "" }, { "", "/.debug" }, { "/usr/lib/debug", "" } };

	for (size_t i = 0; fd < 0 && i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s%.*s%s/%s", places[i].before, folder_size, file_name, places[i].after, link);
		fd = try_debug_file(path, id, id_size);
	}
	return fd;
}

const Dwfl_Callbacks module_callbacks = {
	.find_debuginfo = find_debuginfo,
	.section_address = dwfl_offline_section_address,
};
