import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { chooseExecutors, type ExecutorChoice, ExecutorRefused } from './choose.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-choose-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A machine without bubblewrap. */
const choice = (more: Partial<ExecutorChoice> = {}): ExecutorChoice => ({
  kind: 'process',
  stateDir: join(directory, 'work'),
  path: directory,
  host: '127.0.0.1',
  secrets: [],
  ...{ allowUnsandboxed: false, pull: 'missing' as const, dockerElsewhere: false },
  ...more,
});
const OPEN =
  /^Builds run without a sandbox \(.+\): they can read and change all that the server can/;

test('without bubblewrap the start says what builds can read', async () => {
  const { executors, warning } = await chooseExecutors(choice());
  expect(warning).toMatch(OPEN);
  expect(await executors.all[0]?.isolation()).toMatchObject({ kind: 'none' });
});

test.each(['0.0.0.0', '::', '192.0.2.1'])('on %s that is refused', async (host) => {
  await expect(chooseExecutors(choice({ host }))).rejects.toThrow(ExecutorRefused);
  await expect(chooseExecutors(choice({ host }))).rejects.toThrow(OPEN);
  const allowed = await chooseExecutors(choice({ host, allowUnsandboxed: true }));
  expect([allowed.executors.all[0]?.kind, allowed.warning]).toEqual([
    'process',
    expect.stringMatching(OPEN),
  ]);
});
