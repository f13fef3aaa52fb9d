import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDeclaration } from '../../../src/core/category/read-declaration.ts';
import { openStore } from '../../../src/core/store/index.ts';
import { kernelscope } from '../../support/run-command.ts';
import { makeDatabaseFile, startServices } from '../../support/run-services.ts';
import { temporaryFolder } from '../../support/test-database.ts';

describe('category', () => {
  test('add, show, list and drop, and what each says of a category that is otherwise', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const category = (...args: readonly string[]) => kernelscope(['category', ...args, '--sqlite', file]);
    const columns = ['--column', 'process:string', '--column', 'latency:elapsed:us'];
    expect(await category('add', 'requests', ...columns)).toMatchObject({
      exitCode: 0,
      stdout: `requests is declared in ${file}\n`,
    });
    expect(await category('add', 'requests', ...columns, '--json')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('"created": false'),
    });
    expect(await category('add', 'requests', '--column', 'process:string')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("it has a column 'latency' there, and none here"),
    });
    expect((await category('list')).stdout).toMatch(/^requests +process:string latency:elapsed:us$/m);
    const shown = await category('show', 'requests', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ name: 'requests', prettyName: 'Requests' });

    const again = join(await temporaryFolder(), 'again.db');
    await kernelscope(['db', 'init', '--sqlite', again]);
    const copied = await kernelscope(['category', 'add', '--file', '-', '--sqlite', again], {
      input: shown.stdout,
    });
    expect(copied).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await kernelscope(['category', 'show', 'requests', '--json', '--sqlite', again])).stdout).toBe(
      shown.stdout,
    );

    expect(await category('drop', 'requests')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('kernelscope category drop requests --yes'),
    });
    expect(await category('drop', 'offcputime', '--yes')).toMatchObject({ exitCode: 2 });
    expect(await category('drop', 'requests', '--yes')).toMatchObject({
      exitCode: 0,
      stdout: 'dropped requests and its 0 records\n',
    });
    expect(await category('drop', 'requests', '--yes')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("there is no category 'requests'"),
    });
  });

  test('services that run take it as soon as it is declared, and no longer than it is there', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const services = await startServices(file);
    const store = await openStore({ backend: 'sqlite', address: file });
    try {
      const batch = {
        hostname: 'h',
        time: '2016-10-24 17:12:43',
        forks: [{ parent: 'sh', stack: 'a;b', count: 2 }],
      };
      const post = (url: string, body: unknown) =>
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      expect((await post(services.loggerUrl, batch)).status).toBe(404);
      await store.addCategory(
        readDeclaration({ name: 'forks', columns: ['parent:string', 'stack:stack', 'count:int'] }),
      );
      const stored = await post(services.loggerUrl, batch);
      expect(await stored.json()).toEqual({ accepted: { forks: 1 } });
      const columns = await (await fetch(`${services.webUrl}/api/getcategories`)).json();
      expect(columns).toMatchObject({
        forks: [{}, {}, { name: 'parent' }, { name: 'stack' }, { name: 'count' }],
      });
      const question = { forks: { elements: ['stack', 'count'], format: 'flamegraph' } };
      const drawn = await post(`${services.webUrl}/api`, question);
      expect(await drawn.json()).toMatchObject({ value: 2, children: [{ name: 'a', value: 2 }] });
      await store.dropCategory('forks');
      expect((await post(services.loggerUrl, batch)).status).toBe(404);
      expect((await post(`${services.webUrl}/api`, question)).status).toBe(400);
      expect(services.bugs).toEqual([]);
    } finally {
      await store.close();
      await services.close();
    }
  });
});
