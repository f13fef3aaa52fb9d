/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The trace helper: one static executable that holds every trace program.
 *
 *   kernelscope-trace PROGRAM [options]      traces until told to stop
 *   kernelscope-trace PROGRAM --check        loads the program, attaches nothing, says whether it could
 *   kernelscope-trace --version
 *
 * Options, each of which narrows down what is recorded; those marked + may be given several times, and one must fit:
 *   --min-ns N, --max-ns N        blocks that last so long
 *   --pid N +, --tid N +          thread groups, threads; --follow: and the children of these thread groups
 *   --launched N                  like --pid N --follow, for a process that waits for the tracing to begin: not that wait
 *   --comm GLOB +                 names of threads: * ? [a-z] [!a-z] and a backslash; bytes, not characters
 *   --state-mask N                states with one of these bits (filter.h); TASK_IDLE counts as 0x400 alone
 *   --threads user|kernel
 *   --cgroup FOLDER +             cgroups of version 2, with those below
 *   --idle NAME +                 not what waits in this kernel function; --idle-if-known NAME +: if the kernel has it
 * and
 *   --frequency N                 oncpu: samples per second of each CPU
 *   --user-stacks                 all but runqlat: walks the stacks of programs too, along their frame pointers
 *   --by-thread                   keeps the threads of a process apart
 *   --max-entries N, --max-stacks N   room between two flushes
 *   --btf FILE                    the kernel's type information, if not /sys/kernel/btf/vmlinux
 *   --portable, --walk-out        run as on a kernel before 5.15, as on 5.8, to test that
 *   --monotonic                   offcpu: takes the time of each switch by CLOCK_MONOTONIC, to compare
 *   --kernel-walks, --check-walks walks no whole stack without the kernel; or walks all of them both ways and compares
 *
 * It reads commands on stdin, a byte each (spaces and line ends between them mean nothing):
 *   f   flush: print what was measured since the last flush
 *   q   stop tracing, flush for the last time with what is still blocked, exit with 0
 * The end of stdin means that the parent is gone: exit at once. SIGINT, SIGTERM, SIGHUP and SIGQUIT are ignored, because a
 * Ctrl-C reaches the whole process group and the parent still wants the last flush.
 *
 * stdout carries one JSON object per line, each with a "type":
 *   {"type":"ready","protocol":1,"program":"offcpu","check":false,"variant":"atomic","sched_frames":"sizes",
 *    "own_walks":true,"clock":"run_queue"}
 *       Once, first. "variant" is which build of the BPF object the kernel took, "sched_frames" how the scheduler's own
 *       frames are walked: by their sizes, by frame pointers ("pointers"), or not at all ("none"); "own_walks" whether whole stacks are
 *       walked so. Both only where a program walks stacks of blocked threads. "clock" is what offcpu takes the time of a switch
 *       by: what the scheduler has read already ("run_queue"), or "monotonic".
 *   {"type":"entry","process":"dd","pid":7,"stack":"9af..","ns":5,"count":2,"max_ns":4,"state":2,"open":0}
 *       "stack" is the content hash of a stack, "0" where there is none. "state" is a mask of TASK_* as the kernel has
 *       it, or 2147483648 for a task that could have run. "open" of the "count" blocks had not ended when tracing
 *       stopped. With --by-thread there is "tid" as well, and "pid" stays the thread group's. "stack" and "state" are
 *       absent where a program has none. "details" is what one program alone says, texts and numbers by name:
 *         oncpu    "in_user": 1 where the program's own code ran, so that there is no kernel stack; "leaf": id of a
 *                  stack of one frame, where the kernel was interrupted, which the entry's stack lacks; "0" for none
 *         offwake  "waker_stack": id of the stack of what woke it, "waker": its name; absent where "open"; with --user-stacks
 *                  "waker_user", as "user" below, which is "0" too where an interrupt woke it
 *         blockio  "device", "operation": a letter, "bytes"
 *   {"type":"missed","process":"dd","pid":7,"count":1}
 *       Blocks whose end was hidden from BPF: their time is not known. "tid" as above.
 *   {"type":"stack","id":"9af..","kernel":["ffffffff81234567", ...]}
 *       Return addresses, leaf first. The stack of an entry was sent in the same flush, or an earlier one where it was
 *       walked before the event ended: that of a waker, of a request, and all on 5.8.
 *   {"type":"user_stack","id":"5e0..","pid":7,"time_ns":..,"frames":["7f5512345678", ...]}
 *       With --user-stacks an entry also has "user": the id of such a stack, of the same flush, or an earlier one as above; "0"
 *       for a thread of the kernel, and for a request in an interrupt; "1" where the stack could not be walked or kept. "time_ns", of
 *       CLOCK_MONOTONIC, says which program the process was running then.
 *   {"type":"flush","seq":1,"last":false,"time_us":..,"interval_ns":..,"sum":{"count":..,"ns":..},
 *    "total":{"count":..,"ns":..},"lost":{"count":..,"ns":..},"lost_full":..,"lost_busy":..,"missed_in":..,
 *    "skipped":..,"backwards":..,"no_slot":..,"unfollowed":..,"stack_full":..,
 *    "stack_failed":..,"sched_failed":..,"own_walks":..,"walks_differ":..}
 *       Ends a flush: the entry, missed and stack lines before it belong to it. "sum" is what the entries add up to,
 *       "total" what the kernel side counted by itself, "lost" the part of it that found no place: sum + lost = total.
 *       "time_us" is the time of day, in microseconds since 1970 UTC. "own_walks" counts the stacks that were walked
 *       without the kernel, "walks_differ" those of them that the kernel walks otherwise, where that is checked.
 *   {"type":"error","code":"permission","message":".."}
 *       The last line of a helper that cannot go on. Codes: usage, command, no_btf, permission, memlock, lockdown,
 *       verifier, load, attach, internal. Exit code 2 for the first two, 77 for permission, else 69.
 * Names are UTF-8; bytes that are not become U+FFFD.
 *
 * The helper reads no file of configuration and no environment, closes every descriptor it inherited but the standard
 * three, and has the kernel end it should it ever execute anything, start a process, or open a socket (confine.h).
 */
#ifndef KERNELSCOPE_LOADER_H
#define KERNELSCOPE_LOADER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include "entries.h"
#include "filter.h"

#define PROTOCOL_VERSION 1

struct options {
	__u32 max_entries;
	__u32 max_stacks;
	__u32 frequency; /* samples per second and CPU */
	bool user_stacks;
	bool check;
	bool force_portable; /* take the build for older kernels, to test it */
	bool force_walk_out; /* walk stacks on the way out, as on 5.8, to test it */
	bool force_monotonic; /* take no clock but CLOCK_MONOTONIC, to compare */
	enum whole_walk whole_walk;
	const char *btf_path;
	struct filter filter;
	__u32 pids[FILTER_MAX_PIDS];
	__u32 pid_count;
	__u32 tids[FILTER_MAX_PIDS];
	__u32 tid_count;
	bool follow; /* the children of pids as well */
	__u32 launched; /* one of pids, which waits for the tracing to begin; 0 for none */
	const char *cgroups[FILTER_MAX_CGROUPS];
	__u32 cgroup_count;
	struct idle_function {
		const char *name;
		bool required; /* the kernel must have it */
	} idle[FILTER_MAX_IDLE];
	__u32 idle_count;
};

/* A trace program; a new one is one more line in the table of loader.c. */
struct trace_program {
	const char *name;
	void (*load)(const struct options *options); /* fails by fail() */
	void (*attach)(const struct options *options);
	void (*flush)(bool last);
	void (*describe)(void); /* prints what the ready line says of the program, as JSON members */
};

extern const struct trace_program blockio_program;
extern const struct trace_program offcpu_program;
extern const struct trace_program offwake_program;
extern const struct trace_program oncpu_program;
extern const struct trace_program runqlat_program;

/* options.c */
void parse_options(int argc, char **argv, struct options *options);
/* Fails where an option was given that only a program of blocks, with states and stacks that wait, can follow. */
void refuse_block_options(const struct options *options, const char *program);

/* output.c */
__attribute__((format(printf, 1, 2))) void print_json(const char *format, ...);
void print_json_string(const char *bytes, size_t size);
void flush_output(void);
_Noreturn __attribute__((format(printf, 2, 3))) void fail(const char *code, const char *format, ...);

/* object.c: what every program needs of libbpf */
struct bpf_object;
struct bpf_map;
struct bpf_program;
struct bpf_link;
struct btf;
void quiet_libbpf(void); /* keeps its warnings for the error line instead of printing them */
struct bpf_object *open_object(const char *name, const void *bytes, size_t size, const struct options *options);
void load_object(struct bpf_object *object);
bool can_load_object(struct bpf_object *object); /* loads it, unless the kernel is not made for it */
void *mapped_value(struct bpf_object *object, const char *map);
void *initial_value(struct bpf_object *object, const char *map, size_t size);
struct bpf_map *find_map(struct bpf_object *object, const char *name);
struct bpf_program *find_program(struct bpf_object *object, const char *name);
void attach_program(struct bpf_object *object, const char *name);
void attach_programs(struct bpf_object *object, const char *const *names); /* ends in NULL */
/* An iterator over all tasks, or over the elements of a map, that has not gone over any yet. */
struct iterator {
	const char *name;
	struct bpf_link *link;
	int fd;
};
struct iterator open_iterator(struct bpf_object *object, const char *name, const char *map);
void finish_iterator(const struct iterator *iterator); /* goes over all */
void run_iterator(struct bpf_object *object, const char *name, const char *map);
/* Calls `each` for every element of a map that nothing else writes to, and leaves the map empty. */
void drain_map(struct bpf_map *map, void (*each)(const void *key, const void *value, void *context), void *context);
__u64 recursion_misses(struct bpf_object *object, const char *program);
const struct btf *kernel_btf(const struct options *options);

/* kernel_facts.c */
__u32 highest_tid(void);
/* How many arguments a tracepoint hands over; 0 where the kernel has none of that name. */
__u32 tracepoint_arguments(const struct btf *btf, const char *tracepoint);
/* Finds the number of an enum's value. */
bool enum_value(const struct btf *btf, const char *enum_name, const char *name, __u32 *value);
bool has_helper(const struct btf *btf, const char *name);
bool has_prev_state(const struct btf *btf); /* sched_switch hands over the state that the thread was in */
bool has_atomics(void);

/* entries.c: the user side of entries.bpf.h, in the order in which a program calls it. */
struct build {
	const char *start;
	const char *end;
};
struct flush_steps {
	const char *open_iterator;    /* run once at the end, to report what has not ended; NULL for none */
	const char *open_map;         /* the map whose elements it goes through, if not all tasks */
	const char *const *programs;  /* whose runs that the kernel left out are counted; ends in NULL */
	void (*print_entry)(const void *key, const void *value, void *sum); /* prints its line */
};
/* Opens the build that the kernel takes, gives the entries their room, and sets what is filtered by. */
struct bpf_object *open_build(const char *name, const struct build *atomic, const struct build *portable,
			      const struct options *options);
void load_build(struct bpf_object *object, const struct options *options);
void describe_build(void);
void begin_tracing(struct bpf_object *object, const struct options *options); /* before anything is attached */
/* Prints the line of events of which only is known how many there were. */
void print_missed(const struct task_key *task, const struct entry_value *value);
/* Prints the beginning of an entry's line: whose it is and what it comes to, which is added to what the flush line sums up. */
void print_beginning(const struct task_key *task, const struct entry_value *value, struct entry_value *sum);
void flush_entries(struct bpf_object *object, const struct flush_steps *steps, bool last);

/* clock.c: whether a program at sched_switch takes the run queue's clock (clock.bpf.h). Before load; and for the ready line. */
bool prepare_clock(const struct options *options);
void describe_clock(void);
__u64 switch_clock_ns(__u64 monotonic_ns); /* what the program's clock shows at a time by CLOCK_MONOTONIC */

/* slots.c: the user side of slots.bpf.h. Before load; and: what a thread waits in already is not to be recorded. */
void prepare_slots(struct bpf_object *object, const struct options *options);
void forget_slot(struct bpf_object *object, __u32 tid);

/* filter.c: the user side of filter.bpf.h, which entries.c calls. Before load, after load, and once tracing begins. */
void prepare_filter(struct bpf_object *object, const struct options *options);
void fill_filter(struct bpf_object *object, const struct options *options);
void follow_children(struct bpf_object *object, const struct options *options);
__u64 count_unfollowed(void);

/* stacks.c: the user side of stacks.bpf.h, for a program that has stacks. Before load, and for each generation that is drained. */
enum stack_origin {
	STACK_WALKED = 0,      /* all that was walked is printed */
	STACK_LEAVING = 1,     /* of a task on its way out: without the tracing below the scheduler */
	STACK_INTERRUPTED = 2, /* without the first frame, which is part of the entry's key */
};
void prepare_stacks(struct bpf_object *object, const struct options *options, enum stack_origin from);
void print_stacks(__u32 generation);

/* caller_stacks.c: the user side of caller_stacks.bpf.h. Before load, in the place of prepare_stacks and prepare_user_stacks. */
void prepare_caller_stacks(struct bpf_object *object, const struct options *options);

/* kernel_stack.c: the user side of kernel_stack.bpf.h. Before load; and for the ready line. */
void prepare_kernel_stacks(struct bpf_object *object, const struct options *options);
void describe_kernel_stacks(void);
/* How many frames, leaf first, come before the first that is in the scheduler; 0 where none is. */
__u32 frames_before_scheduler(const __u64 *frames, __u32 depth);

/*
 * user_stacks.c: the user side of user_stacks.bpf.h. Before load, and more for a program that walks them on the way out; for each
 * generation that is drained; and the id of an entry's user stack as a member of that name, where such are asked for.
 */
void prepare_user_stacks(struct bpf_object *object, const struct options *options);
void prepare_user_threads(struct bpf_object *object);
void print_user_stack_id(const char *name, __u64 id);
void print_user_stacks(__u32 generation);

/* kallsyms.c: hands over the kernel's symbols in their order; nothing where they are hidden. */
void each_kernel_symbol(void (*each)(__u64 address, char type, const char *name, void *context), void *context);

#endif
