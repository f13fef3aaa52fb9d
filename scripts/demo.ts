// Shows kernelscope at work on this machine: serve, trace, query, flame graph. Every step is a command that anyone can
// type; what it stores stays in build/demo, or in the folder that is named as the argument.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync, openSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import {
  type Batch,
  deliverToLogger,
  formatCount,
  loadTrace,
  makeEntries,
  offcputime,
  Shipper,
} from '../src/core/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? `${root}build/demo`;
const database = `${folder}/kernelscope.db`;
const recording = 'test/fixtures/recordings/offcpu-real.tsv.gz';

mkdirSync(folder, { recursive: true });
for (const suffix of ['', '-wal', '-shm']) rmSync(`${database}${suffix}`, { force: true });

run('db', 'init', '--sqlite', database);
const { service, loggerUrl, webUrl } = await startServices();
try {
  await measure(loggerUrl);
  run(
    'query',
    '--server',
    webUrl,
    '--select',
    'process,pid,elapsed,stack',
    '--sort',
    '-elapsed',
    '--limit',
    '10',
  );
  run(
    'flamegraph',
    '--server',
    webUrl,
    '--format',
    'text',
    '--width',
    String(process.stdout.columns ?? 100),
    '--height',
    '30',
  );
  run('flamegraph', '--server', webUrl, '--output', `${folder}/offcpu.svg`, '--svg');
  say(`The same as a picture: ${folder}/offcpu.svg`);
  if (process.stdin.isTTY) {
    say(`Open ${webUrl} in a browser. Ctrl-C ends the demo.`);
    process.on('SIGINT', () => {});
    await once(service, 'exit');
  } else say(`In a browser: kernelscope serve web --sqlite ${database}, then open http://127.0.0.1:8080`);
} finally {
  service.kill('SIGTERM');
  if (service.exitCode === null) await once(service, 'exit');
}

function say(line: string): void {
  console.log(`\n${line}`);
}

function show(args: readonly string[]): void {
  say(`$ kernelscope ${args.map((arg) => (/^[\w./:=,-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ')}`);
}

function run(...args: readonly string[]): void {
  show(args);
  const { status } = spawnSync(process.execPath, [`${root}bin/run.js`, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`kernelscope ${args[0]} ended with ${status}`);
}

async function startServices(): Promise<{ service: ChildProcess; loggerUrl: string; webUrl: string }> {
  const args = ['serve', '--sqlite', database, '--logger-port', '0', '--web-port', '0'];
  show(args);
  const service = spawn(process.execPath, [`${root}bin/run.js`, ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const urls = new Map<string, string>();
  for await (const line of createInterface({ input: service.stderr })) {
    console.log(line);
    const match = /^(logger|web) on (\S+)/.exec(line);
    if (match !== null) urls.set(match[1]!, match[2]!);
    if (urls.size === 2) break;
  }
  const [loggerUrl, webUrl] = [urls.get('logger'), urls.get('web')];
  if (loggerUrl === undefined || webUrl === undefined) throw new Error('the services did not start');
  return { service, loggerUrl, webUrl };
}

async function measure(logger: string): Promise<void> {
  const { tracePrograms, whyCannotTrace } = await loadTrace();
  const obstacles = await whyCannotTrace(tracePrograms[0]!);
  if (obstacles.length === 0) {
    await traceWork(logger);
    return;
  }
  say('This machine cannot be traced:');
  for (const { reason, remedies } of obstacles) console.log(`  ${[reason, ...remedies].join('\n    ')}`);
  say(`Instead, this replays ${recording}: real stacks, recorded on another machine.`);
  await replay(logger);
}

/** Traces while something real runs: reading many files, compressing them, and writing with fsync. */
async function traceWork(logger: string): Promise<void> {
  const script = `while :; do tar cf - node_modules/typescript | gzip -1 > '${folder}/archive'; dd if=/dev/zero of='${folder}/file' bs=1M count=32 conv=fsync; done`;
  say('Something to trace: tar, gzip and dd with fsync, over and over.');
  const work = spawn('sh', ['-c', script], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'ignore', openSync('/dev/null', 'w')],
  });
  try {
    run(
      'trace',
      'offcpu',
      '--logger',
      logger,
      '--duration',
      '8s',
      '--interval',
      '2s',
      '--user-threads',
      '--label',
      'run=demo',
    );
  } finally {
    process.kill(-work.pid!, 'SIGKILL');
    for (const name of ['archive', 'file']) rmSync(`${folder}/${name}`, { force: true });
  }
}

async function replay(logger: string): Promise<void> {
  const lines = (await text(createReadStream(`${root}${recording}`).pipe(createGunzip())))
    .trimEnd()
    .split('\n');
  const fields = lines.map((line) => line.split('\t') as [string, string, string, string]);
  const values = [
    fields.map(([process]) => process),
    fields.map(([, pid]) => Number(pid)),
    fields.map(([, , stack]) => stack),
    fields.map(([, , , elapsed]) => Number(elapsed)),
  ];
  const entries = [makeEntries({ category: offcputime, length: lines.length, values })];
  const batch: Batch = {
    hostname: 'recording',
    timeUs: Date.now() * 1000,
    labels: { run: 'demo' },
    lost: 0,
    entries,
  };
  const shipper = new Shipper(deliverToLogger(logger));
  await shipper.send(batch);
  await shipper.finish(60_000);
  console.log(`${formatCount(lines.length)} records replayed`);
}
