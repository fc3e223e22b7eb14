import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SERVICES } from './registry.ts';

const folder = import.meta.dirname;
const contracts = join(folder, '..', '..', 'contracts');
const folders = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());

test('the registry has a line for every folder, and nothing else', () => {
  expect(Object.keys(SERVICES).sort()).toEqual(folders.sort());
});

test('a service is named in its folder, its line and its contract only', () => {
  const lines = readFileSync(join(folder, 'registry.ts'), 'utf8').split('\n');
  for (const name of folders) {
    expect(lines.filter((line) => line.includes(`./${name}/`))).toHaveLength(1);
  }
});

describe.each(Object.entries(SERVICES))('%s', (name, registered) => {
  const load = async () => (await registered()).load();

  test('gives the parts that are used without the rest as its definition has them', async () => {
    const { parts } = (await registered()).manifest;
    const { migrations, provides, routes, reconcilers = [] } = (await load()).default;
    const sweeps = reconcilers.filter((reconciler) => reconciler.sweep);
    expect((await parts.migrations?.()) ?? []).toEqual(migrations);
    expect(await parts.provides?.()).toBe(provides);
    expect(await parts.routes?.()).toBe(routes);
    expect((await parts.sweeps?.()) ?? {}).toEqual(
      Object.fromEntries(sweeps.map(({ name: reconciler, sweep }) => [reconciler, sweep])),
    );
  });

  test('is called as its folder is', async () => {
    expect((await load()).default.name).toBe(name);
  });

  test('has a contract file for its public API', () => {
    expect(existsSync(join(contracts, `${name}.json`))).toBe(true);
    expect(existsSync(join(contracts, 'outputs', `${name}.json`))).toBe(true);
  });

  test('declares operations of its APIs, each with what it takes to be allowed', async () => {
    const { apis } = (await load()).default;
    for (const { api, operations } of apis) {
      const names = Object.keys(api.operations).map(
        (operation) => operation.charAt(0).toLowerCase() + operation.slice(1),
      );
      for (const [name, operation] of Object.entries(operations)) {
        expect(names).toContain(name);
        expect(operation.name).toBe(name);
        expect(operation.authorize, `${name} has no rule`).toBeDefined();
      }
    }
  });
});
