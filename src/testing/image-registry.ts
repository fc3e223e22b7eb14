import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

// A registry of images at a loopback address, as far as `docker login` and `docker push` go.
// https://distribution.github.io/distribution/spec/api/

export interface ImageRegistry {
  /** `127.0.0.1:PORT`: engines speak plain HTTP with it. */
  host: string;
  /** Digests of manifests by `REPOSITORY:TAG`. */
  images: Map<string, string>;
  close(): Promise<void>;
}

/** @param password of the user AWS, who alone may do anything */
export async function makeImageRegistry(password: string): Promise<ImageRegistry> {
  const images: ImageRegistry['images'] = new Map();
  const blobs = new Map<string, Buffer>();
  const uploads = new Map<string, Buffer>();
  const access = `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
  const server = createServer(async (req, res) => {
    const body = await buffer(req);
    if (req.headers.authorization !== access) {
      res.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    answer(req, res, body);
  });
  const answer = (req: IncomingMessage, res: ServerResponse, body: Buffer) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://registry');
    const say = (status: number, headers = {}) => void res.writeHead(status, headers).end();
    const [, repository = '', kind = '', name = ''] =
      /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(pathname) ?? [];
    const call = `${req.method} ${kind}`;
    if (call === 'POST blobs/uploads') {
      const id = String(uploads.size);
      uploads.set(id, Buffer.alloc(0));
      return say(202, { location: `/v2/${repository}/blobs/uploads/${id}`, range: '0-0' });
    }
    if (call === 'PATCH blobs/uploads' || call === 'PUT blobs/uploads') {
      const whole = Buffer.concat([uploads.get(name) ?? Buffer.alloc(0), body]);
      uploads.set(name, whole);
      const range = { location: pathname, range: `0-${whole.length - 1}` };
      if (req.method === 'PATCH') return say(202, range);
      const digest = digestOf(whole);
      if (searchParams.get('digest') !== digest) return say(400);
      blobs.set(digest, whole);
      return say(201, { location: `/v2/${repository}/blobs/${digest}` });
    }
    if (call === 'HEAD blobs')
      return say(blobs.has(name) ? 200 : 404, { 'content-length': blobs.get(name)?.length ?? 0 });
    if (call === 'PUT manifests') {
      const digest = digestOf(body);
      images.set(`${repository}:${name}`, digest);
      return say(201, { 'docker-content-digest': digest });
    }
    say(pathname === '/v2/' ? 200 : 404);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    images,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
