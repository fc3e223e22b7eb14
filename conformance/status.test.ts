import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sdkSigner } from '../src/aws/auth/testing.ts';
import { startServer, type TestServer } from './server.ts';

const MINUTE = 60_000;
const cli = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const main = join(import.meta.dirname, '..', 'src', 'main.ts');
let server: TestServer;
const empty = mkdtempSync(join(tmpdir(), 'slipway-status-'));
beforeAll(async () => {
  server = await startServer({ flags: ['--builds', '1'] });
}, MINUTE);
afterAll(async () => {
  await server?.stop();
  rmSync(empty, { recursive: true, force: true });
});

interface Key {
  accessKeyId: string;
  secretAccessKey: string;
}

function run(file: string, args: string[], env = process.env) {
  const all = [...process.execArgv, file, ...args];
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, all, { env, timeout: MINUTE }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test(
  'slipway status: the server, its executor and what keeps builds from it',
  async () => {
    const { code, stdout } = await run(cli, ['status', '--data', server.dataDir, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      endpoint: server.endpoint,
      status: 'running',
      database: 'sqlite',
      auth: 'strict',
      builds: {
        executor: 'process',
        isolation: expect.objectContaining({ kind: expect.any(String) }),
      },
      others: [],
      ssh: {
        port: expect.any(Number),
        fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
      },
      engine: expect.objectContaining({
        nodes: { total: 1, first: [expect.objectContaining({ self: true })] },
        failing: { total: 0, first: [] },
        stuck: { total: 0, first: [] },
      }),
    });
    const text = (await run(cli, ['status', '--data', server.dataDir])).stdout;
    expect(text).toContain(`running at ${server.endpoint}`);
    expect(text).toMatch(/^identity +strict IAM$/m);
    expect(text).toMatch(/^builds +process executor, (isolated by bubblewrap|WITHOUT A SANDBOX)/m);
    expect(text).toMatch(/^git ssh +port \d+, host key SHA256:\S+$/m);
    expect(text).toMatch(/^nodes +\S+ \(this one\) for \d+ \w+$/m);
    expect(text).toMatch(/^queue +.* for later$/m);
    expect(text).toMatch(/^failing +nothing$/m);
    expect(text).toMatch(/^stuck +nothing /m);
    // All is well: as much as one reads at a glance.
    expect(text.split('\n').length).toBeLessThanOrEqual(12);
  },
  MINUTE,
);

test(
  'slipway status: no server there',
  async () => {
    const { code, stderr } = await run(cli, ['status', '--data', empty]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('no server has run')]);
  },
  MINUTE,
);

/** Asks for the engine under a key, with a signature for a service. */
async function askEngine(key: Key, headers: Record<string, string> = {}, service = 'slipway') {
  const url = new URL('/_slipway/engine', server.endpoint);
  const signer = sdkSigner(service, { ...key, status: 'Active', principal: undefined as never });
  const signed = (await signer.sign({
    ...{ method: 'GET', protocol: url.protocol, hostname: url.hostname, path: url.pathname },
    ...{ query: {}, headers: { host: url.host } },
  } as never)) as unknown as { headers: Record<string, string> };
  const answer = await fetch(url, { headers: { ...signed.headers, ...headers } });
  const text = await answer.text();
  return { status: answer.status, text, tells: text.includes('"nodes"') };
}

const refused = (status = 403) => ({ status, tells: false });

test("the engine is shown to the root of the server's account", async () => {
  expect(await askEngine(server)).toMatchObject({ status: 200, tells: true });
});

test('the engine is shown to nobody without a signature, or with another one', async () => {
  const { status } = await fetch(`${server.endpoint}/_slipway/engine`);
  expect(status).toBe(403);
  expect(await askEngine({ ...server, secretAccessKey: 'guessed' })).toMatchObject(refused());
  // A signature that somebody has got hold of opens what it is for, and nothing else.
  expect(await askEngine(server, {}, 'codebuild')).toMatchObject(refused());
});

test('the engine is shown to no user without rights, and to no other account', async () => {
  const iam = new IAMClient(server.client);
  await iam.send(new CreateUserCommand({ UserName: 'mary' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'mary' }));
  const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {};
  const mary = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
  expect(await askEngine(mary)).toMatchObject(refused());
  const made = await run(cli, ['account', 'create', '--data', server.dataDir, '--json']);
  expect(await askEngine(JSON.parse(made.stdout))).toMatchObject(refused());
});

test('the engine is shown to no web page of another site, whatever it has got hold of', async () => {
  const page = { origin: 'http://evil.example' };
  expect(await askEngine(server, page)).toMatchObject(refused());
  const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
  expect(await askEngine(server, image)).toMatchObject(refused());
});

test.each([
  ['/_slipway/nothing', 'There is nothing here.'],
  ['/_slipway', 'There is nothing here.'],
  ['/_slipway/reset', 'A server is reset by POST, and only with --auth relaxed --data :memory:.'],
  ['/_slipway/console/assets/nothing.js', 'The console has no such file.'],
])("%s is none of S3's", async (path, sentence) => {
  for (const method of ['GET', 'POST']) {
    const response = await fetch(`${server.endpoint}${path}`, { method });
    const text = await response.text();
    if (method === 'POST' && path.startsWith('/_slipway/console')) {
      expect(response.status).toBe(405);
      continue;
    }
    expect([response.status, text.slice(0, sentence.length)]).toEqual([404, sentence]);
  }
});

test('the start says who is identified and where builds run', () => {
  expect(server.out()).toMatch(
    /^Strict IAM; builds as processes (in bubblewrap|WITHOUT A SANDBOX)\.$/m,
  );
  expect(server.out()).toContain('\nAt most 1 build at once (--builds); ');
});

test(
  'without a sandbox a server beyond loopback does not start',
  async () => {
    const flags = ['--port', '0', '--host', '0.0.0.0', '--executor', 'process', '--data', empty];
    const { code, stderr } = await run(main, ['up', ...flags], { PATH: empty });
    expect([code, stderr]).toEqual([2, expect.stringContaining('--allow-unsandboxed-builds')]);
  },
  MINUTE,
);
