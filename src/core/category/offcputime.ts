import { defineCategory } from './define-category.ts';

/** Time that threads spent off the CPU, summed per process, thread group and stack over one flush of the tracer. */
export const offcputime = defineCategory({
  name: 'offcputime',
  prettyName: 'Off-CPU time',
  columns: [
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'pid', type: 'int', prettyName: 'PID' },
    { name: 'stack', type: 'stack', prettyName: 'Stack' },
    { name: 'elapsed', type: 'elapsed', prettyName: 'Elapsed', unit: 'ns' },
  ],
});
