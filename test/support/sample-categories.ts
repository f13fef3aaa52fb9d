import { type Category, defineCategory } from '../../src/core/category/define-category.ts';
import { offcputime } from '../../src/core/category/index.ts';

/** A category with a column of every type, each once as one that may be absent. */
export const everything = defineCategory({
  name: 'everything',
  prettyName: 'Everything',
  columns: [
    { name: 'label', type: 'string', prettyName: 'Label' },
    { name: 'note', type: 'string', prettyName: 'Note', optional: true },
    { name: 'trace', type: 'stack', prettyName: 'Trace' },
    { name: 'waker', type: 'stack', prettyName: 'Waker', optional: true },
    { name: 'size', type: 'int', prettyName: 'Size' },
    { name: 'delta', type: 'int', prettyName: 'Delta', optional: true },
    { name: 'latency', type: 'elapsed', prettyName: 'Latency' },
    { name: 'wait', type: 'elapsed', prettyName: 'Wait', unit: 'ms', optional: true },
    { name: 'started', type: 'timestamp', prettyName: 'Started' },
    { name: 'ended', type: 'timestamp', prettyName: 'Ended', optional: true },
  ],
});

/** Names that mean something to SQL, to our own tables or to the query language, and are names all the same. */
export const awkward = defineCategory({
  name: 'values',
  prettyName: 'Awkward names',
  columns: [
    { name: 'source', type: 'string', prettyName: 'Source' },
    { name: 'select', type: 'int', prettyName: 'Select' },
    { name: 'order', type: 'stack', prettyName: 'Order' },
    { name: 'count', type: 'int', prettyName: 'Count' },
    { name: 'b', type: 'int', prettyName: 'B' },
    { name: 'and', type: 'elapsed', prettyName: 'And', unit: 's' },
  ],
});

/** The built-in category and the two of the tests, as a store would give them. */
export const sampleCategories: ReadonlyMap<string, Category> = new Map(
  [offcputime, everything, awkward].map((category) => [category.name, category]),
);
