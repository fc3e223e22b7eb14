import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FileChange, FileMode, GitRepository } from '../../../git/git-host.ts';
import { gitClient, temporaryGitHost } from '../../../git/testing.ts';

/** For tests: branches that have gone different ways, and what `git merge` makes of them. */

interface File {
  mode: FileMode;
  /** Of a submodule, the id of its commit. */
  content: string;
}
type Files = Map<string, File>;

/** What a branch does to the files. */
export type Edit =
  | { do: 'line'; path: string; at: number; text: string; how: 'replace' | 'insert' | 'remove' }
  | {
      do: 'delete' | 'chmod' | 'crlf' | 'binary' | 'symlink' | 'folder' | 'unterminated';
      path: string;
      text: string;
    }
  | { do: 'submodule'; path: string; text: string }
  | { do: 'rename'; path: string; to: string }
  | { do: 'renameFolder'; to: string; folder?: string }
  | { do: 'add'; path: string; text: string; executable: boolean };

export interface Case {
  ours: Edit[];
  theirs: Edit[];
}

const lines = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} line ${i + 1}\n`).join('');

const BASE: [string, File][] = [
  ['a.txt', { mode: '100644', content: lines('a', 12) }],
  ['b.txt', { mode: '100644', content: lines('b', 4) }],
  ['dir/c.txt', { mode: '100644', content: lines('c', 8) }],
  ['dir/d.txt', { mode: '100644', content: lines('d', 8).replaceAll('\n', '\r\n') }],
  ['dir/sub/e.sh', { mode: '100755', content: `#!/bin/sh\n${lines('e', 5)}` }],
  ['f.bin', { mode: '100644', content: `\0${lines('f', 5)}` }],
  ['link', { mode: '120000', content: 'a.txt' }],
  ['module', { mode: '160000', content: '1'.repeat(40) }],
];
const PATHS = BASE.map(([path]) => path);
const NEW_PATHS = ['new.txt', 'dir/new.txt', 'other/new.txt', 'b.txt/in', 'dir', 'moved é "\\x"'];

const path = fc.constantFrom(...PATHS);
const to = fc.constantFrom(...NEW_PATHS, ...PATHS);
const text = fc.constantFrom('one', 'two', 'three');
const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('line' as const),
      ...{ path, at: fc.nat(12), text },
      how: fc.constantFrom('replace' as const, 'insert' as const, 'remove' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(['delete', 'chmod', 'crlf', 'binary', 'symlink', 'folder', 'unterminated'] as const),
      ),
      ...{ path, text },
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rename' as const), path, to }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('renameFolder' as const),
      to: fc.constantFrom('dir2', 'dir3'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      ...{ path: to, text, executable: fc.boolean() },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('submodule' as const),
      ...{ path: fc.constant('module'), text },
    }),
  },
);
const edits = fc.array(edit, { minLength: 1, maxLength: 4 });

export const cases: fc.Arbitrary<Case> = fc.record({ ours: edits, theirs: edits });

/** A file does not stand where a folder is, nor below a file. */
function put(files: Files, path: string, file: File): void {
  for (const other of [...files.keys()])
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other);
  files.set(path, file);
}

function apply(files: Files, one: Edit): void {
  if (one.do === 'renameFolder') {
    const { folder = '', to } = one;
    const old = `${folder}dir/`;
    for (const [name, file] of [...files])
      if (name.startsWith(old)) {
        files.delete(name);
        put(files, `${folder}${to}/${name.slice(old.length)}`, file);
      }
    return;
  }
  if (one.do === 'add') {
    const content = `${one.text}\n${lines('added', 6)}`;
    put(files, one.path, { mode: one.executable ? '100755' : '100644', content });
    return;
  }
  const file = files.get(one.path);
  if (!file) return;
  const isText = file.mode !== '160000' && file.mode !== '120000';
  const changed = (content: string, mode = file.mode) => files.set(one.path, { mode, content });
  switch (one.do) {
    case 'line': {
      if (!isText) return void (file.mode === '120000' && changed(one.text));
      const all = file.content.split(/(?<=\n)/);
      const at = Math.min(one.at, all.length);
      const end = all[0]?.endsWith('\r\n') ? '\r\n' : '\n';
      const fresh = one.how === 'remove' ? [] : [`${one.text}${end}`];
      all.splice(at, one.how === 'insert' ? 0 : 1, ...fresh);
      return void changed(all.join(''));
    }
    case 'delete':
      return void files.delete(one.path);
    case 'chmod':
      return void (isText && changed(file.content, file.mode === '100755' ? '100644' : '100755'));
    case 'crlf':
      return void (isText && changed(file.content.replaceAll(/\r?\n/g, '\r\n')));
    case 'unterminated':
      return void (isText && changed(`${file.content}${one.text}`));
    case 'binary':
      return void changed(`\0${one.text}`, '100644');
    case 'symlink':
      return void changed(one.text, '120000');
    case 'folder':
      files.delete(one.path);
      return void put(files, `${one.path}/in`, { mode: '100644', content: `${one.text}\n` });
    case 'submodule':
      return void (
        file.mode === '160000' && changed(createHash('sha1').update(one.text).digest('hex'))
      );
    case 'rename':
      if (one.to === one.path) return;
      files.delete(one.path);
      put(files, one.to, file);
  }
}

const person = { name: 'Mary Major', email: 'mary@example.com', date: '1700000000 +0000' };

function changesFrom(before: Files, after: Files): FileChange[] {
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const fresh = [...after].filter(([name, file]) => {
    const old = before.get(name);
    return old?.content !== file.content || old.mode !== file.mode;
  });
  return [
    ...gone.map((name) => ({ path: name, deleted: true as const })),
    ...fresh.map(([name, { mode, content }]): FileChange => {
      if (mode === '160000') return { path: name, mode, id: content };
      return { path: name, mode, content: Buffer.from(content) };
    }),
  ];
}

/** What is left of a merge in an index. */
export interface Unmerged {
  path: string;
  /** 1: base, 2: ours, 3: theirs. */
  stages: Map<number, Version>;
  /** Names under which git has put it aside. */
  aside: string[];
}

export interface Version {
  mode: string;
  id: string;
}

/** `git merge` has ended neither with a merge nor with conflicts, so that there is nothing to compare with. */
export class ReferenceAborted extends Error {
  override name = 'ReferenceAborted';
}

/** What `git merge` has left. */
export interface Merged {
  ended: 'merged' | 'conflicts';
  unmerged: Unmerged[];
  /** Paths of the index. */
  paths: string[];
}

/**
 * A repository, and beside it a clone in which git merges with files on the disk. The files stand in folders `0`, `1` …,
 * so that one merge can be that of several cases.
 */
export async function mergeGround({ copies = 1 } = {}) {
  const temporary = await temporaryGitHost();
  const id = '00000000-0000-4000-8000-000000000000';
  await temporary.host.create(id);
  const git: GitRepository = temporary.host.repository(id);
  const bare = join(temporary.directory, 'repositories', `${id}.git`);
  const work = join(temporary.directory, 'work');
  await gitClient(temporary.directory, ['clone', '--quiet', '--shared', bare, work]);
  /** @param input standard input */
  const run = (args: string[], input = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { cwd: work, maxBuffer: 64 * 1024 * 1024, encoding: 'latin1' as const };
      const child = execFile('git', args, options, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
      // Git may end before it has read all of it.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input, 'latin1');
    });
  const identity = ['user.name=Mary', 'user.email=mary@example.com', 'gc.auto=0'];
  for (const setting of identity) await run(['config', ...setting.split('=')]);
  const before: Files = new Map(
    Array.from({ length: copies }, (_, i) =>
      BASE.map(([path, { mode, content }]): [string, File] => {
        const own = mode.startsWith('100') ? content.replaceAll('line', `line of ${i},`) : content;
        return [`${i}/${path}`, { mode, content: own }];
      }),
    ).flat(),
  );
  const base = await git.writeCommit(commitOf(changesFrom(new Map(), before), []));

  /** A commit of the base with edits, those of each folder. */
  async function branch(...edits: Edit[][]): Promise<string> {
    const after = new Map(before);
    for (const [i, own] of edits.entries()) for (const one of own) apply(after, inFolder(one, i));
    return git.writeCommit(commitOf(changesFrom(before, after), [base]));
  }

  /** What a case before has left, in files and in the index, is in the way of none. */
  async function fresh(): Promise<void> {
    for (const name of await readdir(work))
      if (name !== '.git') await rm(join(work, name), { recursive: true, force: true });
    for (const name of ['index', 'MERGE_HEAD', 'MERGE_MODE', 'MERGE_MSG', 'AUTO_MERGE'])
      await rm(join(work, '.git', name), { force: true });
  }

  async function merge(
    { ours, theirs }: { ours: string; theirs: string },
    level: 'FILE_LEVEL' | 'LINE_LEVEL',
  ): Promise<Merged> {
    await fresh();
    await run(['checkout', '--quiet', '--force', '--detach', ours]);
    const driver = `merge.default=${level === 'FILE_LEVEL' ? 'binary' : 'text'}`;
    const settings = ['-c', driver, '-c', 'advice.submoduleMergeConflict=false'];
    const ended = await run([
      ...settings,
      'merge',
      '--quiet',
      '--no-ff',
      '--no-commit',
      theirs,
    ]).then(
      () => 'merged' as const,
      (error: Error & { code?: number }) => {
        if (error.code !== 1) throw new ReferenceAborted(error.message);
        return 'conflicts' as const;
      },
    );
    return { ended, ...indexOf(await run(['ls-files', '--stage', '-z']), theirs) };
  }

  return { ...{ git, base, branch, merge, run, directory: bare }, close: temporary.close };
}

export type MergeGround = Awaited<ReturnType<typeof mergeGround>>;

const commitOf = (changes: FileChange[], parents: string[]) => ({
  ...{ parents, author: person, committer: person, message: 'A commit\n', changes },
});

/** The edit of files in one of the folders. */
function inFolder(one: Edit, folder: number): Edit {
  if (one.do === 'renameFolder') return { ...one, folder: `${folder}/` };
  if (one.do === 'rename')
    return { ...one, path: `${folder}/${one.path}`, to: `${folder}/${one.to}` };
  return { ...one, path: `${folder}/${one.path}` };
}

/** Paths are bytes (latin1) here. */
function indexOf(listed: string, theirs: string): Pick<Merged, 'unmerged' | 'paths'> {
  const found = new Map<string, Unmerged>();
  const paths: string[] = [];
  for (const record of listed.split('\0')) {
    const match = /^(\d{6}) ([0-9a-f]{40}) ([0123])\t(.*)$/s.exec(record);
    if (!match) continue;
    const [, mode = '', id = '', stage, name = ''] = match;
    paths.push(name);
    if (stage === '0') continue;
    const path = name.replace(new RegExp(`~(HEAD|${theirs})(_\\d+)?$`), '');
    const one: Unmerged = found.get(path) ?? { path, stages: new Map(), aside: [] };
    found.set(path, one);
    one.stages.set(Number(stage), { mode, id });
    if (name !== path && !one.aside.includes(name)) one.aside.push(name);
  }
  return { unmerged: [...found.values()], paths };
}
