import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ImagePullError, StartError } from '../executor.ts';
import { makeDockerExecutor } from './docker-executor.ts';

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
});

/** An engine that answers these calls so, and says 404 to all others. */
async function engineWith(answers: Record<string, [status: number, body: object]>) {
  const heads: Record<string, IncomingHttpHeaders> = {};
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const call = `${request.method} ${path}`;
    heads[call] = request.headers;
    const [status, body] = answers[call] ?? [404, { message: 'no such thing' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
  const socketPath = join(directory, 'engine.sock');
  await new Promise<void>((done) => void server.listen(socketPath, done));
  stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(directory, { recursive: true });
  };
  return { heads, executor: makeDockerExecutor({ network: 'host', socketPath }) };
}

test('CB-C9: a pull has the credentials of the work alone, and what the registry says is the reason', async () => {
  const { heads, executor } = await engineWith({
    'POST /images/create': [500, { message: 'unauthorized: authentication required ' }],
  });
  const spec = { command: () => ['/bin/true'], environment: {}, labels: {} };
  const image = 'registry.example:5000/app:1';
  const pulled = executor.prepare({
    ...{ ...spec, id: 'work', image, registryCredentials: { username: 'u', password: 'p' } },
  });
  await expect(pulled).rejects.toThrow(new ImagePullError('unauthorized: authentication required'));
  const auth = String(heads['POST /images/create']?.['x-registry-auth']);
  expect(JSON.parse(Buffer.from(auth, 'base64').toString())).toEqual({
    ...{ username: 'u', password: 'p', serveraddress: 'registry.example:5000' },
  });
  await expect(executor.prepare({ ...spec, id: 'work', image })).rejects.toThrow(ImagePullError);
  expect(heads['POST /images/create']?.['x-registry-auth']).toBeUndefined();
});

test('work that an engine does not start has its reason', async () => {
  const { executor } = await engineWith({
    'GET /containers/slipway-work/json': [
      200,
      { State: { Status: 'created' }, Config: { Labels: {} }, HostConfig: {}, NetworkSettings: {} },
    ],
    'POST /containers/slipway-work/start': [500, { message: 'unable to apply caps: unknown' }],
  });
  await expect(executor.start('docker:work')).rejects.toThrow(
    new StartError('the Docker Engine cannot start the container: unable to apply caps: unknown'),
  );
});

test('so has work whose container an engine cannot make', async () => {
  const { executor } = await engineWith({
    'GET /images/app/json': [200, {}],
    'GET /info': [200, { NCPU: 2 }],
    'POST /containers/create': [400, { message: 'invalid memory' }],
  });
  const spec = { command: () => ['/bin/true'], environment: {}, labels: {}, id: 'work' };
  await expect(executor.prepare({ ...spec, image: 'app' })).rejects.toThrow(
    new StartError('the Docker Engine cannot make the container: invalid memory'),
  );
});
