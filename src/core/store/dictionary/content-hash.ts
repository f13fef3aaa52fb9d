import { hash } from 'node:crypto';

/** Hashes the content of a dictionary entry to 52 bits, which doubles and every database hold exactly. */
export function contentHash(text: string): number {
  const digest = hash('sha1', text, 'buffer');
  return digest.readUIntBE(0, 6) * 16 + (digest[6]! >> 4);
}

/** Two texts of one hash take adjacent numbers; this many adjacent ones do not happen. */
export const MAX_PROBES = 8;
