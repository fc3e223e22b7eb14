import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Starts a server in a process of its own, has it do something, and tells which client packages were loaded for it. */
const script = (act: string) => `
  import { registerHooks } from 'node:module';
  const loaded = new Set();
  registerHooks({
    load(url, context, next) {
      const name = /@aws-sdk\\/(client-[a-z-]+)\\//.exec(url)?.[1];
      if (name) loaded.add(name);
      return next(url, context);
    },
  });
  const { compose } = await import('./src/platform.ts');
  const { readConfig } = await import('./src/config.ts');
  const config = readConfig(['--port', '0', '--data', process.argv[1], '--executor', 'process'], process.env);
  const server = await compose(config);
  await server.start();
  await server.platform.engine.idle();
  ${act}
  await server.stop();
  process.stdout.write([...loaded].sort().join());
`;

async function loadedBy(act: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-start-'));
  try {
    const argv = ['--disable-warning=ExperimentalWarning', '--input-type=module'];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...argv, '--eval', script(act), directory],
      { cwd: join(import.meta.dirname, '..') },
    );
    return stdout;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

it('a start, its migrations and its sweeps load no service', async () => {
  expect(await loadedBy('')).toBe('');
});

it('a service is loaded by its first wake-up, and no other', async () => {
  const wake = `
    const { engine, transaction } = server.platform;
    await transaction((tx) => engine.wake(tx, 'kms/delete-key', 'none'));
    await engine.idle();
  `;
  expect(await loadedBy(wake)).toBe('client-kms');
});

it('a service is loaded by its first request, and no other', async () => {
  const request = `
    const { Readable } = await import('node:stream');
    const headers = { 'x-amz-target': 'CodeCommit_20150413.ListRepositories', host: 'a' };
    const place = { endpoint: 'http://a', remoteAddress: '127.0.0.1' };
    const call = { method: 'POST', path: '/', query: '', headers, body: Readable.from(['{}']), ...place };
    const { status } = await server.handle(call);
    if (status !== 400) throw new Error('Who calls without a signature is refused, not answered with ' + status);
  `;
  // Its operations call S3, under the role of whoever has it write an archive.
  expect((await loadedBy(request)).split(',')).toContain('client-codecommit');
  expect(await loadedBy(request)).not.toContain('client-codepipeline');
});
