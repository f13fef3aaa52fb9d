import { defineCategory } from './define-category.ts';

/**
 * Time that threads spent off the CPU, summed per process, thread group, stack and state over one flush of the tracer:
 * in how many blocks, how long the longest was, and the state waited in, as letters of ps.
 */
export const offcputime = defineCategory({
  name: 'offcputime',
  prettyName: 'Off-CPU time',
  columns: [
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'pid', type: 'int', prettyName: 'PID' },
    { name: 'stack', type: 'stack', prettyName: 'Stack' },
    { name: 'elapsed', type: 'elapsed', prettyName: 'Elapsed', unit: 'ns' },
    { name: 'count', type: 'int', prettyName: 'Blocks', optional: true },
    { name: 'max', type: 'elapsed', prettyName: 'Longest', unit: 'ns', optional: true },
    { name: 'state', type: 'string', prettyName: 'State', optional: true },
  ],
});
