import { constants } from 'node:buffer';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { formatBytes } from '../base/units.ts';

/** Joins chunks. */
export async function readBytes(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}

/** Joins chunks of UTF-8. Throws `too_large` where a string cannot hold them. */
export async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const bytes = await readBytes(chunks);
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    throw new KernelscopeError(
      'too_large',
      `the input is larger than ${formatBytes(constants.MAX_STRING_LENGTH)}`,
      {
        suggestions: ['fold the stacks first: folded stacks may be of any size'],
      },
    );
  }
  return bytes.toString();
}

/** Hands out lines of UTF-8 without their ends, wherever the chunks part them. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

/** Makes a name fit for a folded stack, in which `;` parts the frames. */
export function frameName(name: string): string {
  return name.replaceAll(';', ':');
}
