import { defineCategory } from './define-category.ts';

/**
 * What ran on the CPUs, sampled at a fixed rate, per process, thread group and stack over one flush of the tracer:
 * how many samples, and the time that they stand for.
 */
export const oncpu = defineCategory({
  name: 'oncpu',
  prettyName: 'On-CPU samples',
  columns: [
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'pid', type: 'int', prettyName: 'PID' },
    { name: 'stack', type: 'stack', prettyName: 'Stack' },
    { name: 'samples', type: 'int', prettyName: 'Samples' },
    { name: 'elapsed', type: 'elapsed', prettyName: 'Elapsed', unit: 'ns' },
  ],
});
