import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initDatabase } from '../../support/logger-databases.ts';
import { type EndedCommand, runKernelscope } from '../../support/logger-process.ts';
import {
  freePorts,
  type PrivateMariadb,
  startMariadb,
  whyNoMariadb,
  withMysql,
} from '../../support/private-mariadb.ts';
import { makeFolder } from '../../support/sqlite-file.ts';
import { makeCertificates, type TestCertificates } from '../../support/test-certificates.ts';

const whyNot = whyNoMariadb();

/** Runs `db status`, which asks and changes nothing. */
const status = (url: string, ...flags: readonly string[]) =>
  runKernelscope(['db', 'status', '--mysql', url, ...flags]);

function expectRefusal(ended: EndedCommand, exitCode: number, ...says: readonly string[]): void {
  expect([ended.exitCode, ended.stdout]).toEqual([exitCode, '']);
  for (const text of says) expect(ended.stderr).toContain(text);
  expect(ended.stderr).not.toContain('bug');
}

describe.skipIf(whyNot !== undefined)(`MariaDB${whyNot === undefined ? '' : `: ${whyNot}`}`, () => {
  const folder = makeFolder();
  let certificates: TestCertificates;
  let server: PrivateMariadb;

  const withCertificates = ({ ca, cert, key }: TestCertificates) => [
    `--ssl-ca=${ca}`,
    `--ssl-cert=${cert}`,
    `--ssl-key=${key}`,
  ];
  const urlOf = (user: string, query = '', host = '127.0.0.1', database = 'ready') =>
    `mysql://${user}@${host}:${server.port}/${database}${query}`;

  beforeAll(async () => {
    certificates = makeCertificates(folder.path, 'test', ['DNS:localhost']);
    server = await startMariadb(withCertificates(certificates));
    await initDatabase(server.url('ready'));
    await withMysql(server.url(''), async (ask) => {
      await ask("CREATE USER reader@'%' IDENTIFIED BY 'p@ss/w%rd'");
      await ask("GRANT SELECT ON ready.* TO reader@'%'");
      await ask("CREATE USER careful@'%' IDENTIFIED BY 'secret' REQUIRE SSL");
      await ask("GRANT SELECT ON ready.* TO careful@'%'");
      await ask("CREATE USER stranger@'%' IDENTIFIED BY 'secret'");
    });
  });
  afterAll(async () => {
    await server?.stop();
    folder[Symbol.dispose]();
  });

  describe('over TLS', () => {
    const careful = (query: string) => status(urlOf('careful:secret', query, 'localhost'));

    test('lets in whom a known authority vouches for, under the name that it vouches for', async () => {
      const { ca } = certificates;
      expect(careful(`?ssl-ca=${ca}`)).toMatchObject({ exitCode: 0, stderr: '' });

      const misnamed = makeCertificates(folder.path, 'misnamed', ['DNS:elsewhere.example']);
      await server.down();
      await server.start(withCertificates(misnamed));
      expectRefusal(careful(`?ssl-ca=${misnamed.ca}`), 69, 'elsewhere.example', 'ssl-mode=verify-ca');
      expect(careful(`?ssl-ca=${misnamed.ca}&ssl-mode=verify-ca`)).toMatchObject({ exitCode: 0 });
      await server.down();
      await server.start();
    });

    test('refuses a server that no known authority vouches for', () => {
      const { ca } = makeCertificates(folder.path, 'other', ['DNS:localhost']);
      for (const query of [`?ssl-ca=${ca}`, '?ssl=true'])
        expectRefusal(careful(query), 69, 'self-signed certificate', '?ssl-ca=FILE');
    });

    test('is what an account may ask for', () => {
      for (const query of ['', '?ssl=false'])
        expectRefusal(careful(query), 77, 'Access denied', '?ssl-ca=FILE');
    });

    test('says which file cannot be read, or is none, and what there is to choose from', () => {
      expectRefusal(careful('?ssl-ca=/nonesuch.pem'), 2, '/nonesuch.pem cannot be read');
      expectRefusal(careful('?ssl-ca=/etc/passwd'), 2, '/etc/passwd holds no certificate');
      expectRefusal(careful('?ssl-mode=none'), 2, 'ssl-mode=verify-identity or ssl-mode=verify-ca');
      expectRefusal(careful('?tls=true'), 2, "no parameter 'tls'", 'ssl-ca');
    });
  });

  test('over a Unix socket', () => {
    const { exitCode, stdout } = status(`mysql://root@localhost/ready?socket=${server.socket}`);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(server.socket)]);
    expectRefusal(status('mysql://root@localhost/ready?socket=/nonesuch'), 69, '/nonesuch');
  });

  test('by flags, with a password of any characters, which is never shown', () => {
    const flags = ['--dbuser', 'reader', '--dbname', 'ready'];
    const env = { KERNELSCOPE_DBPASSWORD: 'p@ss/w%rd' };
    const args = ['db', 'status', '--mysql', `127.0.0.1:${server.port}`, ...flags];
    const { exitCode, stdout, stderr } = runKernelscope(args, env);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`mysql://reader@127.0.0.1:${server.port}/ready`);
    expect(stdout).not.toContain('p@ss');

    expect(status(urlOf('reader:p%40ss%2Fw%25rd'))).toMatchObject({ exitCode: 0 });
    for (const ended of [status(urlOf('reader:wrong-one')), status('mysql://reader:wrong-one%@h/x')]) {
      expect(ended.exitCode).not.toBe(0);
      expect(ended.stderr).not.toContain('wrong-one');
    }
  });

  test('says what keeps it from the records', async () => {
    expectRefusal(status(urlOf('reader:wrong')), 77, 'Access denied', '--dbuser');
    expectRefusal(status(urlOf('stranger:secret')), 77, 'Access denied', '--dbuser');
    expectRefusal(status(server.url('nonesuch')), 2, "Unknown database 'nonesuch'", 'kernelscope db init');
    const [free] = await freePorts(1);
    const away = `mysql://root@127.0.0.1:${free}/ready`;
    expectRefusal(status(away), 69, 'ECONNREFUSED', 'is the server running');
    expectRefusal(runKernelscope(['serve', 'logger', '--mysql', away, '0']), 69, 'ECONNREFUSED');
    expectRefusal(status('mysql://root@nonesuch.invalid/ready'), 69, 'nonesuch.invalid');

    await withMysql(server.url(''), (ask) => ask('CREATE DATABASE empty_one'));
    expectRefusal(status(server.url('empty_one')), 2, 'an empty database', 'kernelscope db init');
    await withMysql(server.url('empty_one'), (ask) => ask('CREATE TABLE orders (id INT PRIMARY KEY)'));
    expectRefusal(status(server.url('empty_one')), 2, 'a database of something else', 'orders');
    const init = runKernelscope(['db', 'init', '--mysql', server.url('empty_one')]);
    expectRefusal(init, 2, 'a database of something else');
  });
});
