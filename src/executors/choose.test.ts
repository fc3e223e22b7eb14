import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { chooseExecutor, type ExecutorChoice, ExecutorRefused } from './choose.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-choose-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A machine without bubblewrap. */
const choice = (more: Partial<ExecutorChoice>, said: string[] = []): ExecutorChoice => ({
  kind: 'process',
  stateDir: join(directory, 'work'),
  path: directory,
  host: '127.0.0.1',
  secrets: [],
  allowUnsandboxed: false,
  warn: (message) => said.push(message),
  ...more,
});
const OPEN =
  /^Builds run without a sandbox \(.+\): they can read and change all that the server can/;

test('without bubblewrap the start says once what builds can read', async () => {
  const said: string[] = [];
  const executor = await chooseExecutor(choice({}, said));
  expect(said).toEqual([expect.stringMatching(OPEN)]);
  expect(await executor.isolation()).toMatchObject({ kind: 'none' });
});

test.each(['0.0.0.0', '::', '192.0.2.1'])('on %s that is refused', async (host) => {
  const said: string[] = [];
  await expect(chooseExecutor(choice({ host }, said))).rejects.toThrow(ExecutorRefused);
  await expect(chooseExecutor(choice({ host }, said))).rejects.toThrow(OPEN);
  const allowed = await chooseExecutor(choice({ host, allowUnsandboxed: true }, said));
  expect([allowed.kind, said.length]).toEqual(['process', 1]);
});
