import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { fromNestedTree } from '../../../src/core/stack/from-nested-tree.ts';
import { printNestedTree } from '../../../src/core/stack/nested-tree.ts';
import { stacks } from './arbitrary-stacks.ts';

test('what is printed as nested JSON is read back as the same tree', () => {
  fc.assert(
    fc.property(stacks, (weighted) => {
      const tree = buildTree(weighted);
      expect(fromNestedTree(JSON.parse([...printNestedTree(tree)].join('')))).toEqual(tree);
    }),
  );
});
