import { extname } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** What a worker may be given; its environment and Node flags are always those of the process. */
export type StartWorkerOptions = Pick<WorkerOptions, 'workerData' | 'transferList' | 'resourceLimits'>;

/**
 * Starts the worker thread whose module is `src/core/<name>/<name>-worker.ts`, wherever that module is: the source,
 * its built twin in `dist`, or the packed binary, which holds each such module as a bundle of its own.
 * A failure to load it arrives as the worker's `error` event.
 */
export function startWorker(name: string, options: StartWorkerOptions = {}): Worker {
  if (isSea()) {
    const code = `${getAsset('code/boot.cjs', 'utf8')}\nrunBundle(loadBundle(${JSON.stringify(name)}));`;
    return new Worker(code, { ...options, name, eval: true });
  }
  const extension = extname(import.meta.url);
  const file = fileURLToPath(new URL(`../${name}/${name}-worker${extension}`, import.meta.url));
  return new Worker(file, { ...options, name });
}
