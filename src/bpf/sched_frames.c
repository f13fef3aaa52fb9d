/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Finds the frame sizes of the functions in .sched.text; sched_frames.bpf.h says what for. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "embedded.h"
#include "loader.h"
#include "peek.h"
#include "sched_frames.h"

EMBEDDED(peek)

/* An entry of the kernel's ORC table (arch/x86/include/asm/orc_types.h); this much of it never changed since 4.14. */
struct orc_entry {
	__s16 sp_offset;
	__s16 bp_offset;
	__u8 sp_reg : 4;
	__u8 bp_reg : 4;
	__u8 rest;
} __attribute__((packed));

enum { ORC_REG_UNDEFINED = 0, ORC_REG_PREV_SP = 1, ORC_REG_BP = 4, ORC_REG_SP = 5 };
enum { ORC_ENTRIES_AT_ONCE = 8192 };

struct symbols {
	__u64 sched_start;
	__u64 sched_end;
	__u64 orc_ip_start;
	__u64 orc_ip_end;
	__u64 orc_start;
};

struct peeker {
	struct bpf_object *object;
	volatile struct peek_request *request;
};

static void note_symbol(__u64 address, char type, const char *name, void *context)
{
	struct symbols *symbols = context;
	const struct {
		const char *name;
		__u64 *address;
	} wanted[] = {
		{ "__sched_text_start", &symbols->sched_start },   { "__sched_text_end", &symbols->sched_end },
		{ "__start_orc_unwind_ip", &symbols->orc_ip_start }, { "__stop_orc_unwind_ip", &symbols->orc_ip_end },
		{ "__start_orc_unwind", &symbols->orc_start },
	};
	(void)type;

	/* All of them begin so, and few others do. */
	if (strncmp(name, "__s", 3) != 0)
		return;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (strcmp(name, wanted[i].name) == 0)
			*wanted[i].address = address;
}

/* Copies kernel memory. Says whether it could. */
static bool peek_at(const struct peeker *peeker, __u64 address, void *to, __u32 size)
{
	static struct peek_window window;
	__u32 zero = 0;

	peeker->request->address = address;
	peeker->request->size = size;
	peeker->request->done = 0;
	run_iterator(peeker->object, "peek", NULL);
	if (!peeker->request->done)
		return false;
	if (bpf_map_lookup_elem(bpf_map__fd(find_map(peeker->object, "window")), &zero, &window))
		return false;
	memcpy(to, window.bytes, size);
	return true;
}

/* The table of addresses holds offsets from each slot's own place. */
static bool orc_address(const struct peeker *peeker, const struct symbols *symbols, __u64 index, __u64 *address)
{
	__u64 slot = symbols->orc_ip_start + index * sizeof(__s32);
	__s32 offset;

	if (!peek_at(peeker, slot, &offset, sizeof(offset)))
		return false;
	*address = slot + offset;
	return true;
}

/* Index of the last entry at or below the address. */
static bool find_entry(const struct peeker *peeker, const struct symbols *symbols, __u64 count, __u64 address, __u64 *index)
{
	__u64 low = 0, high = count;

	while (high - low > 1) {
		__u64 middle = low + (high - low) / 2, at;

		if (!orc_address(peeker, symbols, middle, &at))
			return false;
		if (at <= address)
			low = middle;
		else
			high = middle;
	}
	*index = low;
	return true;
}

/* What an entry says of a frame; no size where it says something that ordinary functions do not need. */
static struct frame_size size_of(const struct orc_entry *entry)
{
	struct frame_size size = { .from_pointer = entry->sp_reg == ORC_REG_BP };

	if ((entry->sp_reg != ORC_REG_SP && entry->sp_reg != ORC_REG_BP) || entry->sp_offset <= 0 ||
	    entry->sp_offset % 8 != 0 || entry->sp_offset / 8 > 255)
		return (struct frame_size){};
	if (entry->bp_reg == ORC_REG_PREV_SP) {
		if (entry->bp_offset >= 0 || entry->bp_offset % 8 != 0 || -entry->bp_offset / 8 > 127)
			return (struct frame_size){};
		size.pointer_words = -entry->bp_offset / 8;
	} else if (entry->bp_reg != ORC_REG_UNDEFINED) {
		return (struct frame_size){};
	}
	size.words = entry->sp_offset / 8;
	return size;
}

/* Notes what holds from one address up to another, as far as that is in the section. */
static void note_size(struct sched_frames *table, __u64 from, __u64 to, struct frame_size size)
{
	if (from < table->text_start)
		from = table->text_start;
	if (to > table->text_end)
		to = table->text_end;
	for (__u64 at = from; at < to; at++)
		table->sizes[at - table->text_start] = size;
}

static bool read_sizes(const struct peeker *peeker, const struct symbols *symbols, struct sched_frames *table)
{
	static __s32 offsets[ORC_ENTRIES_AT_ONCE];
	static struct orc_entry entries[ORC_ENTRIES_AT_ONCE];
	__u64 count = (symbols->orc_ip_end - symbols->orc_ip_start) / sizeof(__s32);
	__u64 first, last;

	if (!find_entry(peeker, symbols, count, table->text_start, &first) ||
	    !find_entry(peeker, symbols, count, table->text_end - 1, &last) || last - first >= ORC_ENTRIES_AT_ONCE)
		return false;
	__u64 found = last - first + 1;

	if (!peek_at(peeker, symbols->orc_ip_start + first * sizeof(__s32), offsets, found * sizeof(*offsets)) ||
	    !peek_at(peeker, symbols->orc_start + first * sizeof(*entries), entries, found * sizeof(*entries)))
		return false;
	for (__u64 i = 0; i < found; i++) {
		__u64 slot = symbols->orc_ip_start + (first + i) * sizeof(*offsets);
		__u64 next = i + 1 < found ? slot + sizeof(*offsets) + offsets[i + 1] : table->text_end;

		note_size(table, slot + offsets[i], next, size_of(&entries[i]));
	}
	return true;
}

/* Reads the table through a program of its own, because no file shows it. */
static bool read_sizes_by_peeking(const struct symbols *symbols, struct sched_frames *table, const struct options *options)
{
	struct peeker peeker = { .object = open_object("peek", EMBEDDED_BYTES(peek), options) };

	load_object(peeker.object);
	peeker.request = mapped_value(peeker.object, ".data.request");
	bool done = read_sizes(&peeker, symbols, table);

	bpf_object__close(peeker.object);
	return done;
}

/* What was put into the map. */
static struct sched_frames table;

__u32 frames_before_scheduler(const __u64 *frames, __u32 depth)
{
	for (__u32 i = 0; i < depth; i++)
		if (frames[i] >= table.text_start && frames[i] < table.text_end)
			return i;
	return 0;
}

const char *fill_sched_frames(struct bpf_object *object, const struct options *options)
{
	struct symbols symbols = {};
	__u32 zero = 0;

	each_kernel_symbol(note_symbol, &symbols);
	table.text_start = symbols.sched_start;
	table.text_end = symbols.sched_end;
	if (symbols.sched_start && symbols.sched_end > symbols.sched_start &&
	    symbols.sched_end - symbols.sched_start <= SCHED_TEXT_MAX) {
		bool has_table = symbols.orc_start && symbols.orc_ip_end > symbols.orc_ip_start;

		if (!has_table)
			table.walk = SCHED_WALK_POINTERS;
		else if (read_sizes_by_peeking(&symbols, &table, options))
			table.walk = SCHED_WALK_SIZES;
	}
	if (bpf_map_update_elem(bpf_map__fd(find_map(object, "sched_frames")), &zero, &table, BPF_ANY))
		fail("internal", "map 'sched_frames' cannot be filled: %s", strerror(errno));
	return table.walk == SCHED_WALK_SIZES ? "sizes" : table.walk == SCHED_WALK_POINTERS ? "pointers" : "none";
}
