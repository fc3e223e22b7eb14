import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { extract, pack } from 'tar-stream';
import { afterEach, expect, test } from 'vitest';
import { readContainer } from './read-container.ts';

const LINKS = 200;
const DIRECTORY = 2 ** 31;

const engines: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of engines.splice(0)) await stop();
});

/** An engine whose container has a directory with a file and many links to it. */
async function fakeEngine() {
  const seen = { looks: 0, connections: new Set<unknown>() };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://engine').searchParams.get('path') ?? '';
    if (request.method === 'HEAD') {
      seen.looks += 1;
      const mode = path === '/base' ? DIRECTORY : 0;
      const stat = { mode, linkTarget: /link\d+$/.test(path) ? '/base/file' : '' };
      const header = Buffer.from(JSON.stringify(stat)).toString('base64');
      response.setHeader('x-docker-container-path-stat', header).end();
      return;
    }
    const archive = pack();
    archive.entry({ name: path === '/base' ? 'base/file' : 'file' }, 'x');
    for (let n = 0; path === '/base' && n < LINKS; n++)
      archive.entry({ name: `base/link${n}`, type: 'symlink', linkname: 'file' });
    archive.finalize();
    archive.pipe(response);
  });
  server.on('connection', (socket) => {
    seen.connections.add(socket);
    socket.once('close', () => seen.connections.delete(socket));
  });
  const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
  const socketPath = join(directory, 'engine.sock');
  await new Promise<void>((done) => void server.listen(socketPath, done));
  engines.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(directory, { recursive: true });
  });
  return { seen, container: new Docker({ socketPath }).getContainer('c') };
}

test('a tree of links costs the engine one look each, and no connection that stays', async () => {
  const { seen, container } = await fakeEngine();
  const tar = await readContainer(container, '/base', () => true, { follow: true, hidden: '/h' });
  const names: string[] = [];
  const parser = extract();
  tar.pipe(parser as unknown as NodeJS.WritableStream);
  for await (const entry of parser) {
    names.push(entry.header.name);
    entry.resume();
  }
  expect(names).toHaveLength(LINKS + 1);
  expect(seen.looks).toBeLessThanOrEqual(LINKS + 2);
  await expect.poll(() => seen.connections.size).toBeLessThanOrEqual(2);
});
