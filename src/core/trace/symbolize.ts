import { readFileSync } from 'node:fs';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/**
 * Where each function of the kernel begins, ascending. An address is kept as its low 52 bits, which a double holds
 * exactly; all the kernel's addresses agree in the bits above.
 */
export interface KernelSymbols {
  readonly addresses: Float64Array;
  /** Name i, in Latin-1, is what `names` holds from `nameStarts[i]` to `nameStarts[i + 1]`: as strings they would take 5 MB. */
  readonly names: Buffer;
  readonly nameStarts: Uint32Array;
}

/** What stands for a frame that has no name. */
export const UNKNOWN_FRAME = '[unknown]';

/** What stands for a stack that could not be walked or kept. */
export const NO_STACK = '[no stack]';

const newline = 10;
const space = 32;
const tab = 9;
const dollar = 36;
const pfx = Buffer.from('__pfx_');
const cfi = Buffer.from('__cfi_');
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
  const nameStarts: number[] = [];
  const names = Buffer.allocUnsafe(text.length);
  let used = 0;
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
      if (
        text[nameStart] !== dollar &&
        !beginsWith(text, nameStart, pfx) &&
        !beginsWith(text, nameStart, cfi)
      ) {
        if (address < previous) isAscending = false;
        previous = address;
        addresses.push(address);
        nameStarts.push(used);
        for (let at = nameStart; at < nameEnd; at++) names[used++] = text[at] as number;
      }
    }
    start = end + 1;
  }
  if (addresses.length === 0)
    throw new KernelscopeError('bad_input', 'there is no kernel function in the symbol table');
  if (isHidden) throw hiddenSymbols();
  nameStarts.push(used);
  const symbols = {
    addresses: Float64Array.from(addresses),
    // Copied, for the room was that of all of the text.
    names: Buffer.from(names.subarray(0, used)),
    nameStarts: Uint32Array.from(nameStarts),
  };
  return isAscending ? symbols : sorted(symbols);
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
  const { addresses } = symbols;
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
  const name = symbolName(symbols, first);
  return endsOfText.has(name) ? UNKNOWN_FRAME : name;
}

/** The name of a symbol, by its place. */
export function symbolName({ names, nameStarts }: KernelSymbols, place: number): string {
  return names.toString('latin1', nameStarts[place], nameStarts[place + 1]);
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

function beginsWith(text: Uint8Array, start: number, prefix: Uint8Array): boolean {
  for (let at = 0; at < prefix.length; at++) if (text[start + at] !== prefix[at]) return false;
  return true;
}

function sorted(symbols: KernelSymbols): KernelSymbols {
  const { addresses } = symbols;
  const order = Uint32Array.from(addresses.keys()).sort(
    (a, b) => (addresses[a] as number) - (addresses[b] as number) || a - b,
  );
  const names = Buffer.allocUnsafe(symbols.names.length);
  const nameStarts = new Uint32Array(order.length + 1);
  let used = 0;
  for (const [place, index] of order.entries()) {
    used += symbols.names.copy(names, used, symbols.nameStarts[index], symbols.nameStarts[index + 1]);
    nameStarts[place + 1] = used;
  }
  return { addresses: Float64Array.from(order, (index) => addresses[index] as number), names, nameStarts };
}
