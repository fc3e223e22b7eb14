import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack as newPack, type Pack } from 'tar-stream';
import type { WorkHandle } from '../../../executors/executor.ts';
import type { Platform } from '../../../kit/service.ts';
import { AGENT, BEANSTALK, INSTALL, SLIPWAY } from '../model/tools.ts';

/** Of this project: what an instance has of it. */
const PROJECT = join(import.meta.dirname, '..', '..', '..', '..');
export const FOLDERS = ['src/agent', 'src/lib'];
export const FILES = [
  'src/cli/main.ts',
  'src/cli/trusted-bundle.ts',
  'src/cli/agent.ts',
  'package.json',
];
/** What the agent imports. */
const PACKAGES = ['@aws-sdk/client-s3', '@smithy/core', '@smithy/signature-v4'].concat([
  '@smithy/types',
  'node-forge',
  're2js',
  'tar-stream',
  'yaml',
  'yauzl',
  'yazl',
]);

/** What of a package nothing reads at run time. */
const UNREAD =
  /(^|\/)(dist-types|test|tests|docs|example|examples)(\/|$)|\.(d\.ts|d\.cts|d\.mts|map|md)$/;

interface Entry {
  name: string;
  file: string;
  mode: number;
  size: number;
}

/** In each instance: the volume's name is committed with it, so that a server that was updated makes another one. */
export async function toolsVolume(platform: Platform): Promise<string> {
  const { version } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8'));
  const lock = await stat(join(PROJECT, 'package-lock.json')).catch(() => undefined);
  const agent = await newest();
  const of = [
    platform.config.dataDir,
    version,
    process.version,
    String(lock?.mtimeMs),
    String(agent),
  ];
  return `ec2-tools-${createHash('sha256').update(of.join('\0')).digest('hex').slice(0, 16)}`;
}

/** When what an instance has of this project was last changed. */
async function newest(): Promise<number> {
  const files = FILES.map((file) => join(PROJECT, file));
  for (const folder of FOLDERS)
    for (const name of await readdir(join(PROJECT, folder), { recursive: true }))
      files.push(join(PROJECT, folder, name));
  const found = await Promise.all(files.map((file) => stat(file)));
  return found.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0);
}

const filling = new Map<string, Promise<void>>();

/**
 * Fills the volume, unless it is filled. Who asks has work that names the volume already, so that nobody removes it between this
 * and that work's start.
 * @param handle of that work
 */
export function haveTools(
  { executors }: Platform,
  handle: WorkHandle,
  volume: string,
): Promise<void> {
  // Two at a time would bring the same, each at the other's cost.
  const known = filling.get(volume);
  if (known) return known;
  const made = executors
    .fillFor(handle, volume, toolsArchive)
    .finally(() => filling.delete(volume));
  filling.set(volume, made);
  return made;
}

async function toolsArchive(): Promise<Readable> {
  const pack = newPack();
  const texts = {
    ...{ 'bin/slipway': SLIPWAY, 'bin/codedeploy-agent': AGENT, install: INSTALL },
    'bin/beanstalk-agent': BEANSTALK,
  };
  const write = async () => {
    for (const [name, text] of Object.entries(texts)) pack.entry({ name, mode: 0o755 }, text);
    for (const entry of await entries()) await writeFile(pack, entry);
    pack.finalize();
  };
  write().catch((error: Error) => pack.destroy(error));
  return pack as unknown as Readable;
}

async function writeFile(pack: Pack, { name, file, mode, size }: Entry): Promise<void> {
  await pipeline(createReadStream(file), pack.entry({ name, mode, size }));
}

async function entries(): Promise<Entry[]> {
  const all: Entry[] = [];
  await add(all, 'bin/node', await realpath(process.execPath), 0o755);
  for (const file of FILES) await add(all, file, join(PROJECT, file));
  for (const folder of FOLDERS) await addTree(all, folder, join(PROJECT, folder), /\.test\.ts$/);
  for (const [name, directory] of await packageDirectories())
    await addTree(all, name, directory, UNREAD);
  return all;
}

async function add(all: Entry[], name: string, file: string, mode = 0o644): Promise<void> {
  all.push({ name, file, mode, size: (await stat(file)).size });
}

async function addTree(all: Entry[], name: string, directory: string, without: RegExp) {
  for (const each of await readdir(directory, { withFileTypes: true })) {
    const [path, file] = [`${name}/${each.name}`, join(directory, each.name)];
    if (each.name === 'node_modules' || without.test(path.slice(name.length + 1))) continue;
    if (each.isDirectory()) await addTree(all, path, file, without);
    else if (each.isFile()) await add(all, path, file);
  }
}

/** The packages that the agent needs, and those that they need, where Node looks for them: by their place in the project. */
async function packageDirectories(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const visit = async (name: string, from: string): Promise<void> => {
    const directory = await directoryOf(name, from);
    const place = directory?.slice(PROJECT.length + 1);
    if (!directory || !place || found.has(place)) return;
    found.set(place, directory);
    const { dependencies = {} } = JSON.parse(
      await readFile(join(directory, 'package.json'), 'utf8'),
    );
    for (const each of Object.keys(dependencies)) await visit(each, directory);
  };
  for (const name of PACKAGES) await visit(name, PROJECT);
  return found;
}

async function directoryOf(name: string, from: string): Promise<string | undefined> {
  for (const base of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
    const directory = join(base, name);
    if (await stat(join(directory, 'package.json')).catch(() => undefined)) return directory;
    if (dirname(base) === PROJECT) return undefined;
  }
  return undefined;
}
