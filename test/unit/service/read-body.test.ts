import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decompressBody, guessDecodedBytes } from '../../../src/core/service/read-body.ts';

const MIB = 1024 * 1024;
const text = Buffer.from(JSON.stringify(Array.from({ length: 30_000 }, (_, number) => number)));

/** A gzip file that says at its end that it holds so many bytes. */
function saying(bytes: number): Buffer {
  const body = gzipSync(text);
  body.writeUInt32LE(bytes, body.length - 4);
  return body;
}

describe('how large a body turns out', () => {
  test('gzip says itself, and is believed within reason', () => {
    expect(guessDecodedBytes(gzipSync(text), 'gzip')).toBe(text.length);
    expect(guessDecodedBytes(saying(5), 'x-gzip')).toBe(5);
    const boasting = saying(2 ** 32 - 1);
    expect(guessDecodedBytes(boasting, 'GZIP')).toBe(16 * boasting.length);
  });

  test('of what does not say it is guessed', () => {
    expect(guessDecodedBytes(text, undefined)).toBe(text.length);
    const zstd = zstdCompressSync(text);
    expect(guessDecodedBytes(zstd, 'zstd')).toBe(16 * zstd.length);
    expect(guessDecodedBytes(Buffer.from('short'), 'gzip')).toBe(80);
    expect(guessDecodedBytes(Buffer.alloc(0), 'gzip')).toBe(0);
  });

  test('does not depend on where in memory it stands', () => {
    const body = gzipSync(text);
    const shifted = Buffer.concat([randomBytes(3), body]).subarray(3);
    expect(guessDecodedBytes(shifted, 'gzip')).toBe(text.length);
  });
});

test('a body of gzip takes the memory of what is in it, and no more', async () => {
  const decoded = await decompressBody(gzipSync(text), 'gzip', MIB);
  expect(Buffer.compare(decoded, text)).toBe(0);
  expect(decoded.buffer.byteLength).toBe(text.length + 1);
});

test.each([
  ['zstd', zstdCompressSync(text)] as const,
  ['gzip', Buffer.concat([gzipSync(text.subarray(0, 9)), gzipSync(text.subarray(9))])] as const,
])('a body of %s is whole, whatever was guessed of it', async (encoding, body) => {
  expect(Buffer.compare(await decompressBody(body, encoding, MIB), text)).toBe(0);
});
