import { type ErrorCode, errorCodes } from '../base/error-codes.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Delivery, DeliveryOutcome } from './delivery.ts';

/** How long a logger may take to commit a batch and answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Delivers batches to a logger by `POST /` (SPEC 2), compressed. Throws where the logger refuses for good. */
export function deliverToLogger(url: string, options: { readonly token?: string } = {}): Delivery {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
  return async (parcel, signal) => {
    const body = (await parcel.body()) as Uint8Array<ArrayBuffer>;
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': parcel.key },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
      });
    } catch (error) {
      return { stored: false, error: loggerAway(url, error as Error) };
    }
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      // Cut off in the middle of its answer: the batch may be stored or not, and the key makes asking again harmless.
      return { stored: false, error: loggerAway(url, error as Error) };
    }
    if (!response.ok) return refusal(url, response, text);
    if (saysAccepted(text)) return { stored: true };
    throw notALogger(url, `answers, but not as a logger does`);
  };
}

function saysAccepted(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as { accepted?: unknown } | null)?.accepted === 'object';
  } catch {
    return false;
  }
}

function notALogger(url: string, how: string): KernelscopeError {
  return new KernelscopeError('service_unavailable', `${url} ${how}`, {
    suggestions: ['the address must be that of a kernelscope logger'],
  });
}

function loggerAway(url: string, error: Error): KernelscopeError {
  const reason = (error.cause as Error | undefined)?.message || error.message;
  return new KernelscopeError('service_unavailable', `the logger ${url} does not answer: ${reason}`, {
    suggestions: ['is kernelscope serve logger running there, and reachable from here?'],
    cause: error,
  });
}

function refusal(url: string, response: Response, text: string): DeliveryOutcome {
  const error = readError(url, response.status, text);
  if (response.status !== 429 && response.status !== 408 && response.status < 500) throw error;
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), Date.now());
  return { stored: false, error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Reads `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3), in milliseconds; undefined where it says neither. */
export function readRetryAfter(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function readError(url: string, status: number, text: string): KernelscopeError {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; suggestions: string[] } };
    if (Object.hasOwn(errorCodes, error.code)) {
      return new KernelscopeError(error.code as ErrorCode, `the logger ${url}: ${error.message}`, {
        suggestions: error.suggestions,
      });
    }
  } catch {
    // Something else than kernelscope answered; its status says all there is to say.
  }
  return notALogger(url, `answered with status ${status}`);
}
