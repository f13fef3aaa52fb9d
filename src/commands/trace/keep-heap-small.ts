import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the part of V8's heap that new objects go to at its first size, of this process from now on. It would grow by what
 * is read when tracing begins, to 20 MB that a tracer, which mostly waits, never needs again, and never gives back.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
