import {
  KernelscopeError,
  locateStore,
  makeDefaultFolder,
  type RunningServices,
  type ServeOptions,
  type StoreChoice,
  serve,
} from '../../core/index.ts';
import { readToken, storeChoice } from '../flags.ts';
import { untilStopped } from '../until-stopped.ts';

/** Runs services until they are told to stop; `whileRunning` may do work of its own meanwhile and says when it is over. */
export async function runServices(
  flags: StoreChoice & { readonly 'token-file'?: string | undefined },
  services: (token: { readonly token?: string }) => Pick<ServeOptions, 'logger' | 'web'>,
  whileRunning: (running: RunningServices, signal: AbortSignal) => Promise<void> = untilAborted,
): Promise<void> {
  // Signals are caught from here on, so that a stop while starting leaves nothing half open.
  const { signal, release } = untilStopped();
  const location = locateStore(storeChoice(flags), process.env);
  makeDefaultFolder(location);
  const token = readToken(flags['token-file']);
  const onBug = (error: Error) =>
    process.stderr.write(
      `kernelscope: ${error instanceof KernelscopeError ? error.message : (error.stack ?? error.message)}\n`,
    );
  const running = await serve({
    location,
    create: location.isDefault,
    onBug,
    ...services(token === undefined ? {} : { token }),
  });
  try {
    announce(running);
    await whileRunning(running, signal);
  } finally {
    await running.close();
    release();
  }
}

async function untilAborted(_running: RunningServices, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function announce({ loggerUrl, webUrl, location }: RunningServices): void {
  const lines = [
    `records are in ${location}`,
    ...(loggerUrl === undefined ? [] : [`logger on ${loggerUrl}${reach(loggerUrl)}`]),
    ...(webUrl === undefined ? [] : [`web on ${webUrl}${reach(webUrl)}`]),
  ];
  for (const line of lines) process.stderr.write(`${line}\n`);
}

function reach(url: string): string {
  return /\/\/(127\.|localhost|\[::1\])/.test(url)
    ? ' (from this machine alone; --host 0.0.0.0 for all)'
    : '';
}
