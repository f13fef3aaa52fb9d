import { hash, timingSafeEqual } from 'node:crypto';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/**
 * Checks an `Authorization: Bearer` header against the token; anyone may pass where there is no token.
 * Throws `unauthorized` without one and `forbidden` with a wrong one.
 */
export function checkToken(authorization: string | undefined, token: string | undefined): void {
  if (token === undefined) return;
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) {
    throw new KernelscopeError('unauthorized', 'this service needs a token', {
      suggestions: ["send the header 'Authorization: Bearer TOKEN', or give kernelscope --token-file FILE"],
    });
  }
  // Digests are of one length, so that the time this takes tells nothing of the token.
  if (!timingSafeEqual(digest(given), digest(token))) {
    throw new KernelscopeError('forbidden', 'the token is not the one that this service wants');
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
