import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { succeed } from './run.ts';
import { startServer } from './server.ts';
import { open } from './upgrade/content.ts';

const kept = join(import.meta.dirname, 'upgrade');
const releases = readdirSync(kept).filter((name) => name.endsWith('.tar.gz'));

test('a data directory of an earlier release is kept', () => {
  expect(releases.length).toBeGreaterThan(0);
});

test.each(releases)('the data of %s is opened, and what waited goes on', async (release) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-upgrade-'));
  try {
    await succeed('tar', ['-xzf', join(kept, release), '-C', dataDir]);
    const server = await startServer({ dataDir });
    try {
      await open(server);
      expect(server.log()).not.toContain('"level":50');
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
