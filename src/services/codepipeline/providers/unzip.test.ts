import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { eachZipEntry, type ZipEntry } from './unzip.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-unzip-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function zipOf(files: Record<string, string>, change = (bytes: Buffer) => bytes) {
  const zip = new yazl.ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.addEmptyDirectory('folder');
  zip.end();
  const file = join(folder, 'a.zip');
  await writeFile(file, change(await buffer(zip.outputStream)));
  return file;
}

async function contents(file: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await eachZipEntry(file, async (entry) => {
    found[entry.name] = (await buffer(await entry.open())).toString();
    expect(found[entry.name]).toHaveLength(entry.size);
  });
  return found;
}

/** Gives a name in the archive another of the same length, as an attacker would. */
const rename = (from: string, to: string) => (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

/** The archive's directory says another length of its only file when it is unpacked. */
function resize(bytes: Buffer, size: number): Buffer {
  bytes.writeUInt32LE(size, bytes.indexOf('PK\x01\x02') + 24);
  return bytes;
}

describe('eachZipEntry', () => {
  it('visits every file, empty ones and nested ones, and no folders', async () => {
    const files = { 'index.html': '<p>', 'a/b/c.txt': 'c', empty: '' };
    expect(await contents(await zipOf(files))).toEqual(files);
  });

  it.each(['C:/x/fine', 'a\\..\\fine', '\\xxx/fine', 'a"?<fine>'])(
    'takes the name %s as it is',
    async (name) => {
      const file = await zipOf({ 'aaa/bbbbb': 'x' }, rename('aaa/bbbbb', name));
      expect(await contents(file)).toEqual({ [name]: 'x' });
    },
  );

  it.each(['../x/evil', '/xxx/evil', 'a/../../e'])('CP-B10: refuses the name %s', async (name) => {
    const file = await zipOf({ 'aaa/bbbbb': 'x' }, rename('aaa/bbbbb', name.padEnd(9, 'l')));
    await expect(contents(file)).rejects.toMatchObject({ code: 'ConfigurationError' });
  });

  it.each([
    ['other bytes than were packed', (bytes: Buffer) => bytes.fill('y', 31, 32)],
    ['more bytes than it says', (bytes: Buffer) => resize(bytes, 10)],
    ['fewer bytes than it says', (bytes: Buffer) => resize(bytes, 60_000)],
  ])('an entry with %s is the archive’s fault, whoever it is sent to', async (_, change) => {
    const file = await zipOf({ a: 'x'.repeat(40_000) }, change);
    const broken = eachZipEntry(file, async (entry) => {
      await buffer(await entry.open()).catch(() => {
        throw new Error('socket hang up');
      });
    });
    await expect(broken).rejects.toMatchObject({ code: 'ConfigurationError' });
  });

  it('says of an entry that is encrypted that it is', async () => {
    const file = await zipOf({ a: 'x' }, (bytes) => {
      for (const [signature, at] of [
        ['PK\x03\x04', 6],
        ['PK\x01\x02', 8],
      ] as const)
        bytes.writeUInt16LE(1, bytes.indexOf(signature) + at);
      return bytes;
    });
    const message = 'The artifact is not a ZIP that can be unpacked: an entry is encrypted';
    await expect(contents(file)).rejects.toMatchObject({ code: 'ConfigurationError', message });
  });

  it('refuses what is no ZIP, and one that was cut', async () => {
    const noZip = join(folder, 'no.zip');
    await writeFile(noZip, 'plain text');
    await expect(contents(noZip)).rejects.toMatchObject({ code: 'ConfigurationError' });
    const cut = await zipOf({ a: 'x'.repeat(1000) }, (bytes) => bytes.subarray(0, 60));
    await expect(contents(cut)).rejects.toMatchObject({ code: 'ConfigurationError' });
  });

  it('visits several at once, never two of one name, and the last of them last', async () => {
    const names = ['a', 'bb', 'bc', 'c', 'd'];
    const file = await zipOf(
      Object.fromEntries(names.map((name, at) => [name, `${at}`])),
      rename('bc', 'bb'),
    );
    let [running, most] = [0, 0];
    const open = new Set<string>();
    const found: Record<string, string> = {};
    const visit = async (entry: ZipEntry) => {
      expect(open.has(entry.name)).toBe(false);
      open.add(entry.name);
      running += 1;
      most = Math.max(most, running);
      found[entry.name] = (await buffer(await entry.open())).toString();
      running -= 1;
      open.delete(entry.name);
    };
    await eachZipEntry(file, visit, 3);
    expect(found).toEqual({ a: '0', bb: '2', c: '3', d: '4' });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('after a failure begins no other, and waits for those that it has begun', async () => {
    const file = await zipOf(Object.fromEntries([...'abcdefgh'].map((name) => [name, ''])));
    const visited: string[] = [];
    let running = 0;
    const visit = async ({ name }: ZipEntry) => {
      visited.push(name);
      running += 1;
      await new Promise<void>((resolve) => setImmediate(resolve));
      running -= 1;
      if (name === 'a') throw new Error('no room');
      await new Promise<void>((resolve) => setImmediate(resolve));
    };
    await expect(eachZipEntry(file, visit, 2)).rejects.toThrow('no room');
    expect(running).toBe(0);
    expect(visited.length).toBeLessThan(5);
  });
});
