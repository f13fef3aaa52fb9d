/* SPDX-License-Identifier: MIT */
/*
 * The namer of user frames: one static executable that knows what every process has mapped, and since when, and says which
 * functions the addresses of a user stack are in.
 *
 *   kernelscope-symbols [--marks]
 *   kernelscope-symbols --version
 *
 * With --marks functions that were inlined are frames of their own, where there is DWARF, marked by _[i] behind the name; so
 * are frames that were compiled at run time, by _[j].
 *
 * It reads questions on stdin, a line each, and answers each with a line of JSON on stdout:
 *   PID TIME_NS HEX,HEX,...    a stack, leaf first; TIME_NS of CLOCK_MONOTONIC: which of its programs the process was running
 *     -> {"type":"frames","frames":["read","main"]}, leaf first
 *   (an empty line)            the questions of one flush are over: what is known of processes long gone may be forgotten
 *     -> {"type":"done"}
 * The first line is {"type":"ready","protocol":1,"events":true}: "events" is false where the kernel does not tell it of new
 * mappings, so that it knows only those that are there when it is asked. The last line of one that cannot go on is
 * {"type":"error","message":".."}, with exit code 2.
 *
 * It reads files that belong to strangers. So it is no part of the trace helper, drops every capability but those to read
 * with, opens nothing but regular files, and is bounded in memory; the kernel ends it should it ever execute anything,
 * start a process, or open a socket (../bpf/confine.h).
 */
#ifndef KERNELSCOPE_SYMBOLS_H
#define KERNELSCOPE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROTOCOL_VERSION 1

/* Set by --marks. */
extern bool with_marks;

/* output.c */
void print_frame(const char *name, char mark);
_Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...);
void *grow(void *array, size_t count, size_t *room, size_t size);
char *copy_string(const char *text);

/* modules.c: a file that is mapped to be executed. */
struct module;

/* What tells one file from another, as the kernel names it in a mapping. */
struct file_id {
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
};

/* Where the file of a mapping can be opened, as long as the process is there. */
struct file_place {
	pid_t pid;
	uint64_t start;
	uint64_t end;
};

/* Gives the module of a file, which is held from now on, and opens it while its process is there. */
struct module *hold_module(const struct file_id *id, const char *path, const struct file_place *place);
struct module *hold_again(struct module *module);
void drop_module(struct module *module);
/* Frees the modules that nothing holds, if there are many. */
void trim_modules(void);
/* Prints the frame, or frames, at an offset of the file; `is_return` for an address behind a call. */
void print_module_frames(struct module *module, uint64_t offset, bool is_return);
/* Whether what is compiled at run time may lie here. */
bool is_generated_code(const struct module *module);

/* inlines.c */
struct Dwfl_Module; /* of libdwfl.h */
/* Prints the frames that were inlined at an address, leaf first. */
void print_inlined(struct Dwfl_Module *module, uint64_t address);

/* jit_maps.c: /tmp/perf-PID.map. Gives a name that lasts until the next call, or NULL. */
const char *find_jit_name(pid_t pid, uint64_t address);
void forget_jit_map(pid_t pid);
/* A map is looked at again, for it may have grown, in the next round of questions. */
void end_jit_round(void);

/* processes.c: which process has which files mapped, and since when. */
struct mapping {
	uint64_t start;
	uint64_t end;
	uint64_t offset; /* of the file at `start` */
	struct module *module; /* NULL for memory without a file */
};

void snapshot_processes(void);
void note_fork(pid_t child, pid_t parent, uint64_t time_ns);
void note_exec(pid_t pid, uint64_t time_ns);
void note_mapping(pid_t pid, const struct mapping *mapping);
void note_exit(pid_t pid, uint64_t time_ns);
/* Reads the mappings of a process as they are now, where nothing is told about them. */
void refresh_process(pid_t pid);
/* The mapping at an address of what a process was running at a time; NULL where there is none. */
const struct mapping *find_mapping(pid_t pid, uint64_t time_ns, uint64_t address, bool *is_known);
void forget_exited(uint64_t before_ns);

/* map_events.c: what the kernel tells of mappings. */
bool open_map_events(void);
/* Puts what is to be polled into `fds`. Gives how many there are. */
size_t map_event_count(void);
int map_event_fd(size_t index);
void read_map_events(void);

/* requests.c */
void answer(char *line);

#endif
