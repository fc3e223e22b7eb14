// Runs inside an instance, under a Node that may be all that is there: it imports nothing but Node's own modules.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * `node tunnel.ts READY NAME=ADDRESS:PORT …`: listens in the instance, and brings each connection to the server by way of its own
 * standard input and output, which the server holds. So an instance reaches the server whatever networks there are, and the
 * server knows whose metadata is asked for by whose tunnel it is: nothing here is a secret. Ends with its input.
 */
const [ready = '', ...places] = process.argv.slice(2);

const wire = Duplex.from({ readable: process.stdin, writable: process.stdout });
const session = connect('http://tunnel', { createConnection: () => wire });
const end = () => process.exit(0);
session.on('close', end);
session.on('error', end);
wire.on('error', end);

/** Nobody but who is in the instance: an address of link-local scope is every instance's, and a neighbour could knock. */
function isOwn(socket: Socket, address: string): boolean {
  return socket.remoteAddress === address;
}

function bring(socket: Socket, name: string): void {
  const stream = session.request({ ':method': 'POST', ':path': `/${name}` });
  socket.on('error', () => stream.close());
  stream.on('error', () => socket.destroy());
  stream.on('close', () => socket.destroy());
  socket.pipe(stream).pipe(socket);
}

async function listen(place: string): Promise<void> {
  const [, name = '', address = '', port = ''] = /^([a-z]+)=([0-9.]+):(\d+)$/.exec(place) ?? [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (isOwn(socket, address)) bring(socket, name);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port), address, resolve);
  });
}

try {
  for (const place of places) await listen(place);
  writeFileSync(ready, '');
  session.request({ ':method': 'POST', ':path': '/ready' }).end();
} catch (error) {
  // Said where the server reads: there is nobody else to tell.
  session.request({ ':method': 'POST', ':path': '/failed' }).end(String(error));
}
