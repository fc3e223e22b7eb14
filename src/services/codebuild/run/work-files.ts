import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { Select } from '../../../executors/executor.ts';
import { append } from '../../../lib/append.ts';
import { takeTurns } from '../../../lib/turns.ts';
import { PhaseFailure } from '../model/build-state.ts';
import {
  baseDirectories,
  chooseFiles,
  expandPath,
  type FileChoice,
  type FileSpec,
  type Selection,
} from '../model/file-choice.ts';
import type { Session } from './session.ts';
import { DRIVER_DIRECTORY } from './work-place.ts';

/** One file or link of the build's. */
export interface WorkFile {
  /** As the buildspec has it named. */
  name: string;
  /** Where it was. */
  path: string;
  mode: number;
  mtime: Date | undefined;
  size: number;
  /** Target of a symbolic link that is kept. */
  link?: string;
  body: Readable;
}

/**
 * The files that a buildspec names, wherever in the build's own file system they are, one at a time: each body must be
 * read before the next is asked for.
 * @param links `follow`: what they lead to is taken under their names; `keep`: the same of those that lead out of the
 *   base directory only
 * @param log gets AWS's lines, and says what was left out
 * @throws PhaseFailure when there is no base directory
 */
export async function* workFiles(
  session: Session,
  written: FileSpec,
  links: 'follow' | 'keep',
  log: string[],
): AsyncGenerator<WorkFile> {
  const { run } = session.stored;
  const source = run.sources?.[0]?.directory ?? '';
  const values = { ...run.variables, CODEBUILD_SRC_DIR: source };
  const spec = expanded(written, values);
  const shown = written.baseDirectory ?? '.';
  log.push(`Expanding base directory path: ${shown}`, 'Assembling file list');
  log.push(`Expanding ${shown}`, `Expanding file paths for base directory ${shown}`);
  log.push('Assembling file list');
  append(
    log,
    spec.files.map((file) => `Expanding ${file}`),
  );
  const { choice, tar } = await openBase(session, spec, source, shown);
  yield* filesOf(session, guarded(session, choice.base), tar, links, log);
  for (const each of choice.elsewhere()) {
    session.signal.throwIfAborted();
    const selection = guarded(session, each);
    const found = await open(session, selection);
    if (found) yield* filesOf(session, selection, found, links, log);
  }
  append(
    log,
    choice.unmatched().map((text) => `Skipping invalid file path ${text}`),
  );
}

function expanded(spec: FileSpec, values: Record<string, string>): FileSpec {
  return {
    discardPaths: spec.discardPaths,
    baseDirectory: expandPath(spec.baseDirectory ?? '', values),
    files: spec.files.map((text) => expandPath(text, values)),
    excludePaths: spec.excludePaths.map((text) => expandPath(text, values)),
  };
}

/** Without the driver's own files, which hold what the log may not show: nobody means them by a pattern that takes all. */
function guarded({ stored }: Session, selection: Selection): Selection {
  const own = posix.join(stored.run.root ?? '', DRIVER_DIRECTORY);
  const { directory, nameOf } = selection;
  return {
    ...selection,
    nameOf: async (path) =>
      posix.join(directory, path, '/').startsWith(`${own}/`) ? undefined : await nameOf(path),
  };
}

/** The first of the directories that may be meant and is there. */
async function openBase(
  session: Session,
  spec: FileSpec,
  source: string,
  shown: string,
): Promise<{ choice: FileChoice; tar: Readable }> {
  for (const base of baseDirectories(spec.baseDirectory ?? '', source)) {
    const choice = chooseFiles(spec, base, source, takeTurns(session.signal));
    const tar = await open(session, guarded(session, choice.base));
    if (tar) return { choice, tar };
  }
  throw new PhaseFailure('CLIENT_ERROR', `no matching base directory path found for ${shown}`);
}

/** @param links are followed, and only what they lead to is read @returns undefined when there is nothing at that path */
async function open(
  { platform, stored }: Session,
  selection: Selection,
  links?: Set<string>,
): Promise<Readable | undefined> {
  const follow = links !== undefined;
  // Of a link to a directory what is below may be asked for, though its own name is not.
  const select: Select = (name, link) =>
    links
      ? linkAbove(links, name) !== undefined && taken(name)
      : (link && selection.reaches(name)) || taken(name);
  const taken = async (name: string) => (await selection.nameOf(name)) !== undefined;
  try {
    const handle = stored.run.handle ?? '';
    return await platform.executors.copyOut(handle, selection.directory, select, { follow });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    return undefined;
  }
}

async function* filesOf(
  session: Session,
  selection: Selection,
  tar: Readable,
  links: 'follow' | 'keep',
  log: string[],
): AsyncGenerator<WorkFile> {
  const follow = new Set<string>();
  for await (const file of entries(session, selection, tar)) {
    const { path, link } = file;
    const leads = link !== undefined && (links === 'follow' || leadsOut(path, link));
    if (leads) follow.add(path);
    else if (file.name !== undefined) yield { ...file, name: file.name };
  }
  if (follow.size === 0) return;
  const found = new Set<string>();
  const followed = await open(session, selection, follow);
  for await (const file of followed ? entries(session, selection, followed) : []) {
    const link = linkAbove(follow, file.path);
    if (link !== undefined) found.add(link);
    if (file.name !== undefined) yield { ...file, name: file.name };
  }
  for (const path of follow) {
    if (!found.has(path) && (await selection.nameOf(path)) !== undefined)
      log.push(`Skipping symbolic link ${path}: it leads to no file`);
  }
}

type Entry = Omit<WorkFile, 'name'> & { name: string | undefined };

async function* entries(
  { signal }: Session,
  selection: Selection,
  tar: Readable,
): AsyncGenerator<Entry> {
  const parser = extract();
  const feeding = pipeline(tar, parser as unknown as NodeJS.WritableStream, { signal });
  feeding.catch(() => {});
  for await (const entry of parser) {
    const { name: path, type, mode = 0o644, mtime, size = 0, linkname } = entry.header;
    const body = Readable.from(entry);
    const link = type === 'symlink' ? { link: linkname ?? '' } : {};
    yield { name: await selection.nameOf(path), path, mode, mtime, size, body, ...link };
    if (!body.readableEnded) body.resume();
  }
  await feeding;
}

/** The link that a followed file was found by: its own name, or that of a directory above it. */
function linkAbove(links: Set<string>, path: string): string | undefined {
  for (let at = path; at !== '.' && at !== '/'; at = posix.dirname(at)) {
    if (links.has(at)) return at;
  }
  return undefined;
}

/** In a ZIP file such a link would lead to something else, or nowhere. */
function leadsOut(path: string, target: string): boolean {
  const resolved = posix.join(posix.dirname(path), target);
  return posix.isAbsolute(target) || resolved === '..' || resolved.startsWith('../');
}
