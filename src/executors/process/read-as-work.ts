import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { posix } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pack as newPack } from 'tar-stream';
import { append } from '../../lib/append.ts';
import type { Select } from '../executor.ts';
import { isCircle, tooManyLinks } from '../links.ts';
import { renameEntries } from '../rename-entries.ts';

/** Starts a command where and as the work runs: in its sandbox, with its rights. */
type Run = (command: string[]) => Promise<ChildProcessWithoutNullStreams>;

/** A directory, and under which names what is below it is sent. Paths are bytes, one character each. */
interface Directory {
  path: string;
  /** Empty, or ends with a slash. */
  prefix: string;
  /** The directories that links were followed from. */
  from: string[];
}

interface Found {
  path: string;
  name: string;
}

const LONGEST_LIST_BYTES = 128 * 1024 * 1024;
/** Arguments of one command; a machine takes many times as many bytes. */
const BATCH = 200;

/** Of each path: what is there, and where it really is and its directory is, each with a NUL behind it. */
const RESOLVE = `
for path do
  if [ -d "$path" ]; then
    printf 'd\\0%s\\0' "$(cd -- "$path" && pwd -P)"
  elif [ -f "$path" ]; then
    printf 'f\\0\\0'
  else
    printf 'n\\0\\0'
  fi
  printf '%s\\0' "$(cd -- "\${path%/*}/" && pwd -P)"
done
`;

/** Of each directory: the files, the links, an empty name behind both; paths begin with the directory's. */
const LIST = `
for path do
  find "$path/" -type f -print0
  printf '\\0'
  find "$path/" -type l -print0
  printf '\\0'
done
`;

/**
 * Reads a directory (or a file) with the work's own eyes and rights, by its `find` and `tar`: a link of the work's to a
 * file of the server leads where it leads for the work, and no further.
 */
export async function readAsWork(
  run: Run,
  path: string,
  select: Select,
  follow: boolean,
): Promise<Readable> {
  const base = bytes(posix.resolve(path));
  const [there] = await resolve(run, [base]);
  const chosen: Found[] = [];
  if (there?.kind === 'file') {
    const name = posix.basename(base);
    if (await select(nameOf(name), false)) chosen.push({ path: base, name });
  } else if (there?.kind === 'directory') {
    await choose(run, { path: there.path, prefix: '', from: [] }, { select, follow }, chosen);
  } else throw Object.assign(new Error(`ENOENT: no such directory ${path}`), { code: 'ENOENT' });
  if (chosen.length === 0) return nothing();
  const names = chosen.map(({ name }) => nameOf(name)).values();
  // The entries come in the order of the list.
  return renameEntries(
    await archive(run, chosen, follow || there.kind === 'file'),
    () => names.next().value,
  );
}

/** Level by level: what is below the directory, then below the directories that its links lead to, and so on. */
async function choose(
  run: Run,
  start: Directory,
  { select, follow }: { select: Select; follow: boolean },
  chosen: Found[],
): Promise<void> {
  let followed = 0;
  for (let level = [start]; level.length > 0; ) {
    const links: (Found & { directory: Directory })[] = [];
    for (const { directory, files, ...listed } of await list(run, level)) {
      const found = ({ path }: { path: string }) => ({
        path,
        name: directory.prefix + path.slice(directory.path.replace(/\/?$/, '/').length),
      });
      append(chosen, await selected(files.map(found), select, false));
      const ofLevel = listed.links.map(found);
      if (follow)
        append(
          links,
          ofLevel.map((link) => ({ ...link, directory })),
        );
      else append(chosen, await selected(ofLevel, select, true));
    }
    const targets = await resolve(
      run,
      links.map(({ path }) => path),
    );
    const linked = links.filter((_, index) => targets[index]?.kind === 'file');
    append(chosen, await selected(linked, select, false));
    level = links.flatMap(({ name, directory }, index) => {
      const target = targets[index];
      if (target?.kind !== 'directory') return [];
      const from = [...directory.from, target.parent];
      if (isCircle(target.path, from)) return [];
      followed += 1;
      if (tooManyLinks(followed)) throw unreadable(nameOf(start.path), 'too many symbolic links');
      return [{ path: target.path, prefix: `${name}/`, from }];
    });
  }
}

async function selected(found: Found[], select: Select, link: boolean): Promise<Found[]> {
  const taken: Found[] = [];
  for (const { path, name } of found)
    if (await select(nameOf(name), link)) taken.push({ path, name });
  return taken;
}

interface Target {
  kind: 'file' | 'directory' | 'nothing';
  path: string;
  /** Where the directory of the path really is. */
  parent: string;
}

async function resolve(run: Run, paths: string[]): Promise<Target[]> {
  const kinds = { d: 'directory', f: 'file', n: 'nothing' } as const;
  const targets: Target[] = [];
  for (const batch of batches(paths)) {
    const parts = await namesFrom(run, RESOLVE, batch);
    for (let at = 0; at + 2 < parts.length; at += 3) {
      const [kind = 'n', path = '', parent = ''] = parts.slice(at, at + 3);
      targets.push({ kind: kinds[kind as keyof typeof kinds], path, parent });
    }
  }
  return targets;
}

async function list(
  run: Run,
  directories: Directory[],
): Promise<{ directory: Directory; files: { path: string }[]; links: { path: string }[] }[]> {
  const listed = [];
  for (const batch of batches(directories)) {
    const paths = batch.map(({ path }) => path.replace(/\/$/, ''));
    const parts = (await namesFrom(run, LIST, paths)).values();
    const group = () => {
      const names: string[] = [];
      for (let name = parts.next().value; name; name = parts.next().value) names.push(name);
      return names.sort().map((path) => ({ path }));
    };
    for (const directory of batch) listed.push({ directory, files: group(), links: group() });
  }
  return listed;
}

function* batches<T>(all: T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH);
}

/** The names that a script prints, each with a NUL behind it. */
async function namesFrom(run: Run, script: string, args: string[]): Promise<string[]> {
  const names = args.map(nameOf);
  const child = await run([
    '/bin/sh',
    '-c',
    `LC_ALL=C; export LC_ALL\n${script}`,
    'list',
    ...names,
  ]);
  child.stdin.on('error', () => {});
  child.stdin.end();
  const closed = once(child, 'close');
  closed.catch(() => {});
  const errors = text(child.stderr);
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > LONGEST_LIST_BYTES) child.kill('SIGKILL');
  });
  const printed = (await buffer(child.stdout)).toString('latin1');
  await closed;
  if (size > LONGEST_LIST_BYTES) throw unreadable(names[0] ?? '', 'too many files');
  // What may not be read must not be left out in silence; what goes away meanwhile was never there.
  const trouble = (await errors).split('\n').find((line) => /denied|not permitted/i.test(line));
  if (trouble) throw unreadable(names[0] ?? '', trouble);
  return printed.split('\0').slice(0, -1);
}

async function archive(run: Run, files: Found[], follow: boolean): Promise<Readable> {
  const options = [
    ...(follow ? ['-h'] : []),
    // A second name of a file would only say the first one's.
    ...(process.platform === 'linux' ? ['--hard-dereference'] : []),
    '--no-recursion',
  ];
  const child = await run(['tar', '-c', '-f', '-', '-C', '/', ...options, '--null', '-T', '-']);
  const output = new PassThrough();
  const errors = text(child.stderr);
  child.stdin.on('error', () => {});
  child.stdin.end(Buffer.from(files.map(({ path }) => `.${path}\0`).join(''), 'latin1'));
  child.stdout.pipe(output, { end: false });
  child.on('error', (error) => output.destroy(error));
  child.on('close', (code) => {
    if (code === 0) output.end();
    else void errors.then((message) => output.destroy(tarFailed(message)));
  });
  output.on('close', () => child.kill('SIGKILL'));
  return output;
}

/** GNU's tar, BusyBox's, and others: the first line has the reason, and most often the file. */
const TAR_WORDS = /^tar: (?:can't \w+ )?'?\.?(\/.*?)'?: (?:Cannot \w+: )?([^:]+)$/;

/** What tar could not read, in our words: its own are about itself. */
function tarFailed(message: string): Error {
  const line = message.trim().split('\n')[0] ?? '';
  const [, path = 'A file', reason = line.replace(/^tar: /, '')] = TAR_WORDS.exec(line) ?? [];
  return unreadable(path, reason);
}

function nothing(): Readable {
  const empty = newPack();
  empty.finalize();
  return Readable.from(empty);
}

/** Names are bytes to the machine: kept one character a byte on the way from find to tar. */
function nameOf(raw: string): string {
  return Buffer.from(raw, 'latin1').toString();
}

function bytes(name: string): string {
  return Buffer.from(name).toString('latin1');
}

/** Of a system error it has the code only: its message is fit for people. */
function unreadable(path: string, reason: string): Error {
  return Object.assign(new Error(`${path} cannot be read: ${reason}`), { code: 'EACCES' });
}
