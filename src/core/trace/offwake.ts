import { wakerSeparator } from '../base/waker-separator.ts';
import { offwake as category } from '../category/offwake.ts';
import { callerFrames } from './caller-frames.ts';
import { optionalTextDetail, textDetail } from './entry-details.ts';
import { helperArguments } from './helper-arguments.ts';
import { joinEntries, key, maxOf, sumOf } from './join-entries.ts';
import type { HelperEntry } from './parse-helper-output.ts';
import { wholeStack } from './stack-texts.ts';
import type { TraceProgram } from './trace-program.ts';

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
  toEntries: (flush, texts) => {
    const wakers = new Map<string, Waker>();
    const wakerOf = (entry: HelperEntry): Waker => {
      const id = textDetail(entry, 'waker_stack');
      const userId = optionalTextDetail(entry, 'waker_user');
      const both = `${id} ${userId}`;
      const known = wakers.get(both);
      if (known !== undefined) return known;
      const waker = readWaker(texts.kernel(id), texts.user(userId));
      wakers.set(both, waker);
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
        return `${wholeStack(texts.user(entry.user), texts.kernel(entry.stack))};${wakerSeparator};${waker}`;
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

/** What an interrupt interrupted has no part in what it wakes: the program's frames are left out as those of the kernel are. */
function readWaker(kernel: string, user: string | undefined): Waker {
  const { frames, isInterrupt } = callerFrames(kernel);
  const rootFirst = wholeStack(isInterrupt ? undefined : user, frames.join(';'));
  return { text: rootFirst.split(';').toReversed().join(';'), isInterrupt };
}

/** The helper keeps blocks that had not ended apart from the others. */
function isOpen(entry: HelperEntry): boolean {
  return entry.open > 0;
}
