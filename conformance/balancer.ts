import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Balancer {
  port: number;
  close(): void;
}

/** Hands each connection to the first of `ports` that answers, as a load balancer with health checks would. */
export async function startBalancer(ports: number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    // Whoever is asked first changes, so that both servers get work.
    ports.push(ports.shift() ?? 0);
    tryNext(client, [...ports]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function tryNext(client: Socket, ports: number[]): void {
  const port = ports.shift();
  if (port === undefined) {
    client.destroy();
    return;
  }
  const backend = connect({ port, host: '127.0.0.1' });
  backend.once('connect', () => {
    client.pipe(backend).pipe(client);
    backend.on('error', () => client.destroy());
    backend.on('close', () => client.destroy());
    client.on('close', () => backend.destroy());
  });
  backend.once('error', () => {
    if (!backend.connecting && backend.bytesWritten === 0) tryNext(client, ports);
  });
}
