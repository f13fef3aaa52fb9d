// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to block devices: how long each took, from when it was submitted to when it was done, by who submitted it.
 *
 * From 6.5 on block_io_start tells of a request in the context of who submits it. Before, what there is tells of it when
 * it is put into a queue or given to the device, which may be done by a thread of the kernel in its stead.
 */
#include "compat.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "blockio.h"
#define ENTRY_KEY struct blockio_key
#include "entries.bpf.h"
#include "filter.bpf.h"
#include "caller_stacks.bpf.h"

const volatile struct blockio_config config SEC(".rodata.config");

/* A request that is under way. */
struct blockio_request {
	__u64 start_ns;
	__u64 bytes;
	struct blockio_key key;
};

/* By the address of the request, which is another's once it is done. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct blockio_request);
} requests SEC(".maps");

/* An argument of a tracepoint of requests. The barrier keeps the compiler from choosing by the address of the argument. */
static __always_inline __u64 argument_of(__u64 *ctx, int place)
{
	/* Until a54895fa057c "block: remove the request_queue to argument request based tracepoints". */
	if (config.queue_is_first) {
		__u64 argument = ctx[place + 1];
		asm volatile("" : "+r"(argument));
		return argument;
	}
	return ctx[place];
}

static __always_inline void read_device(struct request *request, char *name)
{
	struct request___before_5_17 *older = (void *)request;
	struct gendisk *disk = bpf_core_field_exists(request->q->disk) ? BPF_CORE_READ(request, q, disk) :
									  BPF_CORE_READ(older, rq_disk);

	bpf_probe_read_kernel_str(name, 32, disk->disk_name);
}

/* Counts a request that was never seen to be done: another has its place now. */
static __always_inline void count_hidden(struct blockio_request *past)
{
	struct blockio_key key = past->key;

	key.stack = 0;
	key.user_stack = 0;
	key.missed = 1;
	count_missed(&key);
}

static __always_inline void begin(void *ctx, struct request *request)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct blockio_request new = {};
	__u64 address = (__u64)request;
	__u32 generation;

	if (control.stopped)
		return;
	struct blockio_request *past = bpf_map_lookup_elem(&requests, &address);
	if (past) {
		count_hidden(past);
		bpf_map_delete_elem(&requests, &address);
	}
	struct entry_totals *sums = current_totals(&generation);
	if (!sums || !identify(task, 0, &new.key.task))
		return;
	new.key.operation = BPF_CORE_READ(request, cmd_flags) & REQ_OP_MASK;
	new.bytes = BPF_CORE_READ(request, __data_len);
	/* What is written without data is an order to flush. */
	if (new.key.operation == REQ_OP_WRITE && new.bytes == 0)
		new.key.operation = REQ_OP_FLUSH;
	read_device(request, new.key.device);
	walk_caller(generation, ctx, &sums->stacks, &new.key.stack, &new.key.user_stack);
	new.start_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&requests, &address, &new, BPF_ANY))
		sums->no_slot++;
}

static __always_inline void end(struct request *request)
{
	__u64 address = (__u64)request;
	struct blockio_request *done = bpf_map_lookup_elem(&requests, &address);

	if (!done || control.stopped)
		return;
	__u64 now = bpf_ktime_get_ns();
	__u64 ns = now - done->start_ns;
	__u32 generation;
	struct entry_totals *sums = current_totals(&generation);
	if (now < done->start_ns)
		count_backwards();
	else if (sums && duration_passes(ns))
		add_event(generation, &done->key, ns, done->bytes, false, sums);
	bpf_map_delete_elem(&requests, &address);
}

SEC("tp_btf/block_io_start")
int blockio_start(__u64 *ctx)
{
	begin(ctx, (void *)ctx[0]);
	return 0;
}

SEC("tp_btf/block_io_done")
int blockio_done(__u64 *ctx)
{
	struct request *request = (void *)ctx[0];

	if (!(BPF_CORE_READ(request, rq_flags) & config.flush_flag))
		end(request);
	return 0;
}

SEC("tp_btf/block_rq_insert")
int blockio_insert(__u64 *ctx)
{
	begin(ctx, (void *)argument_of(ctx, 0));
	return 0;
}

/* What was merged into a request on its way here is part of it from now on. */
SEC("tp_btf/block_rq_issue")
int blockio_issue(__u64 *ctx)
{
	struct request *request = (void *)argument_of(ctx, 0);
	__u64 address = (__u64)request;
	struct blockio_request *known = bpf_map_lookup_elem(&requests, &address);

	if (known)
		known->bytes = BPF_CORE_READ(request, __data_len);
	else if (!config.has_io_start)
		begin(ctx, request);
	return 0;
}

/* One that is merged into another is over; the other stands for both. */
SEC("tp_btf/block_rq_merge")
int blockio_merge(__u64 *ctx)
{
	__u64 address = argument_of(ctx, 0);

	bpf_map_delete_elem(&requests, &address);
	return 0;
}

/* block_rq_complete(struct request *rq, blk_status_t error, unsigned int nr_bytes), for each part that is done */
SEC("tp_btf/block_rq_complete")
int blockio_complete(__u64 *ctx)
{
	struct request *request = (void *)argument_of(ctx, 0);
	__u32 bytes = argument_of(ctx, 2);

	if (bytes >= BPF_CORE_READ(request, __data_len))
		end(request);
	return 0;
}

/* Run once after everything stopped, over `requests`: reports what is still under way. */
SEC("iter/bpf_map_elem")
int blockio_open(struct bpf_iter__bpf_map_elem *ctx)
{
	struct blockio_request *element = ctx->value;
	__u64 stop_ns = control.stop_ns;

	if (!element)
		return 0;
	struct blockio_request open = *element;
	__u32 generation;
	struct entry_totals *sums = current_totals(&generation);
	if (!sums || open.start_ns > stop_ns)
		return 0;
	__u64 ns = stop_ns - open.start_ns;
	if (duration_passes(ns))
		add_event(generation, &open.key, ns, open.bytes, true, sums);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
