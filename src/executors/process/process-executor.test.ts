import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { executorContract } from '../contract.ts';
import { makeProcessExecutor } from './process-executor.ts';
import { probeSandbox } from './sandbox.ts';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const stateDirs = ['plain', 'sandboxed'].map((name) =>
  mkdtempSync(join(tmpdir(), `slipway-${name}-`)),
);
afterAll(() => {
  for (const dir of stateDirs) rmSync(dir, { recursive: true, force: true });
});

const common = { path, hidden: [] };
executorContract('process, plain', {
  open: () => makeProcessExecutor({ ...common, stateDir: stateDirs[0] ?? '', sandbox: 'off' }),
});

const works = process.platform === 'linux' ? await probeSandbox(path) : 'not Linux';
if (typeof works !== 'string') {
  executorContract('process, in bubblewrap', {
    open: () => makeProcessExecutor({ ...common, stateDir: stateDirs[1] ?? '', sandbox: 'auto' }),
  });
} else {
  process.stderr.write(`SKIPPED executor contract: process, in bubblewrap: ${works}\n`);
}
