import { once } from 'node:events';
import { connect } from 'node:net';

const PIECE_BYTES = 1024 * 1024;

/** Sends a request's head and, behind it, a body. @returns seconds until the answer, and bytes of its body */
export async function transfer(
  port: number,
  head: string,
  body?: Buffer,
): Promise<{ seconds: number; bytes: number }> {
  const started = performance.now();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const answered = answerOf(socket);
  socket.write(head);
  for (let at = 0; body && at < body.length; at += PIECE_BYTES)
    if (!socket.write(body.subarray(at, at + PIECE_BYTES))) await once(socket, 'drain');
  const bytes = await answered;
  socket.destroy();
  return { seconds: (performance.now() - started) / 1000, bytes };
}

/** Reads one answer, and keeps none of its body. */
function answerOf(socket: ReturnType<typeof connect>): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = '';
    let left: number | undefined;
    let length = 0;
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('The connection was closed.')));
    socket.on('data', (chunk: Buffer) => {
      if (left === undefined) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        if (!head.startsWith('HTTP/1.1 200')) reject(new Error(head));
        length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        left = length - (head.length - end - 4);
      } else left -= chunk.length;
      if (left <= 0) resolve(length);
    });
  });
}
