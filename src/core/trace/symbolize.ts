import { readFileSync } from 'node:fs';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/**
 * Where each function of the kernel begins, ascending. An address is kept as its low 52 bits, which a double holds
 * exactly; all the kernel's addresses agree in the bits above.
 */
export interface KernelSymbols {
  readonly addresses: Float64Array;
  readonly names: readonly string[];
}

/** What stands for a frame that has no name. */
export const UNKNOWN_FRAME = '[unknown]';

/** What stands for a stack that could not be walked or kept. */
export const NO_STACK = '[no stack]';

const newline = 10;
const space = 32;
const tab = 9;
const dollar = 36;
const textTypes = new Set([...'tTwW'].map((letter) => letter.charCodeAt(0)));

/** Symbols that mark where the kernel's own code ends: what lies behind them is code without a name, as of BPF programs. */
const endsOfText = new Set(['_etext', '_einittext']);

/**
 * Reads text in the format of /proc/kallsyms. Of symbols with one address the first counts, as in the kernel itself;
 * `__pfx_` and `__cfi_` ones name the padding before a function, `$x` and the like of arm64 what kind of bytes follow.
 * Throws `permission_denied` where the kernel hides the addresses (all are 0), and `bad_input` where there is no symbol
 * at all.
 */
export function parseKallsyms(text: Uint8Array): KernelSymbols {
  const addresses: number[] = [];
  const names: string[] = [];
  const latin1 = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let isAscending = true;
  let previous = -1;
  let isHidden = true;
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf(newline, start);
    if (end < 0) end = text.length;
    const afterAddress = text.indexOf(space, start);
    const type = text[afterAddress + 1];
    if (afterAddress > start && afterAddress < end && type !== undefined && textTypes.has(type)) {
      const address = readAddress(text, start, afterAddress);
      const nameStart = afterAddress + 3;
      const nameEnd = endOfName(text, nameStart, end);
      if (address !== 0) isHidden = false;
      const name = latin1.toString('latin1', nameStart, nameEnd);
      if (text[nameStart] !== dollar && !name.startsWith('__pfx_') && !name.startsWith('__cfi_')) {
        if (address < previous) isAscending = false;
        previous = address;
        addresses.push(address);
        names.push(name);
      }
    }
    start = end + 1;
  }
  if (names.length === 0)
    throw new KernelscopeError('bad_input', 'there is no kernel function in the symbol table');
  if (isHidden) throw hiddenSymbols();
  return isAscending ? { addresses: Float64Array.from(addresses), names } : sorted(addresses, names);
}

/** Reads the running kernel's symbols. Throws as `parseKallsyms`, and `cannot_trace` where the kernel has no table. */
export function readKernelSymbols(path = '/proc/kallsyms'): KernelSymbols {
  let text: Uint8Array;
  try {
    text = readFileSync(path);
  } catch (error) {
    throw new KernelscopeError('cannot_trace', `the kernel's symbols cannot be read from ${path}`, {
      suggestions: ['the kernel needs CONFIG_KALLSYMS, and /proc must be mounted'],
      cause: error,
    });
  }
  return parseKallsyms(text);
}

/** Names the function that a return address, in hexadecimal, lies in. */
export function nameFrame(symbols: KernelSymbols, returnAddress: string): string {
  // A call can be the last instruction of a function, so that the address after it belongs to the next one.
  const address = Number.parseInt(returnAddress.slice(-13), 16) - 1;
  const { addresses, names } = symbols;
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((addresses[middle] as number) <= address) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return UNKNOWN_FRAME;
  let first = low - 1;
  while (first > 0 && addresses[first - 1] === addresses[first]) first--;
  const name = names[first] as string;
  return endsOfText.has(name) ? UNKNOWN_FRAME : name;
}

/** Folds a stack of return addresses, leaf first, into text, root first; `mark` goes behind each name. */
export function foldStack(symbols: KernelSymbols, returnAddresses: readonly string[], mark = ''): string {
  if (returnAddresses.length === 0) return NO_STACK;
  return returnAddresses
    .map((address) => nameFrame(symbols, address) + mark)
    .reverse()
    .join(';');
}

/** The error for a kernel that shows every address as 0. */
export function hiddenSymbols(): KernelscopeError {
  return new KernelscopeError('permission_denied', "the kernel hides its symbols' addresses from this user", {
    suggestions: [
      'run as root, or give the capability CAP_SYSLOG (AmbientCapabilities=CAP_SYSLOG in a systemd unit)',
      'where kernel.kptr_restrict is 2, even root needs: sysctl kernel.kptr_restrict=1',
    ],
  });
}

/** Reads hexadecimal digits: the last 13, which are 52 bits. */
function readAddress(text: Uint8Array, start: number, end: number): number {
  let address = 0;
  for (let at = Math.max(start, end - 13); at < end; at++) {
    const code = text[at] as number;
    address = address * 16 + (code <= 57 ? code - 48 : (code | 32) - 87);
  }
  return address;
}

/** A module's symbol is followed by a tab and the module's name. */
function endOfName(text: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && text[at] !== tab) at++;
  return at;
}

function sorted(addresses: readonly number[], names: readonly string[]): KernelSymbols {
  const order = Uint32Array.from(addresses.keys()).sort(
    (a, b) => (addresses[a] as number) - (addresses[b] as number) || a - b,
  );
  return {
    addresses: Float64Array.from(order, (index) => addresses[index] as number),
    names: Array.from(order, (index) => names[index] as string),
  };
}
