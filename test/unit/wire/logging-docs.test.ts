import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { sampleCategories } from '../../support/sample-categories.ts';

test('the examples of the protocol are batches, and both forms the same one', () => {
  const docs = readFileSync(new URL('../../../docs/logging.md', import.meta.url), 'utf8');
  const bodies = [...docs.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json]) => json!);
  const [entries, columns] = bodies.map((body) => decodeBatch(Buffer.from(body), sampleCategories));
  expect(bodies).toHaveLength(2);
  expect(entries!.entries[0]!.length).toBe(3);
  expect(columns).toEqual(entries);
});
