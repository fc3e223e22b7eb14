import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { realFile } from './remote.ts';

const root = mkdtempSync(join(tmpdir(), 'slipway-remote-'));
afterAll(() => rmSync(root, { recursive: true }));
const allowed = join(root, 'git');
mkdirSync(join(allowed, 'app.git'), { recursive: true });
mkdirSync(join(root, 'else', 'there'), { recursive: true });
symlinkSync(join(root, 'else'), join(allowed, 'out'));
symlinkSync(join(root, 'gone'), join(allowed, 'dangling'));

const at = (path: string) => realFile(pathToFileURL(join(root, path)).href, [allowed]);

it.each(['git/app', 'git/app.git'])('%s is read', async (path) => {
  expect(await at(path)).toMatch(/app\.git$/);
});

it.each(['git/nothing', 'git/a/b/nothing.git'])('%s is not there', async (path) => {
  await expect(at(path)).rejects.toThrow('There is no repository at file:');
});

// Whether there is something is not told: links that lead out of the directory tell it neither.
it.each([
  ...['else/there', 'else/nothing', 'git/out/there', 'git/out/nothing'],
  ...['git/dangling', 'git/dangling/x'],
])('%s is elsewhere', async (path) => {
  await expect(at(path)).rejects.toThrow('in no directory that this server may read');
});
