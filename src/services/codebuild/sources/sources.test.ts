import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { afterAll, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { codecommitCredential } from './git-credential.ts';
import { zipSource } from './zip.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-zip-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A ZIP file of these entries; yazl refuses bad names, so they are written over good ones of the same length. */
async function zipOf(entries: [name: string, text: string, mode?: number][]): Promise<string> {
  const zip = new ZipFile();
  const places = entries.map(([name, text, mode = 0o100644], index) => {
    const place = String(index).repeat(name.length).slice(0, name.length);
    zip.addBuffer(Buffer.from(text), place, { mode, compress: false });
    return [place, name] as const;
  });
  zip.end();
  let bytes = (await buffer(zip.outputStream)).toString('latin1');
  for (const [place, name] of places) bytes = bytes.replaceAll(place, name);
  const file = join(directory, `${createHash('md5').update(bytes).digest('hex')}.zip`);
  writeFileSync(file, bytes, 'latin1');
  return file;
}

async function unpack(file: string): Promise<string[]> {
  const names: string[] = [];
  const parser = extract();
  const feeding = (async () => {
    for await (const chunk of zipSource(file).tar()) parser.write(chunk);
    parser.end(undefined);
  })();
  feeding.catch((error) => parser.destroy(error));
  for await (const entry of parser) {
    names.push(
      `${entry.header.name} ${entry.header.type} ${entry.header.mode?.toString(8)} ${(await buffer(entry)).length}`,
    );
  }
  await feeding;
  return names;
}

test('files, modes and links inside come through', async () => {
  const file = await zipOf([
    ['run.sh', 'echo hi', 0o100755],
    ['link', 'run.sh', 0o120777],
    ['dir/deep', 'x'],
  ]);
  expect(await unpack(file)).toEqual([
    'run.sh file 755 7',
    'link symlink 777 0',
    'dir/deep file 644 1',
  ]);
  expect(await zipSource(file).readText('dir/../run.sh')).toBe('echo hi');
  expect(await zipSource(file).readText('none')).toBeUndefined();
});

test.each([
  [['../escape', 'x']],
  [['a/../../escape', 'x']],
  [['/etc/escape', 'x']],
  [['a\\..\\..\\escape', 'x']],
  [['link-out', '/etc', 0o120777]],
  [['link-up', '../../etc', 0o120777]],
] as [[string, string, number?]][])('an entry that leads out ends the build: %j', async (entry) => {
  await expect(unpack(await zipOf([entry]))).rejects.toThrow(
    /leads out of its directory|relative path|absolute path/,
  );
});

test('what is no ZIP file is said to be none', async () => {
  const file = join(directory, 'no.zip');
  writeFileSync(file, 'plain text');
  await expect(unpack(file)).rejects.toThrow('not a valid ZIP file');
});

test('CC-GIT-03: the git credential of an identity', () => {
  const { username, password } = codecommitCredential(
    { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
    new URL('http://127.0.0.1:4566/v1/repos/app'),
    'us-east-1',
    new Date('2026-01-02T03:04:05.678Z'),
  );
  expect(username).toBe('ASIAEXAMPLE%token');
  expect(password).toMatch(/^20260102T030405Z[0-9a-f]{64}$/);
});
