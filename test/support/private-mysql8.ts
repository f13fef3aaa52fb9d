import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { freePorts, type PrivateMariadb, runMariadb } from './private-mariadb.ts';

/** Names the server program of MySQL 8, which Debian does not have. */
const VARIABLE = 'KERNELSCOPE_TEST_MYSQLD';

/** Says why no MySQL 8 can be started here; undefined where one can. */
export function whyNoMysql8(): string | undefined {
  return process.env[VARIABLE] === undefined ? `${VARIABLE} names no mysqld` : undefined;
}

/** Starts a MySQL 8 server of a test's own. Ready when this resolves. */
export async function startMysql8(): Promise<PrivateMariadb> {
  const command = process.env[VARIABLE]!;
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-mysql8-'));
  const args = ['--no-defaults', '--initialize-insecure', `--datadir=${folder}/data`];
  execFileSync(command, [...args, `--user=${userInfo().username}`], { stdio: 'pipe' });
  const [port] = await freePorts(1);
  const server = await runMariadb(folder, port!, ['--mysqlx=OFF', '--secure-file-priv=NULL'], { command });
  const connection = await createConnection({ socketPath: server.socket, user: 'root' });
  // The one that it comes with may use the socket alone.
  await connection.query("CREATE USER 'root'@'127.0.0.1'");
  await connection.query("GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION");
  await connection.end();
  return server;
}
