import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configurationOf } from './container.ts';
import { lackedByEngine, privilegedWithout } from './rights.ts';

const ALL = (1n << 41n) - 1n;
const SYS_RESOURCE = 1n << 24n;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-rights-'));
  mkdirSync(join(directory, '7'));
  mkdirSync(join(directory, 'sys/kernel'), { recursive: true });
  writeFileSync(join(directory, 'sys/kernel/cap_last_cap'), '40\n');
});
afterEach(() => rmSync(directory, { recursive: true }));

function lacked({ name = 'dockerd', pid = '7', bounds = ALL } = {}): Promise<string[]> {
  const hex = bounds.toString(16).padStart(16, '0');
  const status = `Name:\t${name}\nCapEff:\t0000000000000000\nCapBnd:\t${hex}\nCapAmb:\t0\n`;
  writeFileSync(join(directory, '7/status'), status);
  writeFileSync(join(directory, 'pid'), pid);
  return lackedByEngine({ pidFile: join(directory, 'pid'), proc: directory });
}

test('what an engine may not give is what its own bounds have not', async () => {
  expect(await lacked()).toEqual([]);
  expect(await lacked({ bounds: ALL & ~SYS_RESOURCE })).toEqual(['SYS_RESOURCE']);
  expect(await lacked({ bounds: (ALL >> 1n) & ~1n })).toEqual(['CHOWN', 'CHECKPOINT_RESTORE']);
});

test('a capability that the kernel does not know is none that an engine lacks', async () => {
  writeFileSync(join(directory, 'sys/kernel/cap_last_cap'), '37\n');
  expect(await lacked({ bounds: (1n << 38n) - 1n })).toEqual([]);
});

test('who is no engine of this machine says nothing of one', async () => {
  expect(await lacked({ name: 'bash', bounds: 0n })).toEqual([]);
  expect(await lacked({ pid: '8', bounds: 0n })).toEqual([]);
  expect(await lacked({ pid: 'x', bounds: 0n })).toEqual([]);
  expect(await lackedByEngine({ pidFile: join(directory, 'none'), proc: directory })).toEqual([]);
});

test('CB-J6: privileged is all, or all but what the engine cannot give, and the container says which', () => {
  expect(privilegedWithout([])).toEqual({ Privileged: true });
  const spec = { command: () => ['/bin/true'], environment: {}, labels: {}, id: 'work' };
  const made = (more: object, lack: string[]) =>
    configurationOf({ ...spec, ...more }, { otherwise: 'host', processors: 2, lacked: lack });
  const { HostConfig = {}, Labels = {} } = made({ privileged: true }, ['SYS_RESOURCE']);
  expect(HostConfig.Privileged).toBeUndefined();
  expect(HostConfig).toMatchObject({ CapAdd: ['ALL'], CapDrop: ['SYS_RESOURCE'] });
  expect(HostConfig).toMatchObject({ MaskedPaths: [], ReadonlyPaths: [] });
  expect(Labels['slipway.lacks']).toBe('SYS_RESOURCE');
  const plain = made({}, ['SYS_RESOURCE']);
  expect(plain.HostConfig?.CapAdd).toBeUndefined();
  expect(plain.Labels?.['slipway.lacks']).toBeUndefined();
});
