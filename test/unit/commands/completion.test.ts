import { describe, expect, test } from 'vitest';
import { findCandidates, type KnownCommand } from '../../../src/commands/completion/find-candidates.ts';
import { splitLine } from '../../../src/commands/completion/split-line.ts';
import manifest from '../../../src/commands/manifest.json' with { type: 'json' };
import { sampleCategories } from '../../support/sample-categories.ts';

const commands = Object.values(manifest.commands) as unknown as readonly KnownCommand[];

async function wordsAfter(line: string): Promise<readonly string[]> {
  const { words, current } = splitLine(line, line.length);
  const candidates = await findCandidates(words.slice(1), current, commands, async () => sampleCategories);
  return candidates.map(({ word }) => word);
}

describe('a line up to the cursor', () => {
  test.each([
    ['kernelscope ', ['kernelscope'], '', false],
    ['kernelscope que', ['kernelscope'], 'que', false],
    [`k -w 'a b' "c\\"d" e\\ f`, ['k', '-w', 'a b', 'c"d'], 'e f', false],
    [`k --where 'elapsed > `, ['k', '--where'], 'elapsed > ', true],
    [`k ''`, ['k'], '', false],
  ])('%j', (line, words, current, isQuoted) => {
    expect(splitLine(line, line.length)).toEqual({ words, current, isQuoted });
  });

  test('ends at the cursor', () => {
    expect(splitLine('k query --limit', 5)).toEqual({ words: ['k'], current: 'que', isQuoted: false });
  });
});

describe('what may come next', () => {
  test.each([
    ['kernelscope que', ['query']],
    ['kernelscope category ', ['add', 'drop', 'list', 'show']],
    ['kernelscope category s', ['show']],
    ['kernelscope serve w', ['web']],
    ['kernelscope query --sele', ['--select']],
    ['kernelscope query --format n', ['ndjson']],
    ['kernelscope query --format=n', ['--format=ndjson']],
    ['kernelscope query -f t', ['table', 'tsv']],
    ['kernelscope query -c e', ['everything']],
    ['kernelscope query --category=e', ['--category=everything']],
    ['kernelscope category show v', ['values']],
    ['kernelscope query -c everything --select la', ['label', 'latency']],
    ['kernelscope query -c everything --select label,la', ['label,label', 'label,latency']],
    ['kernelscope query --category=everything --sort -la', ['-label', '-latency']],
    ['kernelscope query --where el', ['elapsed']],
    ['kernelscope query --group-by process,l', ['process,leaf']],
    ['kernelscope query --group-by t', ['time', 'time:1m']],
    ['kernelscope top --by r', ['root']],
    ['kernelscope query --agg co', ['count']],
    [
      'kernelscope query --agg count,p99.',
      ['count,p99.9(pid)', 'count,p99.9(elapsed)', 'count,p99.9(count)', 'count,p99.9(max)'],
    ],
    ['kernelscope log -c everything --map la', ['label=', 'latency=']],
    ['kernelscope query -c nonesuch --select ', []],
    ['kernelscope flamegraph --output ', []],
    ['kernelscope completion ', ['bash', 'fish', 'zsh']],
    ['kernelscope nonesuch --', []],
  ])('%s', async (line, words) => {
    expect(await wordsAfter(line)).toEqual(words);
  });

  test('are all commands but hidden ones, and flags that are not there yet', async () => {
    const all = await wordsAfter('kernelscope ');
    expect(all).toEqual(expect.arrayContaining(['query', 'flamegraph', 'db', 'trace', 'log']));
    expect(all).not.toContain('complete');
    const flags = await wordsAfter('kernelscope query --limit 5 --');
    expect(flags).toContain('--select');
    expect(flags).not.toContain('--limit');
  });
});
