import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What stands between clients and a service. */
export interface CuttingProxy {
  readonly url: string;
  /** Answers that were thrown away so far. */
  readonly cuts: () => number;
  close(): Promise<void>;
}

/**
 * Passes TCP connections on to a service. Where `cutsNext` says so, what the service answers is thrown away and the
 * connection reset: the request was done, and its sender never learns of it.
 */
export async function startCuttingProxy(serviceUrl: string, cutsNext: () => boolean): Promise<CuttingProxy> {
  const { hostname, port } = new URL(serviceUrl);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const service = connect(Number(port), hostname);
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // The other end may go at any time; both ends then go.
      socket.on('error', () => {});
      socket.on('close', () => (socket === client ? service : client).destroy());
    }
    client.pipe(service);
    service.on('data', (answer) => {
      if (cutsNext()) {
        cuts++;
        client.resetAndDestroy();
        return;
      }
      client.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cuts: () => cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
