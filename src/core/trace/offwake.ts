import { offwake as category } from '../category/offwake.ts';
import { callerFrames } from './caller-frames.ts';
import { textDetail } from './entry-details.ts';
import { helperArguments } from './helper-arguments.ts';
import { joinEntries, key, maxOf, sumOf } from './join-entries.ts';
import type { HelperEntry } from './parse-helper-output.ts';
import type { TraceProgram } from './trace-program.ts';

/** The frame between the stack of the blocked thread and that of its waker. */
export const WAKER_SEPARATOR = '--';

/** What stands for the waker's stack where nothing had woken the thread yet. */
export const STILL_BLOCKED = '[still blocked]';

/** What stands for the waker's name where an interrupt woke the thread, whatever ran at that time. */
export const INTERRUPT = '[interrupt]';

/** Traces the time that threads are blocked, with the stack that they wait in and that of what wakes them. */
export const offwake: TraceProgram = {
  name: 'offwake',
  summary: 'Trace the time that threads are blocked, by process, stack, waker and stack of the waker',
  category,
  defaultThresholdUs: 1000,
  needs: { tracepoints: ['sched_waking', 'sched_switch'] },
  helperArguments,
  toEntries: (flush, stackText) => {
    const wakers = new Map<string, Waker>();
    const wakerOf = (entry: HelperEntry): Waker => {
      const id = textDetail(entry, 'waker_stack');
      const known = wakers.get(id);
      if (known !== undefined) return known;
      const waker = readWaker(stackText(id));
      wakers.set(id, waker);
      return waker;
    };
    return joinEntries(category, flush.entries, {
      process: key(({ process }) => process),
      pid: key(({ pid }) => pid),
      waker: key((entry) => {
        if (isOpen(entry)) return null;
        return wakerOf(entry).isInterrupt ? INTERRUPT : textDetail(entry, 'waker');
      }),
      stack: key((entry) => {
        const waker = isOpen(entry) ? STILL_BLOCKED : wakerOf(entry).text;
        return `${stackText(entry.stack)};${WAKER_SEPARATOR};${waker}`;
      }),
      elapsed: sumOf(({ ns }) => ns),
      count: sumOf(({ count }) => count),
      max: maxOf(({ maxNs }) => maxNs),
    });
  },
};

interface Waker {
  /** Folded, leaf first. */
  readonly text: string;
  readonly isInterrupt: boolean;
}

function readWaker(stack: string): Waker {
  const { frames, isInterrupt } = callerFrames(stack);
  return { text: frames.toReversed().join(';'), isInterrupt };
}

/** The helper keeps blocks that had not ended apart from the others. */
function isOpen(entry: HelperEntry): boolean {
  return entry.open > 0;
}
