import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../server.ts';
import { fill } from './content.ts';

// Keeps a data directory of this release, which every later one must open: `node tools/run.mjs conformance/upgrade/make.ts`.

const root = join(import.meta.dirname, '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const dataDir = mkdtempSync(join(tmpdir(), 'slipway-kept-'));
const server = await startServer({ dataDir });
try {
  await fill(server);
} finally {
  await server.stop();
}
const archive = join(import.meta.dirname, `${version}.tar.gz`);
// Work that is over is only in the way; the ready file names a server that is gone.
const left = ['--exclude=./work/*', '--exclude=./ready-*', '--exclude=./server.json'];
const { status } = spawnSync('tar', ['-czf', archive, ...left, '-C', dataDir, '.'], {
  stdio: 'inherit',
});
rmSync(dataDir, { recursive: true });
process.exitCode = status ?? 1;
