import { connect, createServer } from 'node:net';

const BAD_GATEWAY = [
  ...['HTTP/1.1 502 Bad Gateway', 'content-type: text/html', 'content-length: 27'],
  ...['connection: close', '', '<h1>502 Bad Gateway</h1>\r\n\r'],
].join('\r\n');

/**
 * What stands before an application on its instance's port 80, as nginx does on AWS's: connections go to where it listens, whatever
 * they carry.
 * @param port of the application, asked at each connection
 */
export function startProxy(port: () => number): Promise<void> {
  const server = createServer((client) => {
    let began = false;
    const target = connect({ host: '127.0.0.1', port: port() });
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
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(80, () => resolve());
  });
}
