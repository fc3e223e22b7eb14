import { Server as HttpServer } from 'node:http';
import type { Server, Socket } from 'node:net';

/** What is under way when a listener closes may take so long to end. */
const PATIENCE_MS = 5_000;

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

/** Takes no more connections; what is under way may end, for a while. */
export async function shut(server: Server, sockets: Iterable<Socket> = []): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  if (server instanceof HttpServer) server.closeIdleConnections();
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, PATIENCE_MS);
  await promise;
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
