import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildIfStale, runBinary, temporaryFolder } from './run-binary.ts';

const canTrace = process.getuid?.() === 0 && existsSync('/sys/kernel/btf/vmlinux');

beforeAll(buildIfStale, 170_000);

test.skipIf(!canTrace)(
  `the binary alone makes a database, traces, asks, draws and prunes${canTrace ? '' : ' (skipped: tracing needs root and BTF)'}`,
  () => {
    using folder = temporaryFolder();
    const sleeper = spawn('bash', ['-c', 'while :; do sleep 0.05; done'], { stdio: 'ignore' });
    const run = (...args: readonly string[]) => {
      // No environment, no PATH, and a folder that holds nothing but what the binary itself leaves there.
      const ended = runBinary([...args], { cwd: folder.path, env: { HOME: folder.path } });
      expect(ended, args.join(' ')).toMatchObject({ exitCode: 0 });
      return ended.stdout;
    };
    try {
      run('db', 'init', '--sqlite', 'trace.db');
      run(
        'trace',
        'offcpu',
        '--sqlite',
        'trace.db',
        '--duration',
        '2s',
        '--interval',
        '500ms',
        '--comm',
        'sleep',
      );
    } finally {
      sleeper.kill('SIGKILL');
    }
    // What names the frames of programs is in the binary too.
    const named = run('trace', 'offcpu', '--user-stacks', '--ndjson', '--', '/bin/sleep', '0.1');
    expect(named).toMatch(/"stack":"[^"]*nanosleep;-;[^"]*do_nanosleep;schedule;__schedule"/);
    const rows = JSON.parse(
      run('query', '--sqlite', 'trace.db', '--where', "stack ~ 'nanosleep' and elapsed > 40ms", '--json'),
    );
    expect(rows.length).toBeGreaterThan(5);
    expect(rows[0].process).toBe('sleep');
    run('flamegraph', '--sqlite', 'trace.db', '--output', 'out.svg');
    expect(readFileSync(join(folder.path, 'out.svg'), 'utf8')).toMatch(/^<\?xml.*nanosleep/s);
    expect(run('flamegraph', '--sqlite', 'trace.db', '--format', 'text')).toContain('Heaviest stacks');
    run('db', 'prune', '--sqlite', 'trace.db', '--older-than', '0s');
    expect(JSON.parse(run('db', 'status', '--sqlite', 'trace.db', '--json')).batches).toBe(0);
  },
);
