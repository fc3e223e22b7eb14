import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dataDirectories, listDataDirectory } from './other-servers.ts';
import { homes } from './sandbox-view.ts';

const asRoot = process.getuid?.() === 0;
const place = mkdtempSync(asRoot ? '/usr/local/slipway-place-' : join(tmpdir(), 'slipway-place-'));
const list = mkdtempSync(join(tmpdir(), 'slipway-list-'));
afterAll(() => {
  for (const each of [place, list]) rmSync(each, { recursive: true });
});

test.skipIf(!asRoot)(
  'a data directory anywhere among what work sees is known to other servers',
  () => {
    const data = join(place, 'a', 'b', 'data');
    mkdirSync(data, { recursive: true });
    listDataDirectory(data, [list]);
    expect(dataDirectories([list])).not.toContain(data);
    writeFileSync(join(data, 'master.key'), '');
    expect(dataDirectories([list])).toContain(data);
    rmSync(join(place, 'a'), { recursive: true });
    expect(dataDirectories([list])).not.toContain(data);
    expect(readdirSync(list)).toEqual([]);
  },
);

test('one that work does not see needs no list', () => {
  listDataDirectory(join(tmpdir(), 'data'), [list]);
  expect(readdirSync(list)).toEqual([]);
});

test.skipIf(!asRoot)('a home among the system’s directories is one if it is the user’s own', () => {
  const home = join(place, 'home');
  mkdirSync(home);
  chownSync(home, 65534, 65534);
  expect(homes([home, '/opt/user', '/usr/sbin', '/bin', '/nonexistent', '/tmp'], 65534)).toEqual([
    home,
    '/opt/user',
  ]);
});
