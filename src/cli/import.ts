import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  GetRepositoryCommand,
  UpdateDefaultBranchCommand,
} from '@aws-sdk/client-codecommit';
import { append } from '../lib/append.ts';
import { SERVER_USAGE, type Server } from './server.ts';
import { TRANSFER_USAGE, type TransferOptions, transferCommand } from './transfer/command.ts';
import { type OwnEnd, otherEnd, ownEnd } from './transfer/ends.ts';
import { runGit } from './transfer/git.ts';
import { nameOf, parseGitUrl } from './transfer/git-url.ts';
import { moveObjects } from './transfer/lfs.ts';
import { pointersOf } from './transfer/pointers.ts';
import { defaultBranch, fetchAll, makeBare, pushAll, referencesOf } from './transfer/references.ts';
import type { Report } from './transfer/report.ts';

const USAGE = `Usage: slipway import REPOSITORY_URL [--name NAME] [options]
  Brings a repository from anywhere into CodeCommit: every reference, the default branch, and the objects of Git LFS.
  REPOSITORY_URL  https, http, ssh, git or file, user@host:path, a directory, or codecommit://REPOSITORY where
                  git-remote-codecommit is installed. Git's own credential helpers are asked for what it takes
  --name NAME     of the new repository; default: the last part of the URL
  --update        the repository is there: its references are moved to where the source has them; none is deleted
  --lfs-url URL   where the source has its objects of Git LFS, if not where its URL says; --no-lfs leaves them out
${TRANSFER_USAGE}
${SERVER_USAGE}
`;

interface Options extends TransferOptions {
  name?: string | undefined;
  update?: boolean | undefined;
}

/** `slipway import`. @returns 0; 1 when it cannot be done, or not wholly; 2 for wrong usage */
export const importCommand = (argv: string[], environment = process.env): Promise<number> =>
  transferCommand<Options>(argv, environment, {
    ...{ usage: USAGE, takes: 1, direction: 'from' },
    options: { name: { type: 'string' }, update: { type: 'boolean' } },
    work: (server, [url = ''], options) => bring(server, url, options, environment),
  });

async function bring(
  server: Server,
  given: string,
  options: Options,
  environment: NodeJS.ProcessEnv,
): Promise<Report> {
  const where = parseGitUrl(given);
  const name = options.name ?? nameOf(where);
  if (name === undefined) throw new Error('the URL gives no name for the repository: use --name');
  const progress = options.quiet || options.json ? undefined : process.stderr;
  const lfsUrl = options['lfs-url'] && parseGitUrl(options['lfs-url']).url;
  const from = otherEnd(where, { progress, lfsUrl: lfsUrl || undefined });
  const to = await ownEnd(server, name, { environment, progress });
  const directory = mkdtempSync(join(tmpdir(), 'slipway-import-'));
  let isNew = false;
  try {
    await makeBare(from.settings(directory));
    const isWorkingCopy =
      where.directory !== undefined && existsSync(join(where.directory, '.git'));
    await fetchAll(from.settings(directory), from.url, { isWorkingCopy });
    const first = await defaultBranch(from.settings(directory), from.url);
    const references = await referencesOf(from.settings(directory), first);
    // Only now, so that of a source that cannot be had nothing is left.
    await makeRepository(to, name, options.update === true);
    isNew = options.update !== true;
    const lfs = { objects: 0, missing: [] as string[] };
    if (!options['no-lfs']) {
      // Before the commits that name them.
      const pointers = await pointersOf(from.settings(directory));
      const [source, target] =
        pointers.length > 0
          ? [await from.lfs(directory, 'download'), await to.lfs(directory, 'upload')]
          : [];
      if (source && target) Object.assign(lfs, await moveObjects(source, target, pointers));
      else
        append(
          lfs.missing,
          pointers.map(({ oid }) => oid),
        );
    }
    await pushAll(() => to.settings(directory), to.url, references);
    if (first !== undefined && references.includes(first)) await startAt(to, name, first);
    return { repository: name, url: from.url, references: references.length, lfs };
  } catch (error) {
    // What nothing has come to would be in the way of the next try.
    if (isNew) await removeEmpty(to, name, directory).catch(() => undefined);
    throw error;
  } finally {
    to.client.destroy();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function makeRepository({ client }: OwnEnd, repositoryName: string, isThere: boolean) {
  if (isThere) await client.send(new GetRepositoryCommand({ repositoryName }));
  else await client.send(new CreateRepositoryCommand({ repositoryName }));
}

/** Removes the repository that this run has made, unless a part of it has arrived. */
async function removeEmpty({ client, settings, url }: OwnEnd, name: string, directory: string) {
  const there = await runGit(settings(directory), ['ls-remote', '--', url]);
  if (there.trim() === '') await client.send(new DeleteRepositoryCommand({ repositoryName: name }));
}

const startAt = ({ client }: OwnEnd, repositoryName: string, branch: string) =>
  client.send(
    new UpdateDefaultBranchCommand({
      ...{ repositoryName, defaultBranchName: branch.replace('refs/heads/', '') },
    }),
  );
