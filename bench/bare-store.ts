// The floors of the S3 benchmark: a bare node:http server of one thread. What is put is hashed (SHA-256, MD5), encrypted
// (AES-256-GCM), written to a file of its own and synced before the answer; what is got is sent from a plain file. Files stay to
// the end: to remove one would keep the disk busy while the other server is measured.
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [plainBytes = '0'] = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
const plain = join(directory, 'plain');
await writeFile(plain, randomBytes(Number(plainBytes)));
const key = randomBytes(32);

async function put(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(directory, randomBytes(8).toString('hex'));
  const file = await open(path, 'wx');
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  const cipher = createCipheriv('aes-256-gcm', key, randomBytes(12));
  for await (const chunk of request) {
    sha256.update(chunk);
    md5.update(chunk);
    await file.appendFile(cipher.update(chunk));
  }
  cipher.final();
  await file.appendFile(cipher.getAuthTag());
  await file.sync();
  await file.close();
  if (sha256.digest('hex') !== request.headers['x-amz-content-sha256']) throw new Error('SHA-256');
  response.writeHead(200, { etag: md5.digest('hex'), 'content-length': 0 }).end();
}

async function get(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-length': (await stat(plain)).size });
  await pipeline(createReadStream(plain), response);
}

createServer((request, response) => {
  const done = request.method === 'PUT' ? put(request, response) : get(response);
  done.catch((error) => response.destroy(error));
}).listen(0, '127.0.0.1', function (this: Server) {
  const address = this.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});

process.on('SIGTERM', () => rm(directory, { recursive: true }).finally(() => process.exit()));
