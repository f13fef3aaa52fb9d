/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What every program counts its events in: the layout that entries.bpf.h and entries.c share. */
#ifndef KERNELSCOPE_ENTRIES_H
#define KERNELSCOPE_ENTRIES_H

#include "stacks.h"

/* Written by the helper while the program runs. */
struct entry_control {
	__u32 generation; /* the one that is being filled */
	__u32 stopped;    /* nothing is recorded and no slot changes any more */
	__u64 seed_ns;    /* when tracing began, by the clock of the program: the start of what was going on already */
	__u64 stop_ns;    /* when tracing stopped, by the same: the end of what is still going on */
	__u64 traced_ns;  /* from the one to the other, by CLOCK_MONOTONIC */
};

/* What the events of one key add up to. */
struct entry_value {
	__u64 ns;
	__u64 count;
	__u64 max_ns;
	__u64 open;   /* how many of `count` had not ended when tracing stopped */
	__u64 amount; /* what a program adds up beside the time, such as bytes */
};

/* One per generation and CPU. Every event that passed the filters is in total, and in an entry or in one of lost_*. */
struct entry_totals {
	__u64 total_count;
	__u64 total_ns;
	__u64 lost_full_count; /* no room for another entry */
	__u64 lost_full_ns;
	__u64 lost_busy_count; /* the map was locked by an interrupted user of it */
	__u64 lost_busy_ns;
	__u64 missed_in;       /* events whose end was hidden */
	__u64 backwards;       /* events that ended before they began, by the clock: dropped */
	__u64 no_slot;         /* events for whose beginning there was no place: threads with a tid beyond the slots */
	struct stack_totals stacks;
};

#endif
