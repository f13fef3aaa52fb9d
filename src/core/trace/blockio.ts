import { blockio as category } from '../category/blockio.ts';
import { callerFrames } from './caller-frames.ts';
import { numberDetail, textDetail } from './entry-details.ts';
import { helperArguments } from './helper-arguments.ts';
import { joinEntries, key, maxOf, sumOf } from './join-entries.ts';
import { wholeStack } from './stack-texts.ts';
import type { TraceProgram } from './trace-program.ts';

/** Traces requests to block devices, with the kernel stack that submits them. */
export const blockio: TraceProgram = {
  name: 'blockio',
  summary: 'Trace requests to block devices, by device, operation, process and kernel stack',
  category,
  defaultThresholdUs: 0,
  needs: { tracepoints: ['block_rq_issue', ['block_io_done', 'block_rq_complete']] },
  helperArguments,
  toEntries: (flush, texts) =>
    joinEntries(category, flush.entries, {
      device: key((entry) => textDetail(entry, 'device')),
      operation: key((entry) => textDetail(entry, 'operation')),
      process: key(({ process }) => process),
      pid: key(({ pid }) => pid),
      stack: key(({ stack, user }) => {
        const { frames, isInterrupt } = callerFrames(texts.kernel(stack));
        return wholeStack(isInterrupt ? undefined : texts.user(user), frames.join(';'));
      }),
      elapsed: sumOf(({ ns }) => ns),
      count: sumOf(({ count }) => count),
      max: maxOf(({ maxNs }) => maxNs),
      bytes: sumOf((entry) => numberDetail(entry, 'bytes')),
    }),
};
