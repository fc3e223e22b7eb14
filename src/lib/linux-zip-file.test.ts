import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { cpuTime } from './cpu-time.ts';
import { LinuxZipFile } from './linux-zip-file.ts';
import { temporaryDirectory } from './testing.ts';
import { openZip } from './zip-file.ts';
import { zipMember } from './zip-member.ts';

const NAMES = ['c:x', 'C:\\y', 'a\\b', '\\a', 'plain', 'ünï/日本', 'name', `${'d/'.repeat(3000)}x`];

async function zipOf(names: string[]): Promise<Buffer> {
  const zip = new LinuxZipFile();
  for (const [index, name] of names.entries()) {
    if (index % 2) zip.addBuffer(Buffer.from(name), name, {});
    else zip.addReadStream(Readable.from([Buffer.from(name)]), name, {});
  }
  zip.addEmptyDirectory('e\\f/', {});
  zip.end();
  return buffer(zip.outputStream);
}

test('names are read as they were written', async () => {
  const file = join(temporaryDirectory(), 'a.zip');
  writeFileSync(file, await zipOf(NAMES));
  const { zip, close } = await openZip(file);
  const found: string[] = [];
  for await (const entry of zip.eachEntry()) {
    const { path, kind } = zipMember(entry);
    found.push(path.join('/'));
    if (kind === 'directory') continue;
    expect(String(await buffer(await zip.openReadStreamPromise(entry)))).toBe(found.at(-1));
  }
  await close();
  expect(found).toEqual([...NAMES, 'e\\f']);
});

const hasUnzip = spawnSync('unzip', ['-v']).status === 0;

test.skipIf(!hasUnzip)('unzip makes them as they are (skipped without unzip)', async () => {
  const root = temporaryDirectory();
  const names = NAMES.filter((name) => name.length < 100);
  writeFileSync(join(root, 'a.zip'), await zipOf(names));
  execFileSync('unzip', ['-q', 'a.zip', '-d', 'out'], { cwd: root });
  for (const name of names) expect(readFileSync(join(root, 'out', name), 'utf8')).toBe(name);
  expect(readdirSync(join(root, 'out'))).toContain('e\\f');
});

test('a name that no ZIP file has room for is refused', async () => {
  await expect(zipOf(['x'.repeat(65_536)])).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
});

test('twenty thousand files take no time to speak of', async () => {
  const taken = cpuTime();
  const zip = new LinuxZipFile();
  zip.outputStream.resume();
  for (let n = 0; n < 20_000; n++) zip.addBuffer(Buffer.alloc(0), `f${n}`, { compress: false });
  zip.end();
  await new Promise((done) => zip.outputStream.on('end', done));
  expect(taken()).toBeLessThan(5_000);
});
