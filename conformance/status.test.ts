import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
    });
    const text = (await run(cli, ['status', '--data', server.dataDir])).stdout;
    expect(text).toContain(`running at ${server.endpoint}`);
    expect(text).toMatch(/^identity +strict IAM$/m);
    expect(text).toMatch(/^builds +process executor, (isolated by bubblewrap|WITHOUT A SANDBOX)/m);
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

test.each([
  ['/_slipway/nothing', 'There is nothing here.'],
  ['/_slipway', 'There is nothing here.'],
  ['/_slipway/reset', 'A server is reset by POST, and only with --auth relaxed --data :memory:.'],
  ['/_slipway/console/codebuild/home?region=us-east-1', 'There is no console yet: '],
])("%s is none of S3's", async (path, sentence) => {
  for (const method of ['GET', 'POST']) {
    const response = await fetch(`${server.endpoint}${path}`, { method });
    const text = await response.text();
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
