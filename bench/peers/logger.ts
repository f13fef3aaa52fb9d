// A logger to compare with: `flat FILE` stores as the 2016 original did, on the one thread that it has; `discard`
// unpacks the bodies and forgets them, which is what HTTP alone costs.
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { collectDefaultMetrics, register } from 'prom-client';
import { flatWriter, openFlat } from './flat-sqlite.ts';

const [mode, file] = process.argv.slice(2);
const unpack = promisify(gunzip);
collectDefaultMetrics();

const take =
  mode === 'flat'
    ? storeFlat(file!)
    : async (request: IncomingMessage) => void (await unpack(await buffer(request)));

const server = createServer(async (request, response) => {
  if (request.method === 'GET') return response.end(await register.metrics());
  await take(request);
  return response.end('{}');
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  process.stderr.write(`listens on http://127.0.0.1:${port}\n`);
});
process.once('SIGTERM', () => process.exit());

function storeFlat(path: string): (request: IncomingMessage) => Promise<void> {
  const write = flatWriter(openFlat(path));
  return async (request) => write(JSON.parse(gunzipSync(await buffer(request)).toString('utf8')));
}
