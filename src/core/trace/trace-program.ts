import type { Category } from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
import type { HeldCommand } from './hold-command.ts';
import type { TraceNeeds } from './missing-needs.ts';
import type { HelperFlush } from './parse-helper-output.ts';
import type { StackTexts } from './stack-texts.ts';

/** What the user asked a trace program to do, the same for every program. */
export interface TraceOptions {
  /** Shortest block, in microseconds, that is recorded. */
  readonly thresholdUs: number;
  /** Longest block, in microseconds, that is recorded; any where absent. */
  readonly maxUs?: number;
  /** For a program that samples: samples per second of each CPU; 99 where absent. */
  readonly frequencyHz?: number;
  /** Time between two flushes, in milliseconds. */
  readonly intervalMs: number;
  /** Stop after this many milliseconds; until aborted where absent. */
  readonly durationMs?: number;
  /** Process ids (thread group ids) to trace; all where empty. */
  readonly pids: readonly number[];
  /** Thread ids to trace; all where absent or empty. */
  readonly tids?: readonly number[];
  /** Globs (`*`, `?`, `[a-z]`), one of which the thread's name must match; all where absent or empty. */
  readonly comms?: readonly string[];
  /** Bits of task states, from `parseTaskStates`, one of which a block must have; all where absent. */
  readonly stateMask?: number;
  /** Only threads of the kernel, or only those of programs; both where absent. */
  readonly threads?: 'kernel' | 'user';
  /** With `pids`: their children too, those that are there already and those to come. */
  readonly follow?: boolean;
  /** A command, to be traced with its children from its beginning; let go once tracing has begun. In place of `pids`. */
  readonly command?: HeldCommand;
  /** Folders of cgroups (version 2); only what is in one of them or below. All where absent or empty. */
  readonly cgroups?: readonly string[];
  /** Leaves out threads that wait for something to do: in a function of idle-functions.ts. */
  readonly noIdle?: boolean;
  /** Walks the stacks of programs too, and puts them before those of the kernel: `main;read;-;entry_SYSCALL_64;...`. */
  readonly userStacks?: boolean;
  /** Shows functions that were inlined, and marks frames: `_[i]` inlined, `_[j]` compiled at run time, `_[k]` the kernel's. */
  readonly marks?: boolean;
  /** More kernel functions that count as idle, with or without `noIdle`. */
  readonly idleFunctions?: readonly string[];
}

/** What the kernel side counted since the last flush, and every way in which it lost something. */
export interface FlushTotals {
  /** Blocks, and their nanoseconds, that ended (or were open when tracing stopped) and passed the filters. */
  readonly count: number;
  readonly ns: number;
  /** The part of them that is in no entry: count + ns of the entries + these = the two above. */
  readonly lostCount: number;
  readonly lostNs: number;
  /** Blocks whose end was hidden from BPF, so that their time is not known. */
  readonly missedIn: number;
  /** Events that the kernel did not hand to the program, or that it had to drop for another reason. */
  readonly dropped: number;
  /** Blocks that were recorded without a stack. */
  readonly withoutStack: number;
}

/** What one flush of a trace program measured. */
export interface Flush {
  /** When the flush was taken, microseconds since 1970 UTC. */
  readonly timeUs: number;
  /** Nanoseconds since the last flush, or since tracing began. */
  readonly intervalNs: number;
  readonly entries: EntryColumns;
  /** Events that could not be recorded since the last flush: `lostCount + missedIn + dropped` of the totals. */
  readonly lost: number;
  readonly totals: FlushTotals;
}

/** A program that can be traced: how the helper is asked for it, and what becomes of its records. */
export interface TraceProgram {
  readonly name: string;
  readonly summary: string;
  readonly category: Category;
  /** The threshold, in microseconds, where none was asked for. */
  readonly defaultThresholdUs: number;
  /** What it needs besides BTF and the capabilities, so that `doctor` can say what is missing without them. */
  readonly needs?: TraceNeeds;
  /** Gives the helper's arguments after its program's name. */
  readonly helperArguments: (options: TraceOptions) => readonly string[];
  /** Makes entries of a flush, whose stacks read as `texts` says. */
  readonly toEntries: (flush: HelperFlush, texts: StackTexts) => EntryColumns;
}
