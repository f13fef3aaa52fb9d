import { type Category, defineCategory } from '../../../src/core/category/define-category.ts';

/** A category that is not built in, with two stacks, two durations and a number. */
export const diskwait: Category = defineCategory({
  name: 'diskwait',
  prettyName: 'Disk waits',
  columns: [
    { name: 'device', type: 'string', prettyName: 'Device' },
    { name: 'sectors', type: 'int', prettyName: 'Sectors' },
    { name: 'kstack', type: 'stack', prettyName: 'Kernel stack' },
    { name: 'ustack', type: 'stack', prettyName: 'User stack', optional: true },
    { name: 'queued', type: 'elapsed', prettyName: 'Queued', unit: 'us' },
    { name: 'served', type: 'elapsed', prettyName: 'Served', unit: 'ms' },
  ],
});

/** A category without stacks or durations. */
export const mounts: Category = defineCategory({
  name: 'mounts',
  prettyName: 'Mounts',
  columns: [
    { name: 'target', type: 'string', prettyName: 'Target' },
    { name: 'inodes', type: 'int', prettyName: 'Inodes' },
  ],
});
