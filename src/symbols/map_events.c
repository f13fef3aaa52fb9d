/* SPDX-License-Identifier: MIT */
/*
 * What the kernel tells of mappings: the side-band records of a perf event that counts nothing, one ring for each CPU.
 * A record is acted on when it comes, for the file of a mapping can be opened by its process only while that is there.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "symbols.h"

#define RING_PAGES 32

struct ring {
	int fd;
	struct perf_event_mmap_page *page;
};

/* A record that was taken out of a ring, and its time. */
struct event {
	uint64_t time_ns;
	size_t order;
	struct perf_event_header *header;
};

struct mmap2_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t address, length, offset;
	uint32_t major, minor;
	uint64_t inode, inode_generation;
	uint32_t protection, flags;
	char path[];
};

struct task_record {
	struct perf_event_header header;
	uint32_t pid, parent_pid;
	uint32_t tid, parent_tid;
	uint64_t time_ns;
};

struct comm_record {
	struct perf_event_header header;
	uint32_t pid, tid;
};

static struct ring *rings;
static size_t ring_count;
static size_t page_size;

static struct event *events;
static size_t event_count, event_room;
static bool has_lost;

bool open_map_events(void)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attributes),
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TIME,
		.sample_id_all = 1,
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.watermark = 1,
		.wakeup_watermark = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	page_size = sysconf(_SC_PAGESIZE);
	rings = calloc(cpus, sizeof(*rings));
	if (!rings)
		fail("out of memory");
	for (int cpu = 0; cpu < cpus; cpu++) {
		int fd = syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

		/* A CPU that is switched off has none. */
		if (fd < 0)
			continue;
		void *page = mmap(NULL, (RING_PAGES + 1) * page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (page == MAP_FAILED) {
			close(fd);
			continue;
		}
		rings[ring_count++] = (struct ring){ .fd = fd, .page = page };
	}
	return ring_count > 0;
}

size_t map_event_count(void)
{
	return ring_count;
}

int map_event_fd(size_t index)
{
	return rings[index].fd;
}

/* The time stands at the end of every record. */
static uint64_t time_of(const struct perf_event_header *header)
{
	uint64_t time_ns;

	memcpy(&time_ns, (const char *)header + header->size - sizeof(time_ns), sizeof(time_ns));
	return time_ns;
}

static void take_record(const char *data, uint64_t at, uint64_t size)
{
	struct perf_event_header header;
	size_t mask = RING_PAGES * page_size - 1;

	/* Records are of 8 bytes and multiples, so that a header is in one piece. */
	memcpy(&header, data + (at & mask), sizeof(header));
	if (header.size < sizeof(header) + sizeof(uint64_t) || header.size > size)
		return;
	char *copy = malloc(header.size + 1);

	if (!copy)
		fail("out of memory");
	for (size_t i = 0; i < header.size; i++)
		copy[i] = data[(at + i) & mask];
	copy[header.size] = '\0';
	events = grow(events, event_count, &event_room, sizeof(*events));
	events[event_count] = (struct event){
		.header = (void *)copy, .time_ns = time_of((void *)copy), .order = event_count
	};
	event_count++;
}

static void take_records(struct ring *ring)
{
	const char *data = (const char *)ring->page + page_size;
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = ring->page->data_tail;

	while (tail < head) {
		struct perf_event_header header;

		memcpy(&header, data + (tail & (RING_PAGES * page_size - 1)), sizeof(header));
		if (header.size == 0)
			break;
		take_record(data, tail, head - tail);
		tail += header.size;
	}
	__atomic_store_n(&ring->page->data_tail, head, __ATOMIC_RELEASE);
}

static int by_time(const void *a, const void *b)
{
	const struct event *one = a, *other = b;

	if (one->time_ns != other->time_ns)
		return one->time_ns < other->time_ns ? -1 : 1;
	return one->order < other->order ? -1 : 1;
}

static void act_on_mapping(const struct mmap2_record *record)
{
	struct mapping mapping = {
		.start = record->address,
		.end = record->address + record->length,
		.offset = record->offset,
	};

	if (record->header.misc & PERF_RECORD_MISC_MMAP_DATA || mapping.end <= mapping.start)
		return;
	/* "//anon" is memory without a file. */
	if ((record->path[0] == '/' && record->path[1] != '/') || record->path[0] == '[') {
		const struct file_id id = { .major = record->major, .minor = record->minor, .inode = record->inode };
		const struct file_place place = { .pid = record->pid, .start = mapping.start, .end = mapping.end };

		mapping.module = hold_module(&id, record->path, &place);
	}
	note_mapping(record->pid, &mapping);
}

static void act_on(const struct event *event)
{
	const struct task_record *task = (const void *)event->header;
	const struct comm_record *comm = (const void *)event->header;

	switch (event->header->type) {
	case PERF_RECORD_MMAP2:
		if (event->header->size > sizeof(struct mmap2_record) + sizeof(uint64_t))
			act_on_mapping((const void *)event->header);
		break;
	case PERF_RECORD_COMM:
		if (event->header->misc & PERF_RECORD_MISC_COMM_EXEC)
			note_exec(comm->pid, event->time_ns);
		break;
	case PERF_RECORD_FORK:
		if (event->header->size >= sizeof(*task) && task->pid != task->parent_pid)
			note_fork(task->pid, task->parent_pid, event->time_ns);
		break;
	case PERF_RECORD_EXIT:
		if (event->header->size >= sizeof(*task) && task->pid == task->tid)
			note_exit(task->pid, event->time_ns);
		break;
	case PERF_RECORD_LOST:
		has_lost = true;
		break;
	}
}

void read_map_events(void)
{
	event_count = 0;
	for (size_t i = 0; i < ring_count; i++)
		take_records(&rings[i]);
	qsort(events, event_count, sizeof(*events), by_time);
	for (size_t i = 0; i < event_count; i++) {
		act_on(&events[i]);
		free(events[i].header);
	}
	/* What was not told is read. */
	if (has_lost)
		snapshot_processes();
	has_lost = false;
}
