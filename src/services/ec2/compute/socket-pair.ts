import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Two ends of one connection, of the operating system's own: HTTP/2 over streams that are not fails an assertion of Node's, and ends
 * the server, when it is closed in the middle of a write.
 */
export async function socketPair(): Promise<[Socket, Socket]> {
  // Nobody else can connect: the directory is this user's alone, and gone at once.
  const directory = await mkdtemp(join(tmpdir(), 'slipway-pair-'));
  const server = createServer({ allowHalfOpen: false });
  try {
    const path = join(directory, 's');
    server.listen(path);
    await once(server, 'listening');
    const one = connect(path);
    const [[other]] = (await Promise.all([once(server, 'connection'), once(one, 'connect')])) as [
      [Socket],
      unknown,
    ];
    return [one, other];
  } finally {
    server.close();
    await rm(directory, { recursive: true, force: true });
  }
}
