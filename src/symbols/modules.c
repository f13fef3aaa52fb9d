/* SPDX-License-Identifier: MIT */
/* The files that are mapped to be executed, and the functions in them: symbols are read when the first is asked for. */
#include <elfutils/libdwfl.h>
#include <libiberty/demangle.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "debug_files.h"
#include "symbols.h"

#define BUCKETS 1024
/* Files that are kept open until somebody asks for their symbols; past that, the one that was seen first is closed. */
#define MAX_OPEN 512
/* Modules that nothing has mapped any more are kept up to here: the next run of a program maps them again. */
#define MAX_IDLE 1024

struct symbol {
	uint64_t start;
	uint64_t size;
	const char *name;
	char *readable; /* the name without its mangling, once somebody asked */
	unsigned char binding;
};

/* A part of the file that can be executed. */
struct segment {
	uint64_t offset;
	uint64_t size;
	uint64_t address;
};

/* What changes when a file is written anew, be it in its place or under a number that was another's. */
struct version {
	bool is_known;
	off_t size;
	struct timespec modified;
};

struct module {
	struct module *next;
	struct file_id id;
	struct version version;
	char *path;
	unsigned int holders;
	int fd; /* -1 where it is not open */
	uint64_t opened; /* which of all that were opened it is */
	bool is_read;
	Dwfl *dwfl; /* kept for inlined functions alone */
	Dwfl_Module *dwfl_module;
	struct segment *segments;
	size_t segment_count, segment_room;
	struct symbol *symbols; /* sorted by where they start */
	size_t symbol_count, symbol_room;
};

static struct module *buckets[BUCKETS];
static size_t module_count, open_count;
static uint64_t opened_so_far;

static void close_oldest(void)
{
	struct module *oldest = NULL;

	for (size_t i = 0; i < BUCKETS; i++)
		for (struct module *module = buckets[i]; module; module = module->next)
			if (module->fd >= 0 && (!oldest || module->opened < oldest->opened))
				oldest = module;
	if (!oldest)
		return;
	close(oldest->fd);
	oldest->fd = -1;
	open_count--;
}

static void map_link(char *path, size_t size, const struct file_place *place)
{
	snprintf(path, size, "/proc/%d/map_files/%llx-%llx", place->pid, (unsigned long long)place->start,
		 (unsigned long long)place->end);
}

/*
 * Opens the file of a mapping. The link of the mapping itself leads to the file whatever became of its name, and whatever
 * mount namespace the process is in. Where it may not be followed, the name may still lead to the same file.
 */
static void open_module(struct module *module, const struct file_place *place)
{
	char path[4200];

	map_link(path, sizeof(path), place);
	module->fd = open_regular(path, 0);
	if (module->fd < 0) {
		snprintf(path, sizeof(path), "/proc/%d/root%s", place->pid, module->path);
		module->fd = open_regular(path, module->id.inode);
	}
	if (module->fd < 0)
		module->fd = open_regular(module->path, module->id.inode);
	if (module->fd < 0)
		return;
	module->opened = ++opened_so_far;
	if (++open_count > MAX_OPEN)
		close_oldest();
}

static struct version version_in(const struct stat *status)
{
	return (struct version){ .is_known = true, .size = status->st_size, .modified = status->st_mtim };
}

static struct version version_of(const struct file_place *place)
{
	struct stat status;
	char path[128];

	map_link(path, sizeof(path), place);
	return stat(path, &status) ? (struct version){} : version_in(&status);
}

static bool is_other(const struct version *one, const struct version *other)
{
	return one->is_known && other->is_known &&
	       (one->size != other->size || one->modified.tv_sec != other->modified.tv_sec ||
		one->modified.tv_nsec != other->modified.tv_nsec);
}

static bool is_module(const struct module *module, const struct file_id *id, const struct version *version, const char *path)
{
	if (module->id.inode != id->inode || module->id.minor != id->minor || module->id.major != id->major)
		return false;
	/* What has no inode is told by its name. */
	return id->inode == 0 ? strcmp(module->path, path) == 0 : !is_other(&module->version, version);
}

struct module *hold_module(const struct file_id *id, const char *path, const struct file_place *place)
{
	struct module **bucket = &buckets[(id->inode * 31 + id->minor) % BUCKETS];
	const struct version version = id->inode ? version_of(place) : (struct version){};
	struct module *module = *bucket;

	while (module && !is_module(module, id, &version, path))
		module = module->next;
	if (!module) {
		module = calloc(1, sizeof(*module));
		if (!module)
			fail("out of memory");
		module->id = *id;
		module->version = version;
		module->path = copy_string(path);
		module->fd = -1;
		module->next = *bucket;
		*bucket = module;
		module_count++;
	}
	module->holders++;
	if (module->fd < 0 && !module->is_read && *path == '/')
		open_module(module, place);
	return module;
}

struct module *hold_again(struct module *module)
{
	if (module)
		module->holders++;
	return module;
}

void drop_module(struct module *module)
{
	if (module)
		module->holders--;
}

static void free_module(struct module *module)
{
	if (module->fd >= 0) {
		close(module->fd);
		open_count--;
	}
	if (module->dwfl)
		dwfl_end(module->dwfl);
	for (size_t i = 0; i < module->symbol_count; i++) {
		free((void *)module->symbols[i].name);
		free(module->symbols[i].readable);
	}
	free(module->symbols);
	free(module->segments);
	free(module->path);
	free(module);
	module_count--;
}

void trim_modules(void)
{
	for (size_t i = 0; module_count > MAX_IDLE && i < BUCKETS; i++) {
		for (struct module **place = &buckets[i]; *place;) {
			struct module *module = *place;

			if (module->holders > 0) {
				place = &module->next;
				continue;
			}
			*place = module->next;
			free_module(module);
		}
	}
}

static void read_segments(struct module *module, Elf *elf)
{
	size_t count = 0;

	if (elf_getphdrnum(elf, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, i, &header) || header.p_type != PT_LOAD || !(header.p_flags & PF_X))
			continue;
		module->segments = grow(module->segments, module->segment_count, &module->segment_room, sizeof(*module->segments));
		module->segments[module->segment_count++] = (struct segment){
			.offset = header.p_offset, .size = header.p_filesz, .address = header.p_vaddr
		};
	}
}

static size_t underscores(const char *name)
{
	return strspn(name, "_");
}

/* By where they start; of those that start together the best name comes last. */
static int by_start(const void *a, const void *b)
{
	const struct symbol *one = a, *other = b;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	if ((one->size > 0) != (other->size > 0))
		return one->size > 0 ? 1 : -1;
	if ((one->binding == STB_LOCAL) != (other->binding == STB_LOCAL))
		return one->binding == STB_LOCAL ? -1 : 1;
	if (underscores(one->name) != underscores(other->name))
		return underscores(one->name) < underscores(other->name) ? 1 : -1;
	return strcmp(other->name, one->name);
}

/* Without the version that a library's symbol may carry: pthread_cond_signal@@GLIBC_2.3.2. */
static char *copy_name(const char *name)
{
	const char *version = name[0] == '@' ? NULL : strchr(name, '@');
	char *copy = copy_string(name);

	if (version)
		copy[version - name] = '\0';
	return copy;
}

/* Copies the functions out of the symbol table, once: asking libdw for one address after another takes minutes. */
static void read_symbols(struct module *module, Dwfl_Module *dwfl_module)
{
	int count = dwfl_module_getsymtab(dwfl_module);

	for (int i = 1; i < count; i++) {
		GElf_Sym symbol;
		GElf_Addr address;
		const char *name = dwfl_module_getsym_info(dwfl_module, i, &symbol, &address, NULL, NULL, NULL);
		int type = GELF_ST_TYPE(symbol.st_info);

		if (!name || !*name || symbol.st_shndx == SHN_UNDEF || (type != STT_FUNC && type != STT_GNU_IFUNC))
			continue;
		module->symbols = grow(module->symbols, module->symbol_count, &module->symbol_room, sizeof(*module->symbols));
		module->symbols[module->symbol_count++] = (struct symbol){
			.start = address, .size = symbol.st_size, .name = copy_name(name), .binding = GELF_ST_BIND(symbol.st_info)
		};
	}
	qsort(module->symbols, module->symbol_count, sizeof(*module->symbols), by_start);
}

/* Whether the file holds something else by now than what was mapped: names in it would be wrong. */
static bool was_rewritten(const struct module *module)
{
	struct stat status;

	if (fstat(module->fd, &status))
		return true;
	const struct version now = version_in(&status);

	return is_other(&module->version, &now);
}

static void read_module(struct module *module)
{
	module->is_read = true;
	if (module->fd >= 0 && was_rewritten(module)) {
		close(module->fd);
		module->fd = -1;
		open_count--;
	}
	if (module->fd < 0)
		return;
	Dwfl *dwfl = dwfl_begin(&module_callbacks);

	if (!dwfl)
		fail("out of memory");
	/* The descriptor is libdw's from here on if all goes well. */
	Dwfl_Module *dwfl_module = dwfl_report_elf(dwfl, "module", module->path, module->fd, 0, true);
	GElf_Addr bias;

	open_count--;
	if (!dwfl_module)
		close(module->fd);
	module->fd = -1;
	dwfl_report_end(dwfl, NULL, NULL);
	if (dwfl_module) {
		Elf *elf = dwfl_module_getelf(dwfl_module, &bias);

		if (elf)
			read_segments(module, elf);
		read_symbols(module, dwfl_module);
	}
	if (dwfl_module && with_marks) {
		module->dwfl = dwfl;
		module->dwfl_module = dwfl_module;
	} else {
		dwfl_end(dwfl);
	}
}

/* The address that the linker gave to a place in the file. */
static bool find_address(const struct module *module, uint64_t offset, uint64_t *address)
{
	for (size_t i = 0; i < module->segment_count; i++) {
		const struct segment *segment = &module->segments[i];

		/* A mapping begins at a whole page, which may be before the segment. */
		if (offset + 4096 < segment->offset + 1 || offset >= segment->offset + segment->size)
			continue;
		*address = offset - segment->offset + segment->address;
		return true;
	}
	return false;
}

static struct symbol *find_symbol(const struct module *module, uint64_t address)
{
	size_t low = 0, high = module->symbol_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (module->symbols[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* A function may lie inside another, and one without a size reaches up to the next. */
	for (size_t i = low, tries = 0; i > 0 && tries < 16; i--, tries++) {
		struct symbol *symbol = &module->symbols[i - 1];

		if (address < symbol->start + symbol->size || (symbol->size == 0 && tries == 0))
			return symbol;
	}
	return NULL;
}

/* C++ and Rust; other names are as they are. */
static const char *readable_name(struct symbol *symbol)
{
	if (strncmp(symbol->name, "_Z", 2) != 0 && strncmp(symbol->name, "_R", 2) != 0)
		return symbol->name;
	if (!symbol->readable)
		symbol->readable = cplus_demangle(symbol->name, DMGL_ANSI | DMGL_AUTO);
	return symbol->readable ? symbol->readable : symbol->name;
}

bool is_generated_code(const struct module *module)
{
	return !module || strncmp(module->path, "/memfd:", 7) == 0 || strncmp(module->path, "/dev/zero", 9) == 0;
}

void print_module_frames(struct module *module, uint64_t offset, bool is_return)
{
	const char *slash = strrchr(module->path, '/');
	const char *base = slash ? slash + 1 : module->path;
	uint64_t address = offset;

	if (*module->path == '[') {
		print_frame(module->path, 0);
		return;
	}
	if (!module->is_read)
		read_module(module);
	/* A call may be the last instruction of a function. */
	struct symbol *symbol = NULL;

	if (find_address(module, offset, &address))
		symbol = find_symbol(module, address - is_return);
	/* The leaf too is behind an instruction: that of the system call it is in. */
	if (symbol && module->dwfl_module)
		print_inlined(module->dwfl_module, address > symbol->start ? address - 1 : address);
	if (symbol) {
		print_frame(readable_name(symbol), 0);
		return;
	}
	char unknown[512];

	snprintf(unknown, sizeof(unknown), "[unknown] (%.400s+0x%llx)", base, (unsigned long long)address);
	print_frame(unknown, 0);
}
