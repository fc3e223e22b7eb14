import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { eachZipEntry } from './unzip.ts';

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

  it('refuses what is no ZIP, and one that was cut', async () => {
    const noZip = join(folder, 'no.zip');
    await writeFile(noZip, 'plain text');
    await expect(contents(noZip)).rejects.toMatchObject({ code: 'ConfigurationError' });
    const cut = await zipOf({ a: 'x'.repeat(1000) }, (bytes) => bytes.subarray(0, 60));
    await expect(contents(cut)).rejects.toMatchObject({ code: 'ConfigurationError' });
  });
});
