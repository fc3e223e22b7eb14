import { randomUUID } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codecommit';
import { expect } from 'vitest';
import type { Authorizer, Principal } from '../../../aws/principal.ts';
import type { MakeDatabase } from '../../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../../testing.ts';
import { announceReferences, changingReferences } from '../history/references.ts';
import service from '../index.ts';
import { findRepository, insertRepository } from '../store/repositories.ts';

/** For tests: a server with a repository `web`, whose branch `feature` is a commit ahead of `main`, and everybody who may do anything. */

export const userArn = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
export const sessionArn = (role: string, name: string) =>
  `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;
export const REPOSITORY_ARN = `arn:aws:codecommit:${REGION}:${ACCOUNT}:web`;

const user = (userName: string): Principal => ({
  ...{ type: 'user', accountId: ACCOUNT, arn: userArn(userName), userId: 'AIDA', userName },
});

export const session = (
  roleName: string,
  sessionName: string,
  tags: { Key: string; Value: string }[] = [],
): Principal => ({
  ...{ type: 'assumed-role', accountId: ACCOUNT, arn: sessionArn(roleName, sessionName) },
  ...{ userId: `AROA:${sessionName}`, roleArn: `arn:aws:iam::${ACCOUNT}:role/${roleName}` },
  ...{ roleName, sessionName, terms: { tags } },
});

/** Everybody may do everything. */
const open = (real: Authorizer): Authorizer => ({
  ...real,
  decide: async () => ({ allowed: true }),
});

export interface Reviews {
  server: World;
  /** A client of the user of that name, or of whoever it is. */
  as(who: string | Principal): sdk.CodeCommitClient;
  /** Commits by the root's hand. @returns the commit's id */
  commit(branchName: string, files: Record<string, string>, parent?: string): Promise<string>;
  branch(branchName: string, commitId: string): Promise<void>;
  main: string;
  feature: string;
  /** A pull request of `feature` into `main`, by `author`. */
  create(more?: Partial<sdk.CreatePullRequestCommandInput>): Promise<sdk.PullRequest>;
  get(pullRequestId: string): Promise<sdk.PullRequest>;
  /** What was announced of a kind, without what is the same for all. */
  told(detailType: string): Record<string, unknown>[];
}

export async function reviews(makeDatabase: MakeDatabase): Promise<Reviews> {
  const server = await world(makeDatabase, [service], { around: { authorizer: open } });
  const root = server.client(sdk.CodeCommitClient);
  const as = (who: string | Principal) =>
    server.platform.client(sdk.CodeCommitClient, {
      ...{ principal: typeof who === 'string' ? user(who) : who, region: REGION },
    });
  const { main, feature } = await makeRepository(server);
  server.events.length = 0;
  const commit = async (branchName: string, files: Record<string, string>, parent?: string) => {
    const putFiles = Object.entries(files).map(([filePath, content]) => ({
      ...{ filePath, fileContent: Buffer.from(content) },
    }));
    const made = await root.send(
      new sdk.CreateCommitCommand({
        ...{ repositoryName: 'web', branchName, putFiles, commitMessage: branchName },
        ...(parent !== undefined && { parentCommitId: parent }),
      }),
    );
    return made.commitId ?? '';
  };
  const branch = async (branchName: string, commitId: string) => {
    await root.send(new sdk.CreateBranchCommand({ repositoryName: 'web', branchName, commitId }));
  };
  const create = async (more: Partial<sdk.CreatePullRequestCommandInput> = {}) => {
    const { pullRequest } = await as('author').send(
      new sdk.CreatePullRequestCommand({
        title: 'My pull request',
        targets: [{ repositoryName: 'web', sourceReference: 'feature' }],
        ...more,
      }),
    );
    return pullRequest as sdk.PullRequest;
  };
  const get = async (pullRequestId: string) => {
    const { pullRequest } = await as('reader').send(
      new sdk.GetPullRequestCommand({ pullRequestId }),
    );
    return pullRequest as sdk.PullRequest;
  };
  const told = (detailType: string) =>
    server.events
      .filter((event) => event['detail-type'] === detailType)
      .map(({ detail }) => detail);
  return { server, as, commit, branch, main, feature, create, get, told };
}

/** What calls of the API would make with five times as many processes of git. */
async function makeRepository({ platform, clock }: World) {
  const repositoryId = randomUUID();
  await platform.transaction((tx) =>
    insertRepository(tx, {
      ...{ accountId: ACCOUNT, region: REGION, name: 'web', repositoryId },
      ...{ description: undefined, tags: {}, now: clock.now() },
    }),
  );
  await platform.git.create(repositoryId);
  const git = platform.git.repository(repositoryId);
  const person = { name: 'Mary', email: 'mary@example.com', date: '1700000000 +0000' };
  const commit = (parents: string[], path: string, content: string) =>
    git.writeCommit({
      ...{ parents, author: person, committer: person, message: path },
      changes: [{ path, mode: '100644', content: Buffer.from(content) }],
    });
  const main = await commit([], 'a.txt', 'one\ntwo\nthree\n');
  const feature = await commit([main], 'b.txt', 'b\n');
  await git.updateReference('refs/heads/main', main, undefined);
  await git.updateReference('refs/heads/feature', feature, undefined);
  await announceReferences(platform, repositoryId);
  return { main, feature };
}

/** The content of a rule. */
export const rule = (needed: number, pool?: string[], more: object = {}) =>
  JSON.stringify({
    Version: '2018-11-08',
    ...more,
    Statements: [
      {
        ...{ Type: 'Approvers', NumberOfApprovalsNeeded: needed },
        ...(pool && { ApprovalPoolMembers: pool }),
      },
    ],
  });

export const PULL_REQUEST = 'CodeCommit Pull Request State Change';

/** Each of these calls is refused with the exception of that name. */
export async function refusals(...all: (readonly [Promise<unknown>, string])[]): Promise<void> {
  await Promise.all(
    all.map(([asked, name]) => expect(asked, name).rejects.toMatchObject({ name })),
  );
}

/** What they do to pull requests. @param it those of the test, which are not there before it begins */
export function doing(it: () => Reviews) {
  const updateStatus = (pullRequestId: string, pullRequestStatus: 'OPEN' | 'CLOSED') =>
    it()
      .as('closer')
      .send(new sdk.UpdatePullRequestStatusCommand({ pullRequestId, pullRequestStatus }));
  const merge = (
    pullRequestId: string,
    more: Partial<sdk.MergePullRequestBySquashCommandInput> = {},
    who = 'merger',
    Command: typeof sdk.MergePullRequestBySquashCommand = sdk.MergePullRequestBySquashCommand,
  ) =>
    it()
      .as(who)
      .send(new Command({ pullRequestId, repositoryName: 'web', ...more }));
  const happened = async (pullRequestId: string, more: object = {}) => {
    const describe = new sdk.DescribePullRequestEventsCommand({ pullRequestId, ...more });
    return (await it().as('reader').send(describe)).pullRequestEvents ?? [];
  };
  /** Moves branches as a push does, by hand: nobody but git knows of it before it is announced. */
  const push = async (
    who: string,
    changes: Record<string, [string | undefined, string | undefined]>,
  ) => {
    const key = { accountId: ACCOUNT, region: REGION, name: 'web' };
    const { repositoryId = '' } = (await findRepository(it().server.platform.db, key)) ?? {};
    const git = it().server.platform.git.repository(repositoryId);
    const by = { ...it().server.platform, principal: { arn: userArn(who) } as never };
    await changingReferences(by, repositoryId, async () => {
      for (const [branch, [to, from]] of Object.entries(changes))
        expect(await git.updateReference(`refs/heads/${branch}`, to, from)).toBe('updated');
    });
  };
  return { updateStatus, merge, happened, push };
}
