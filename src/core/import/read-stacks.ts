import { type StackFormatName, stackFormats } from './index.ts';
import { openInput } from './open-input.ts';
import type { StackInput } from './stack-format.ts';

/**
 * Reads stacks in any of the input formats, gzipped or not; without a name the format is told from the first bytes.
 * Throws `bad_input`.
 */
export async function readStacks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  formatName?: StackFormatName,
): Promise<StackInput & { readonly format: StackFormatName }> {
  const [head, all] = await openInput(chunks);
  const format = formatName ?? recognize(head);
  return { ...(await stackFormats[format].read(all)), format };
}

function recognize(head: Uint8Array): StackFormatName {
  const names = Object.keys(stackFormats) as StackFormatName[];
  return names.find((name) => stackFormats[name].recognizes(head)) ?? 'folded';
}
