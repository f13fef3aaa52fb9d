import { parseFoldedStream } from '../stack/parse-folded.ts';
import type { StackFormat } from './stack-format.ts';

/** Folded stacks, which anything may be that is nothing else. */
export const folded: StackFormat = {
  recognizes: () => true,
  read: async (chunks) => ({ stacks: await parseFoldedStream(chunks), unit: 'count' }),
};
