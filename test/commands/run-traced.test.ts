import { expect, test } from 'vitest';
import { runTraced } from '../../src/commands/trace/run-traced.ts';

const options = { thresholdUs: 0, intervalMs: 1000, pids: [] };

test.each([[{ pids: [1] }], [{ tids: [1] }], [{ durationMs: 1 }]])(
  'a command is not traced with %j',
  async (more) => {
    const never = async () => {
      throw new Error('nothing is traced');
    };
    await expect(runTraced(['true'], { ...options, ...more }, false, never, () => {})).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--pid, --tid and --duration'),
    });
  },
);

test('a command whose trace fails goes on to its end, and the failure is told', async () => {
  const said: string[] = [];
  const fail = async (traced: { readonly command?: { release(): void } }) => {
    traced.command?.release();
    throw new Error('it failed');
  };
  const running = runTraced(['sh', '-c', 'sleep 0.05'], options, false, fail, (line) => said.push(line));
  await expect(running).rejects.toThrow('it failed');
  expect(said).toEqual(['the trace has failed; the command goes on']);
});
