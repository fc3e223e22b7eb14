import { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';

/** What is under way when a listener closes may take so long to end. */
export const PATIENCE_MS = 5_000;

/** Resolves once the server listens. @throws what the port says */
export function opened(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, () => {
    server.off('error', reject);
    // What goes wrong with one connection that is taken is no end of the others.
    server.on('error', () => {});
    resolve();
  });
  // Whoever waits hears of it.
  promise.catch(() => {});
  return promise;
}

/** Takes no more connections; what is under way may end, for a while. @param sockets all it has, also those handed to it */
export async function shut(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  if (server instanceof HttpServer || server instanceof HttpsServer) server.closeIdleConnections();
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, PATIENCE_MS);
  const left = [...sockets].filter((one) => !one.closed);
  await Promise.all([
    closed,
    ...left.map((one) => new Promise<void>((resolve) => one.once('close', () => resolve()))),
  ]);
  clearTimeout(timer);
}

/** Why a port could not be opened, in words that say what to do. */
export function openFailure(error: unknown, address: string, port: number): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  const place = `${address}:${port}`;
  if (code === 'EADDRINUSE') return `port ${port} of ${address} is in use by another program`;
  if (code === 'EACCES')
    return `this server may not open port ${port}: ports below 1024 want root, or the sysctl net.ipv4.ip_unprivileged_port_start`;
  if (code === 'EADDRNOTAVAIL')
    return `this machine has no address ${address}: all of 127.0.0.0/8 is there on Linux, elsewhere it has to be added to the loopback interface`;
  return `${place} cannot be opened: ${code}`;
}
