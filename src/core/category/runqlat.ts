import { defineCategory } from './define-category.ts';

/** Time that threads could run and waited for a CPU, per process and thread group over one flush of the tracer. */
export const runqlat = defineCategory({
  name: 'runqlat',
  prettyName: 'Run queue latency',
  columns: [
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'pid', type: 'int', prettyName: 'PID' },
    { name: 'elapsed', type: 'elapsed', prettyName: 'Elapsed', unit: 'ns' },
    { name: 'count', type: 'int', prettyName: 'Waits' },
    { name: 'max', type: 'elapsed', prettyName: 'Longest', unit: 'ns' },
  ],
});
