import { describe, expect, test } from 'vitest';
import { parseLocation } from '../../../src/core/store/index.ts';
import { locateStore, type StoreChoice } from '../../../src/core/store/locate-store.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';

describe('where records are', () => {
  test.each<[StoreChoice, Readonly<Record<string, string>>, object]>([
    [
      { sqlite: 'x.db' },
      { KERNELSCOPE_DB: 'y.db' },
      { backend: 'sqlite', address: 'x.db', isDefault: false },
    ],
    [{}, { KERNELSCOPE_DB: 'y.db' }, { backend: 'sqlite', address: 'y.db', isDefault: false }],
    [{}, { KERNELSCOPE_DB: 'sqlite:y.db' }, { backend: 'sqlite', address: 'y.db', isDefault: false }],
    [{}, { KERNELSCOPE_DB: 'mysql://h/n' }, { backend: 'mysql', address: 'mysql://h/n', isDefault: false }],
    [{}, { KERNELSCOPE_DB: 'https://h' }, { backend: 'server', address: 'https://h', isDefault: false }],
    [
      {},
      { XDG_DATA_HOME: '/d' },
      { backend: 'sqlite', address: '/d/kernelscope/kernelscope.db', isDefault: true },
    ],
    [
      {},
      { KERNELSCOPE_DB: '', XDG_DATA_HOME: '', HOME: '/h' },
      { backend: 'sqlite', address: '/h/.local/share/kernelscope/kernelscope.db', isDefault: true },
    ],
    [{ server: 'http://h:8080' }, {}, { backend: 'server', address: 'http://h:8080', isDefault: false }],
    [{ mysql: 'h' }, {}, { backend: 'mysql', address: 'mysql://h', isDefault: false }],
    [
      { mysql: 'h', dbuser: 'u@x', dbpassword: 'p:/?#', dbname: 'n' },
      {},
      { backend: 'mysql', address: 'mysql://u%40x:p%3A%2F%3F%23@h/n', isDefault: false },
    ],
    [
      { mysql: 'mysql://a:b@h:3307/n?ssl=1', dbuser: 'u' },
      {},
      { backend: 'mysql', address: 'mysql://u:b@h:3307/n?ssl=1', isDefault: false },
    ],
  ])('%j in %j', (choice, environment, location) => {
    expect(locateStore(choice, environment)).toEqual(location);
  });

  test.each<[StoreChoice, string]>([
    [{ sqlite: 'x', server: 'http://h' }, '--sqlite and --server'],
    [{ sqlite: 'x', mysql: 'h' }, '--sqlite and --mysql'],
    [{ server: 'h:8080' }, "'h:8080'"],
    [{ server: 'kernelscope.db' }, "'kernelscope.db'"],
    [{ dbuser: 'u' }, '--dbuser'],
    [{ sqlite: 'x', dbname: 'n' }, '--dbname'],
    [{ mysql: 'bad host' }, "'bad host'"],
    [{ mysql: 'h:notaport' }, "'h:notaport'"],
  ])('%j is refused', (choice, says) => {
    expectProblem(
      problemOf(() => locateStore(choice, {})),
      'usage',
      says,
    );
  });
});

test('a plain path is a SQLite file, whatever it looks like', () => {
  for (const path of ['kernelscope.db', './a:b', '/var/lib/x', 'C:\\x.db', 'httpd.db'])
    expect(parseLocation(path)).toEqual({ backend: 'sqlite', address: path });
});
