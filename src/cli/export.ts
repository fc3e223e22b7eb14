import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { GetRepositoryCommand } from '@aws-sdk/client-codecommit';
import { SERVER_USAGE, type Server } from './server.ts';
import { TRANSFER_USAGE, type TransferOptions, transferCommand } from './transfer/command.ts';
import { type End, type OwnEnd, otherEnd, ownEnd } from './transfer/ends.ts';
import { runGit } from './transfer/git.ts';
import { parseGitUrl } from './transfer/git-url.ts';
import { type Moved, moveObjects } from './transfer/lfs.ts';
import { lfsDirectory } from './transfer/lfs-directory.ts';
import { pointersOf } from './transfer/pointers.ts';
import { fetchAll, makeBare, pushAll, referencesOf } from './transfer/references.ts';
import type { Report } from './transfer/report.ts';

const USAGE = `Usage: slipway export REPOSITORY DESTINATION [options]
  Takes a repository of CodeCommit elsewhere: every reference, and the objects of Git LFS.
  DESTINATION     a directory that is not there yet or is empty, which becomes a bare repository that any git reads;
                  or the URL of an empty repository (https, http, ssh, user@host:path), to which is pushed
  --lfs-url URL   where the objects of Git LFS go, if not where the URL says; --no-lfs leaves them out
${TRANSFER_USAGE}
${SERVER_USAGE}
`;

/** `slipway export`. @returns 0; 1 when it cannot be done, or not wholly; 2 for wrong usage */
export const exportCommand = (argv: string[], environment = process.env): Promise<number> =>
  transferCommand(argv, environment, {
    ...{ usage: USAGE, takes: 2, direction: 'to' },
    work: (server, [name = '', destination = ''], options) =>
      take(server, { name, destination }, options, environment),
  });

async function take(
  server: Server,
  { name, destination }: { name: string; destination: string },
  options: TransferOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Report> {
  const progress = options.quiet || options.json ? undefined : process.stderr;
  const directory = newDirectory(destination);
  const lfsUrl = options['lfs-url'] && parseGitUrl(options['lfs-url']).url;
  const to =
    directory === undefined
      ? otherEnd(parseGitUrl(destination), { progress, lfsUrl: lfsUrl || undefined })
      : undefined;
  const from = await ownEnd(server, name, { environment, progress });
  // Beside its place, so that half a repository is never taken for one.
  const draft =
    directory === undefined
      ? mkdtempSync(join(tmpdir(), 'slipway-export-'))
      : `${directory}.${randomUUID()}`;
  if (directory !== undefined) mkdirSync(draft, { recursive: true });
  try {
    const report = await copy(from, to, { name, draft, withLfs: !options['no-lfs'] });
    if (directory !== undefined) {
      if (existsSync(directory)) rmdirSync(directory);
      mkdirSync(dirname(directory), { recursive: true });
      renameSync(draft, directory);
    }
    return { ...report, url: to?.url ?? directory ?? '' };
  } finally {
    from.client.destroy();
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The directory that a destination means, where it means a new one. @throws Error for one that has something in it and is no repository */
function newDirectory(destination: string): string | undefined {
  const directory = resolve(destination);
  const isThere = existsSync(directory);
  if (!isThere) return /^(-|[\w+.@-]+:)/.test(destination) ? undefined : directory;
  if (readdirSync(directory).length === 0) return directory;
  if (existsSync(join(directory, 'HEAD')) || existsSync(join(directory, '.git'))) return undefined;
  throw new Error(`${directory} is not empty`);
}

async function copy(
  from: OwnEnd,
  to: End | undefined,
  { name, draft, withLfs }: { name: string; draft: string; withLfs: boolean },
): Promise<Omit<Report, 'url'>> {
  const found = await from.client.send(new GetRepositoryCommand({ repositoryName: name }));
  const { defaultBranch } = found.repositoryMetadata ?? {};
  const own = from.settings(draft);
  await makeBare(own);
  await fetchAll(from.settings(draft), from.url);
  const first = defaultBranch === undefined ? undefined : `refs/heads/${defaultBranch}`;
  const references = await referencesOf(own, first);
  if (first !== undefined) await runGit(own, ['symbolic-ref', 'HEAD', first]);
  let lfs: Moved = { objects: 0, missing: [] };
  const pointers = withLfs ? await pointersOf(own) : [];
  if (pointers.length > 0) {
    const [source, target] = [
      await from.lfs(draft, 'download'),
      to ? await to.lfs(draft, 'upload') : lfsDirectory(draft),
    ];
    if (!target)
      throw new Error(`${to?.url} takes no objects of Git LFS: --no-lfs leaves them out`);
    if (source) lfs = await moveObjects(source, target, pointers);
  }
  if (to) await pushAll(() => to.settings(draft), to.url, references);
  return { repository: name, references: references.length, lfs };
}
