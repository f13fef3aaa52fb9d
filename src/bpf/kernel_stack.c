/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Tells the kernel side what it must know to walk kernel stacks by itself; kernel_stack.bpf.h says what for. */
#include <bpf/libbpf.h>
#include <string.h>
#include "kernel_stack.h"
#include "loader.h"

/* What was told to the kernel side. */
static struct kernel_stack_facts facts;

static struct orc_table orc;
static __u64 orc_ips_end;

static void note_symbol(__u64 address, char type, const char *name, void *context)
{
	static const struct {
		const char *name;
		__u64 *address;
	} wanted[] = {
		{ "_stext", &facts.text.start },
		{ "_etext", &facts.text.end },
		{ "__sched_text_start", &facts.sched.start },
		{ "__sched_text_end", &facts.sched.end },
		{ "__lock_text_start", &facts.locks.start },
		{ "__lock_text_end", &facts.locks.end },
		{ "__start_orc_unwind_ip", &orc.ips },
		{ "__stop_orc_unwind_ip", &orc_ips_end },
		{ "__start_orc_unwind", &orc.entries },
		{ "return_to_handler", &facts.trampolines[0] },
		{ "arch_rethook_trampoline", &facts.trampolines[1] },
		{ "__kretprobe_trampoline", &facts.trampolines[2] },
		{ "kretprobe_trampoline", &facts.trampolines[3] },
	};
	(void)type;
	(void)context;

	/* Most others begin otherwise. */
	if (strchr("_rak", name[0]) == NULL)
		return;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		/* A module may have a function of the same name, behind those of the kernel. */
		if (*wanted[i].address == 0 && strcmp(name, wanted[i].name) == 0)
			*wanted[i].address = address;
}

__u32 frames_before_scheduler(const __u64 *frames, __u32 depth)
{
	for (__u32 i = 0; i < depth; i++)
		if (frames[i] >= facts.sched.start && frames[i] < facts.sched.end)
			return i;
	return 0;
}

static enum frame_walk frame_walk(void)
{
	if (facts.sched.start == 0 || facts.sched.end <= facts.sched.start)
		return FRAME_WALK_NONE;
	/* A kernel without the table has frame pointers. */
	if (orc.ips == 0)
		return FRAME_WALK_POINTERS;
	if (orc.entries == 0 || orc_ips_end <= orc.ips || facts.text.start == 0 || facts.text.end <= facts.text.start)
		return FRAME_WALK_NONE;
	return FRAME_WALK_SIZES;
}

void prepare_kernel_stacks(struct bpf_object *object, const struct options *options)
{
	each_kernel_symbol(note_symbol, NULL);
	orc.count = (orc_ips_end - orc.ips) / sizeof(__s32);
	facts.frame_walk = frame_walk();
	facts.has_task_pt_regs = !options->force_portable && has_helper(kernel_btf(options), "BPF_FUNC_task_pt_regs");
	if (facts.frame_walk == FRAME_WALK_SIZES && facts.has_task_pt_regs)
		facts.whole_walk = options->whole_walk;
	memcpy(initial_value(object, ".rodata.stack", sizeof(facts)), &facts, sizeof(facts));
	memcpy(initial_value(object, ".data.orc", sizeof(orc)), &orc, sizeof(orc));
}

void describe_kernel_stacks(void)
{
	static const char *const frames[] = {
		[FRAME_WALK_NONE] = "none", [FRAME_WALK_SIZES] = "sizes", [FRAME_WALK_POINTERS] = "pointers",
	};

	print_json(",\"sched_frames\":\"%s\",\"own_walks\":%s", frames[facts.frame_walk],
		   facts.whole_walk == WHOLE_WALK_KERNEL ? "false" : "true");
}
