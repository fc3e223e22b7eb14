import { at, commit, type Headers, text } from '../../../../kit/forges/payload.ts';
import type { Kind } from '../../../../kit/forges/repository.ts';
import { append } from '../../../../lib/append.ts';
import { ownValue } from '../../../../lib/own.ts';

/** Events that a webhook can wait for (CB-I1); WORKFLOW_JOB_QUEUED is for runners. */
export const EVENTS = [
  ...['PUSH', 'PULL_REQUEST_CREATED', 'PULL_REQUEST_UPDATED', 'PULL_REQUEST_CLOSED'],
  ...['PULL_REQUEST_REOPENED', 'PULL_REQUEST_MERGED', 'RELEASED', 'PRERELEASED'],
] as const;

/** Who did something. */
export interface Actor {
  /** CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID. */
  id: string;
  /** As the forge's API asks for its role. */
  key: string;
  /** The repository is its own. */
  isOwner: boolean;
}

/** What a forge tells of a change, in one form. */
export interface ForgeEvent {
  event: string;
  /** `owner/name`, as the forge has it. */
  repository: string;
  actor: Actor;
  /** Full name of the branch or tag. */
  headRef: string;
  /** Of a pull request. */
  baseRef?: string;
  /** What is to be built. */
  commit?: string;
  /** What it follows: of a push where the branch was, of a pull request the head of its base. */
  previous?: string;
  mergeCommit?: string;
  message?: string;
  /** Undefined where the forge does not say. */
  paths?: string[];
  pullRequest?: { number: string; isFork: boolean; author: Actor };
  release?: { tag: string; name: string };
}

/** A comment that lets a pull request be built (CB-I4). */
export interface Approval {
  repository: string;
  number: string;
  commit: string;
  actor: Actor;
}

export type Told = { kind: 'event'; event: ForgeEvent } | { kind: 'approval'; approval: Approval };

/** Of one push; GitHub sends no more commits than 2,048. */
const MOST_COMMITS = 2048;
const MOST_PATHS = 100_000;
const MOST_MESSAGE = 65_536;

/** Reads what a forge sent. @returns undefined where nothing follows from it */
export function readTold(kind: Kind, headers: Headers, body: unknown): Told | undefined {
  const reader = { github: ofGitHub, gitlab: ofGitLab, bitbucket: ofBitbucket }[kind];
  const told = reader(headers, body);
  if (!told) return undefined;
  if ('event' in told) return { kind: 'event', event: told };
  return { kind: 'approval', approval: told };
}

type Read = ForgeEvent | Approval | undefined;

/** `/codebuild_run(SHA)` */
function approvedCommit(comment: string): string | undefined {
  return /^\s*\/codebuild_run\(\s*([0-9a-f]{40})\s*\)\s*$/.exec(comment)?.[1];
}

const optional = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };

/** Paths that commits of a push name, in GitHub's and GitLab's words alike. */
function pathsOf(commits: unknown): string[] {
  const paths: string[] = [];
  for (const one of Array.isArray(commits) ? commits.slice(0, MOST_COMMITS) : [])
    for (const how of ['added', 'modified', 'removed']) {
      const named = at(one, how);
      if (Array.isArray(named))
        append(
          paths,
          named.filter((path) => typeof path === 'string'),
        );
    }
  return [...new Set(paths)].slice(0, MOST_PATHS);
}

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads */
function ofGitHub(headers: Headers, body: unknown): Read {
  const event = headers['x-github-event'] ?? headers['x-gitea-event'];
  const repository = text(body, 'repository.full_name');
  const actor = gitHubUser(body, 'sender');
  if (event === 'push') return gitHubPush(body, repository, actor);
  if (event === 'pull_request' || event === 'pull_request_sync')
    return gitHubPullRequest(body, repository, actor);
  if (event === 'release') return gitHubRelease(body, repository, actor);
  if (event === 'issue_comment' && text(body, 'action') === 'created') {
    const its = approvedCommit(text(body, 'comment.body'));
    const number = text(body, 'issue.number');
    if (!its || at(body, 'issue.pull_request') === undefined) return undefined;
    const by = gitHubUser(body, 'comment.user', text(body, 'comment.author_association'));
    return { repository, number, commit: its, actor: by };
  }
  return undefined;
}

const gitHubUser = (body: unknown, path: string, association = ''): Actor => ({
  id: text(body, `${path}.id`),
  key: text(body, `${path}.login`),
  isOwner: association === 'OWNER',
});

function gitHubPush(body: unknown, repository: string, actor: Actor): Read {
  const after = commit(body, 'after');
  if (!after) return undefined;
  // Of an annotated tag `after` is the tag's own id.
  return {
    ...{ event: 'PUSH', repository, actor, headRef: text(body, 'ref') },
    commit: commit(body, 'head_commit.id') ?? after,
    ...optional('previous', commit(body, 'before')),
    message: text(body, 'head_commit.message', MOST_MESSAGE),
    paths: pathsOf(at(body, 'commits')),
  };
}

function gitHubPullRequest(body: unknown, repository: string, actor: Actor): Read {
  const known: Record<string, string> = {
    ...{ opened: 'PULL_REQUEST_CREATED', reopened: 'PULL_REQUEST_REOPENED' },
    ...{ synchronize: 'PULL_REQUEST_UPDATED', synchronized: 'PULL_REQUEST_UPDATED' },
    closed:
      at(body, 'pull_request.merged') === true ? 'PULL_REQUEST_MERGED' : 'PULL_REQUEST_CLOSED',
  };
  const [event, head] = [
    ownValue(known, text(body, 'action')),
    commit(body, 'pull_request.head.sha'),
  ];
  const number = text(body, 'pull_request.number');
  if (!event || !head || !/^\d{1,10}$/.test(number)) return undefined;
  const from = text(body, 'pull_request.head.repo.full_name').toLowerCase();
  const association = text(body, 'pull_request.author_association');
  return {
    ...{ event, repository, actor, commit: head },
    headRef: `refs/heads/${text(body, 'pull_request.head.ref')}`,
    baseRef: `refs/heads/${text(body, 'pull_request.base.ref')}`,
    ...optional('previous', commit(body, 'pull_request.base.sha')),
    ...(event === 'PULL_REQUEST_MERGED' &&
      optional('mergeCommit', commit(body, 'pull_request.merge_commit_sha'))),
    pullRequest: {
      ...{ number, isFork: from !== repository.toLowerCase() },
      author: gitHubUser(body, 'pull_request.user', association),
    },
  };
}

function gitHubRelease(body: unknown, repository: string, actor: Actor): Read {
  const known: Record<string, string> = { released: 'RELEASED', prereleased: 'PRERELEASED' };
  const event = ownValue(known, text(body, 'action'));
  const tag = text(body, 'release.tag_name');
  if (!event || !tag) return undefined;
  const release = { tag, name: text(body, 'release.name') };
  return { ...{ event, repository, actor, release }, headRef: `refs/tags/${tag}` };
}

/** https://docs.gitlab.com/user/project/integrations/webhook_events */
function ofGitLab(_headers: Headers, body: unknown): Read {
  const repository = text(body, 'project.path_with_namespace');
  const kind = text(body, 'object_kind');
  const user = gitLabUser(text(body, 'user.id'));
  if (kind === 'push' || kind === 'tag_push') return gitLabPush(body, repository);
  if (kind === 'merge_request') return gitLabMergeRequest(body, repository, user);
  if (kind === 'release') return gitLabRelease(body, repository, user);
  if (kind === 'note' && text(body, 'object_attributes.noteable_type') === 'MergeRequest') {
    const its = approvedCommit(text(body, 'object_attributes.note'));
    const number = text(body, 'merge_request.iid');
    return its ? { repository, number, commit: its, actor: user } : undefined;
  }
  return undefined;
}

const gitLabUser = (id: string): Actor => ({ id, key: id, isOwner: false });

function gitLabPush(body: unknown, repository: string): Read {
  const after = commit(body, 'checkout_sha') ?? commit(body, 'after');
  if (!after || !commit(body, 'after')) return undefined;
  const commits = at(body, 'commits');
  const last = Array.isArray(commits)
    ? commits.find((one) => text(one, 'id') === after)
    : undefined;
  // It sends no more than twenty commits, and says how many there are.
  const isWhole = Number(text(body, 'total_commits_count') || 0) <= (commits as [])?.length;
  return {
    ...{ event: 'PUSH', repository, actor: gitLabUser(text(body, 'user_id')) },
    ...{ headRef: text(body, 'ref'), commit: after },
    ...optional('previous', commit(body, 'before')),
    message: text(last, 'message', MOST_MESSAGE),
    ...(isWhole && { paths: pathsOf(commits) }),
  };
}

function gitLabMergeRequest(body: unknown, repository: string, actor: Actor): Read {
  const known: Record<string, string> = {
    ...{ open: 'PULL_REQUEST_CREATED', reopen: 'PULL_REQUEST_REOPENED' },
    ...{ close: 'PULL_REQUEST_CLOSED', merge: 'PULL_REQUEST_MERGED' },
    // Of titles and labels it tells too, and has no earlier commit then.
    ...(commit(body, 'object_attributes.oldrev') && { update: 'PULL_REQUEST_UPDATED' }),
  };
  const event = ownValue(known, text(body, 'object_attributes.action'));
  const head = commit(body, 'object_attributes.last_commit.id');
  const number = text(body, 'object_attributes.iid');
  if (!event || !head || !/^\d{1,10}$/.test(number)) return undefined;
  const [from, to] = ['source', 'target'].map((its) =>
    text(body, `object_attributes.${its}_project_id`),
  );
  return {
    ...{ event, repository, actor, commit: head },
    headRef: `refs/heads/${text(body, 'object_attributes.source_branch')}`,
    baseRef: `refs/heads/${text(body, 'object_attributes.target_branch')}`,
    message: text(body, 'object_attributes.last_commit.message', MOST_MESSAGE),
    ...optional('mergeCommit', commit(body, 'object_attributes.merge_commit_sha')),
    pullRequest: {
      ...{ number, isFork: from === '' || from !== to },
      author: gitLabUser(text(body, 'object_attributes.author_id')),
    },
  };
}

function gitLabRelease(body: unknown, repository: string, actor: Actor): Read {
  const tag = text(body, 'tag');
  if (text(body, 'action') !== 'create' || !tag) return undefined;
  const release = { tag, name: text(body, 'name') };
  const its = optional('commit', commit(body, 'commit.id'));
  return { event: 'RELEASED', repository, actor, release, headRef: `refs/tags/${tag}`, ...its };
}

/** https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ */
function ofBitbucket(headers: Headers, body: unknown): Read {
  const event = headers['x-event-key'] ?? '';
  const repository = text(body, 'repository.full_name');
  const actor = bitbucketUser(body, 'actor');
  if (event === 'repo:push') return bitbucketPush(body, repository, actor);
  if (event === 'pullrequest:comment_created') {
    const its = approvedCommit(text(body, 'comment.content.raw'));
    const number = text(body, 'pullrequest.id');
    return its ? { repository, number, commit: its, actor } : undefined;
  }
  const known: Record<string, string> = {
    'pullrequest:created': 'PULL_REQUEST_CREATED',
    'pullrequest:updated': 'PULL_REQUEST_UPDATED',
    'pullrequest:fulfilled': 'PULL_REQUEST_MERGED',
    'pullrequest:rejected': 'PULL_REQUEST_CLOSED',
  };
  const its = ownValue(known, event);
  const number = text(body, 'pullrequest.id');
  if (!its || !/^\d{1,10}$/.test(number)) return undefined;
  const from = text(body, 'pullrequest.source.repository.full_name').toLowerCase();
  return {
    ...{ event: its, repository, actor },
    headRef: `refs/heads/${text(body, 'pullrequest.source.branch.name')}`,
    baseRef: `refs/heads/${text(body, 'pullrequest.destination.branch.name')}`,
    // Its webhook shortens the ids of commits.
    ...optional('commit', commit(body, 'pullrequest.source.commit.hash')),
    ...optional('mergeCommit', commit(body, 'pullrequest.merge_commit.hash')),
    pullRequest: {
      ...{ number, isFork: from !== repository.toLowerCase() },
      author: bitbucketUser(body, 'pullrequest.author'),
    },
  };
}

const bitbucketUser = (body: unknown, path: string): Actor => {
  const id = text(body, `${path}.account_id`) || text(body, `${path}.uuid`);
  return { id, key: id, isOwner: false };
};

/** Of several branches in one push the first that is left is told. */
function bitbucketPush(body: unknown, repository: string, actor: Actor): Read {
  const changes = at(body, 'push.changes');
  const one = (Array.isArray(changes) ? changes : []).find((it) => commit(it, 'new.target.hash'));
  if (!one) return undefined;
  const where = text(one, 'new.type') === 'tag' ? 'tags' : 'heads';
  return {
    ...{ event: 'PUSH', repository, actor },
    headRef: `refs/${where}/${text(one, 'new.name')}`,
    ...optional('commit', commit(one, 'new.target.hash')),
    ...optional('previous', commit(one, 'old.target.hash')),
    message: text(one, 'new.target.message', MOST_MESSAGE),
  };
}
