import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../lib/testing.ts';
import { OpenDirectories } from './open-directories.ts';

const opened = () => readdirSync('/proc/self/fd').length;

test.skipIf(process.platform !== 'linux')(
  'directories that are used in turn stay open, but never many (skipped without /proc)',
  async () => {
    const root = temporaryDirectory();
    const before = opened();
    const directories = await OpenDirectories.below(root);
    const first = await directories.at(['a', 'b']);
    for (const path of [['a'], ['c', 'd'], []]) await directories.at(path);
    expect(await directories.at(['a', 'b'])).toBe(first);
    for (let index = 0; index < 100; index++) await directories.at(['many', `${index}`, 'deep']);
    const deep = Array.from({ length: 100 }, () => 'x');
    expect((await directories.at(deep)).handle.fd).toBeGreaterThan(0);
    expect(opened() - before).toBeLessThan(30);
    expect(first.handle.fd).toBe(-1);
    await directories.close();
    expect(opened()).toBeLessThanOrEqual(before);
    expect(readdirSync(root).sort()).toEqual(['a', 'c', 'many', 'x']);
  },
);
