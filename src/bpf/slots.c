/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The user side of slots.bpf.h: gives every thread its place. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "loader.h"

void prepare_slots(struct bpf_object *object, const struct options *options)
{
	__u32 *known = initial_value(object, ".rodata.slots", sizeof(*known));

	*known = has_prev_state(kernel_btf(options));
	bpf_map__set_max_entries(find_map(object, "slots"), highest_tid());
}

void forget_slot(struct bpf_object *object, __u32 tid)
{
	struct bpf_map *slots = find_map(object, "slots");
	const char nothing[64] = {};

	if (bpf_map__value_size(slots) > sizeof(nothing) || bpf_map_update_elem(bpf_map__fd(slots), &tid, nothing, BPF_ANY))
		fail("internal", "map 'slots' cannot be cleared at %u", tid);
}
