import { CodeStarConnectionsClient } from '@aws-sdk/client-codestar-connections';
import { HttpError } from '../../../aws/http-error.ts';
import { ListCommitFilesCommand } from '../../../aws/internal/connection-operations.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import type { GitRepository, Remote } from '../../../git/git-host.ts';
import { GitError } from '../../../git/process.ts';
import { type Forge, forgeRepository } from '../../../kit/forges/repository.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { gitLogin } from '../model/source-credential.ts';
import type { Lookup } from '../model/webhook/filters.ts';
import type { ForgeEvent } from '../model/webhook/told.ts';
import { elsewhere, withSuffix } from '../run/git-sources.ts';
import { roleClient } from '../run/service-role.ts';
import { type SourceAccess, sourceAccess } from '../run/source-credential.ts';
import type { Hooked } from './hooked.ts';

const MOST_PATHS = 100_000;

/** What the forge did not say, asked of its repository by git: which files changed, and what the head's commit says. */
export function lookup(platform: Platform, hooked: Hooked, event: ForgeEvent): Lookup {
  return {
    paths: () => explained(() => changedPaths(platform, hooked, event)),
    message: () => explained(() => headMessage(platform, hooked, event)),
  };
}

/** The forge shows what comes of it, and can be told to try again. @throws HttpError */
async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isTheirs = [GitError, GitLimitError, PhaseFailure].some((one) => error instanceof one);
    if (isTheirs || isRefusal(error))
      throw new HttpError(
        424,
        'The repository could not be asked what the filters of the webhook need.',
      );
    throw error;
  }
}

/** Files that differ from where the branch was, or from the head of the branch that a pull request goes to. */
async function changedPaths(
  platform: Platform,
  hooked: Hooked,
  { commit, previous }: ForgeEvent,
): Promise<string[]> {
  if (!commit) return [];
  const access = await accessOf(platform, hooked);
  if ('connectionArn' in access) {
    const client = roleClient(platform, CodeStarConnectionsClient, whoOf(hooked));
    const { FilePaths = [] } = await client.send(
      new ListCommitFilesCommand({
        ConnectionArn: access.connectionArn,
        FullRepositoryId: repositoryOf(hooked).name,
        ...{ CommitId: commit, BaseCommitId: previous },
      }),
    );
    return FilePaths;
  }
  const commitIds = previous ? [previous, commit] : [commit];
  return platform.git.fetched(
    await remoteOf(platform, hooked, access),
    { commitIds, treesOnly: true },
    (git) => differences(git, previous, commit),
  );
}

async function differences(
  git: GitRepository,
  previous: string | undefined,
  commit: string,
): Promise<string[]> {
  const [before, after] = [previous && (await git.commit(previous)), await git.commit(commit)];
  const paths: string[] = [];
  if (!after) return paths;
  for await (const one of git.differences(before ? before.tree : undefined, after.tree)) {
    if (paths.length === MOST_PATHS) break;
    const path = one.after?.path ?? one.before?.path;
    if (path !== undefined) paths.push(path);
  }
  return paths;
}

async function headMessage(
  platform: Platform,
  hooked: Hooked,
  { commit }: ForgeEvent,
): Promise<string> {
  if (!commit) return '';
  const access = await accessOf(platform, hooked);
  if ('connectionArn' in access)
    throw new PhaseFailure('CLIENT_ERROR', 'messages of commits are not read by connections');
  const remote = await remoteOf(platform, hooked, access);
  const read = { commitIds: [commit], treesOnly: true };
  return platform.git.fetched(
    remote,
    read,
    async (git) => (await git.commit(commit))?.message ?? '',
  );
}

const whoOf = ({
  hook: { accountId, region },
  project: { name = '', serviceRole = '' },
}: Hooked) => ({
  ...{ accountId, region, id: `${name}:webhook`, serviceRole },
});

const repositoryOf = ({ project, location }: Hooked) =>
  forgeRepository(project.source?.type as Forge, location);

const accessOf = (platform: Platform, hooked: Hooked): Promise<SourceAccess> =>
  sourceAccess(platform, whoOf(hooked), hooked.project.source ?? { type: 'NO_SOURCE' });

async function remoteOf(
  platform: Platform,
  hooked: Hooked,
  { credential }: Exclude<SourceAccess, { connectionArn: string }>,
): Promise<Remote> {
  const { forge, url } = repositoryOf(hooked);
  const remote = await elsewhere(platform, withSuffix(url));
  return { ...remote, ...(credential && { credentials: gitLogin(forge, credential) }) };
}
