import { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

const BAD_GATEWAY = [
  ...['HTTP/1.1 502 Bad Gateway', 'content-type: text/html', 'content-length: 26'],
  ...['connection: close', '', '<h1>502 Bad Gateway</h1>\r\n'],
].join('\r\n');

/**
 * What stands before an application on its instance's port 80, as nginx does on AWS's: connections go to where it listens, whatever
 * they carry. At each address but the metadata's, whose port 80 is taken.
 * @param port of the application, asked at each connection
 */
export async function startProxy(port: () => number): Promise<void> {
  const own = Object.values(networkInterfaces()).flatMap((all = []) =>
    all.flatMap(({ family, address }) =>
      family === 'IPv4' && !address.startsWith('169.254.') ? [address] : [],
    ),
  );
  for (const address of own) {
    const server = createServer((client) => bring(client, port()));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(80, address, () => resolve());
    });
  }
}

function bring(client: Socket, port: number): void {
  let began = false;
  const target = connect({ host: '127.0.0.1', port });
  client.on('error', () => target.destroy());
  client.on('close', () => target.destroy());
  target.on('connect', () => {
    began = true;
    client.pipe(target);
    target.pipe(client);
  });
  target.on('error', () => {
    if (began) client.destroy();
    else client.end(BAD_GATEWAY);
  });
  target.on('close', () => {
    if (began) client.destroySoon();
  });
}
