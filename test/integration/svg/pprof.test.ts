import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStacks } from '../../../src/core/import/read-stacks.ts';
import { renderPprof } from '../../../src/core/render/pprof.ts';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { printFolded } from '../../../src/core/stack/print-folded.ts';
import { recordedTree, textOf } from '../../unit/render/recording.ts';

const whyNot = spawnSync('go', ['version']).status === 0 ? undefined : 'there is no go command';

describe.skipIf(whyNot !== undefined)(`Go's pprof ${whyNot ?? ''}`, () => {
  test('reads our profile, with its unit, and writes one that we read as what it was', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kernelscope-pprof-'));
    try {
      const tree = recordedTree();
      const [ours, theirs] = [join(folder, 'ours.pb.gz'), join(folder, 'theirs.pb.gz')];
      writeFileSync(ours, Buffer.concat([...renderPprof(tree, { unit: 'ns', title: 'Off-CPU time' })]));
      const pprof = (...args: string[]) =>
        execFileSync('go', ['tool', 'pprof', ...args, ours], { encoding: 'utf8' });
      expect(pprof('-top')).toMatch(/13\.65s 99\.93% 99\.93% +13\.66s +100% +__schedule/);
      pprof('-proto', '-output', theirs);
      const { stacks, unit } = await readStacks([readFileSync(theirs)]);
      expect(unit).toBe('ns');
      expect(textOf(printFolded(buildTree(stacks)))).toBe(textOf(printFolded(tree)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
