import { connect } from 'node:net';

export interface Load {
  /** Requests in one second. */
  perSecond: number;
  /** Milliseconds that 99 of 100 requests stay below. */
  p99: number;
  failures: number;
}

/**
 * Sends the same request bytes again and again, or those that it is given each time, over `connections` kept-alive connections, each waiting
 * for the answer before the next, for so many milliseconds or as long as `until` says. As cheap as a client can be, so that on a small
 * machine it is the server that is measured.
 */
export async function load(
  port: number,
  request: string | (() => string),
  connections: number,
  until: number | (() => boolean),
  host = '127.0.0.1',
): Promise<Load> {
  const times: number[] = [];
  let failures = 0;
  const end = typeof until === 'number' ? performance.now() + until : 0;
  const more = typeof until === 'number' ? () => performance.now() < end : until;
  const started = performance.now();
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true });
      let sent = 0;
      let received = '';
      const send = () => {
        sent = performance.now();
        socket.write(typeof request === 'string' ? request : request());
      };
      socket.once('connect', send);
      socket.once('error', reject);
      socket.setEncoding('latin1');
      socket.on('data', (chunk) => {
        received += chunk;
        const headEnd = received.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
        if (received.length < headEnd + 4 + length) return;
        times.push(performance.now() - sent);
        if (!received.startsWith('HTTP/1.1 200')) failures += 1;
        received = '';
        if (more()) return send();
        socket.end();
        resolve();
      });
    });
  await Promise.all(Array.from({ length: connections }, one));
  const seconds = (performance.now() - started) / 1000;
  times.sort((a, b) => a - b);
  return {
    perSecond: times.length / seconds,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    failures,
  };
}
