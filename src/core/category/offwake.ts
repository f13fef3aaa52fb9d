import { defineCategory } from './define-category.ts';

/**
 * Time that threads were blocked until something woke them, per process, thread group, waker and both stacks over one
 * flush of the tracer. The stack is that of the blocked thread, root first, then a frame `--`, then that of the waker,
 * leaf first. User stacks are at both ends, each parted by a frame `-`: `user;-;kernel;--;kernel;-;user`. `waker` is absent
 * where nothing had woken the thread when tracing stopped.
 */
export const offwake = defineCategory({
  name: 'offwake',
  prettyName: 'Off-CPU time by waker',
  columns: [
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'pid', type: 'int', prettyName: 'PID' },
    { name: 'waker', type: 'string', prettyName: 'Waker', optional: true },
    { name: 'stack', type: 'stack', prettyName: 'Stack' },
    { name: 'elapsed', type: 'elapsed', prettyName: 'Elapsed', unit: 'ns' },
    { name: 'count', type: 'int', prettyName: 'Blocks' },
    { name: 'max', type: 'elapsed', prettyName: 'Longest', unit: 'ns' },
  ],
});
