import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noAws } from './aws.ts';
import { runAws } from './aws-host.ts';
import { startServer, type TestServer } from './server.ts';
import { type Typed, words } from './words.ts';

let server: TestServer;
let work: string;

beforeAll(async () => {
  server = await startServer();
  work = mkdtempSync(join(tmpdir(), 'slipway-s3-'));
});
afterAll(async () => {
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
});

test.skipIf(noAws)('aws s3: mb, cp, ls, sync, presign, rm, rb', { timeout: 180_000 }, async () => {
  const env = server.env;
  const run = (...typed: Typed) =>
    runAws(words`--endpoint-url ${server.endpoint} ${words(...typed)}`, {
      env,
      cwd: work,
    });
  const aws = async (...typed: Typed) => {
    const { code, stdout, stderr } = await run(...typed);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  };
  await aws`s3 mb s3://by-command`;
  writeFileSync(join(work, 'big.bin'), randomBytes(20 * 1024 * 1024));
  await aws`s3 cp big.bin 's3://by-command/dir/big ü+.bin' --no-progress`;
  await aws`s3 cp 's3://by-command/dir/big ü+.bin' back.bin --no-progress`;
  expect(readFileSync(join(work, 'back.bin')).equals(readFileSync(join(work, 'big.bin')))).toBe(
    true,
  );
  expect(await aws`s3 ls s3://by-command`).toContain('PRE dir/');
  await aws`s3 sync s3://by-command/dir tree --no-progress`;
  expect(await aws`s3 sync s3://by-command/dir tree --no-progress`).toBe('');
  writeFileSync(join(work, 'tree', 'small'), 'small');
  expect(await aws`s3 sync tree s3://by-command/dir --no-progress`).toContain('small');
  const url = (await aws`s3 presign s3://by-command/dir/small`).trim();
  expect(await (await fetch(url)).text()).toBe('small');
  expect((await fetch(url.replace('small', 'other'))).status).toBe(403);
  const early = await run`s3 rb s3://by-command`;
  expect(early.stderr).toContain('BucketNotEmpty');
  await aws`s3 rm s3://by-command --recursive --quiet`;
  await aws`s3 rb s3://by-command`;
});
