import { defineCategory } from './define-category.ts';

/**
 * Requests to block devices, per device, operation, and who submitted them from where, over one flush of the tracer:
 * their time from submission to completion, how many, the longest, and how many bytes. The operation is R read, W write,
 * F flush, D discard, E secure erase, Z write zeroes, N any other.
 */
export const blockio = defineCategory({
  name: 'blockio',
  prettyName: 'Block I/O',
  columns: [
    { name: 'device', type: 'string', prettyName: 'Device' },
    { name: 'operation', type: 'string', prettyName: 'Operation' },
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'pid', type: 'int', prettyName: 'PID' },
    { name: 'stack', type: 'stack', prettyName: 'Stack' },
    { name: 'elapsed', type: 'elapsed', prettyName: 'Elapsed', unit: 'ns' },
    { name: 'count', type: 'int', prettyName: 'Requests' },
    { name: 'max', type: 'elapsed', prettyName: 'Longest', unit: 'ns' },
    { name: 'bytes', type: 'int', prettyName: 'Bytes' },
  ],
});
