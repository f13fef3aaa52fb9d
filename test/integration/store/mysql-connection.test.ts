import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { type PrivateMariadb, startMariadb, whyNoMariadb } from '../../support/private-mariadb.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { offcputimeBatch } from '../../support/sample-batch.ts';

const root = join(import.meta.dirname, '../../..');
const whyNot = whyNoMariadb();

describe.skipIf(whyNot !== undefined)(
  `reaching MariaDB${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`,
  () => {
    let folder: string;
    let server: PrivateMariadb;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kernelscope-tls-'));
      makeCertificates(folder);
      server = await startMariadb([
        `--ssl-ca=${folder}/ca.pem`,
        `--ssl-cert=${folder}/server.pem`,
        `--ssl-key=${folder}/server.key`,
      ]);
      sql(
        'CREATE DATABASE kernelscope',
        "CREATE USER writer@'%' IDENTIFIED BY 'p@ss/word:1'",
        "GRANT ALL ON kernelscope.* TO writer@'%'",
        "CREATE USER reader@'%' IDENTIFIED BY 'read'",
        "GRANT SELECT ON kernelscope.* TO reader@'%'",
        "CREATE USER secure@'%' IDENTIFIED BY 'tls' REQUIRE SSL",
        "GRANT SELECT ON kernelscope.* TO secure@'%'",
      );
      // The script that people run by hand makes what db init makes.
      execFileSync('mariadb', ['--no-defaults', `--socket=${server.socket}`, '--user=root', 'kernelscope'], {
        input: readFileSync(join(root, 'sql/mysql.sql')),
      });
    });
    afterAll(async () => {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const sql = (...statements: readonly string[]) =>
      execFileSync('mariadb', ['--no-defaults', `--socket=${server.socket}`, '--user=root', '-N'], {
        input: `${statements.join(';\n')};\n`,
        encoding: 'utf8',
      });
    const address = (user: string, password: string, rest = '') =>
      `mysql://${user}:${encodeURIComponent(password)}@localhost:${server.port}/kernelscope${rest}`;
    const open = (text: string, options = {}) => openStore({ backend: 'mysql', address: text }, options);

    function kernelscope(environment: NodeJS.ProcessEnv, ...args: readonly string[]) {
      const env = { ...process.env, ...environment };
      return spawnSync(process.execPath, [join(root, 'bin/run.js'), ...args], {
        encoding: 'utf8',
        env,
        timeout: 60_000,
      });
    }

    test('by the flags of the seed, with the password from the environment, into tables made by mysql alone', () => {
      const flags = ['--mysql', `localhost:${server.port}`, '--dbuser', 'writer', '--dbname', 'kernelscope'];
      const password = { KERNELSCOPE_DBPASSWORD: 'p@ss/word:1' };
      const made = kernelscope(password, 'db', 'init', ...flags, '--json');
      expect(JSON.parse(made.stdout)).toEqual({
        location: `mysql://writer@localhost:${server.port}/kernelscope`,
        created: false,
      });
      const status = kernelscope(password, 'db', 'status', ...flags);
      expect(status.status).toBe(0);
      expect(status.stdout + status.stderr + made.stderr).not.toContain('p@ss');
    });

    test('any client reads the flat view', async () => {
      const store = await open(address('writer', 'p@ss/word:1'));
      await store.append([{ batch: offcputimeBatch([['dd', 1234, 'a;b', 123456]]), key: 'flat' }]);
      await store.close();
      const rows = sql(
        'SELECT hostname, time, process, pid, stack, elapsed FROM kernelscope.offcputime ORDER BY pid',
      )
        .trim()
        .split('\n');
      expect(rows.at(-1)).toBe('destiny\t2016-10-24 17:12:43.288693\tdd\t1234\ta;b\t123456');
    });

    test('by a unix socket', async () => {
      const store = await open(
        `mysql://writer:${encodeURIComponent('p@ss/word:1')}@localhost/kernelscope?socket=${encodeURIComponent(server.socket)}`,
      );
      expect((await store.status()).schemaVersion).toBeGreaterThan(0);
      await store.close();
    });

    test('by TLS, when the server is who its certificate says', async () => {
      const store = await open(
        address('secure', 'tls', `?ssl-ca=${encodeURIComponent(join(folder, 'ca.pem'))}`),
        { readOnly: true },
      );
      expect((await store.status()).schemaVersion).toBeGreaterThan(0);
      await store.close();
    });

    test('not without TLS where the account asks for it, nor with an authority that did not sign', async () => {
      expectProblem(
        await problemOfAsync(open(address('secure', 'tls'))),
        'permission_denied',
        'Access denied',
      );
      const other = mkdtempSync(join(tmpdir(), 'kernelscope-tls-'));
      try {
        makeCertificates(other);
        const problem = await problemOfAsync(
          open(address('secure', 'tls', `?ssl-ca=${encodeURIComponent(join(other, 'ca.pem'))}`)),
        );
        expect(problem.code).toBe('database_unavailable');
        expect(problem.message).toMatch(/certificate/i);
      } finally {
        rmSync(other, { recursive: true, force: true });
      }
    });

    test('a wrong password, a database that is not there, a server that is not there, a parameter that is none', async () => {
      const wrong = await problemOfAsync(open(address('writer', 'secret-guess')));
      expectProblem(wrong, 'permission_denied', 'writer');
      expect(wrong.message).not.toContain('secret-guess');
      expectProblem(
        await problemOfAsync(open(`mysql://root@127.0.0.1:${server.port}/nonesuch`)),
        'database_missing',
        'nonesuch',
      );
      expectProblem(
        await problemOfAsync(open('mysql://root@127.0.0.1:1/kernelscope')),
        'database_unavailable',
        'ECONNREFUSED',
      );
      expectProblem(
        await problemOfAsync(open(`mysql://root@127.0.0.1:${server.port}/kernelscope?sslca=x`)),
        'usage',
        'sslca',
      );
    });

    test('an account with SELECT alone is enough to ask, and nothing it opens can write', async () => {
      const store = await open(address('reader', 'read'), { readOnly: true });
      expect((await store.categories()).has('offcputime')).toBe(true);
      await store.close();
      const reader = await open(address('writer', 'p@ss/word:1'), { readOnly: true });
      expectProblem(
        await problemOfAsync(reader.append([{ batch: offcputimeBatch([['dd', 1234, 'a;b', 123456]]) }])),
        'database_readonly',
      );
      await reader.close();
    });
  },
);

/** Makes an authority, and a certificate of its for localhost. */
function makeCertificates(folder: string): void {
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  );
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.pem',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
  );
}
