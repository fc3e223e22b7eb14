import { at, commit, type Headers, text } from '../../../kit/forges/payload.ts';
import { ownValue } from '../../../lib/own.ts';

/** What providers say of a change, in one form. Nothing of it is believed but what a commit's id and a name can be. */

export interface Push {
  kind: 'push';
  repository: string;
  /** Full names. Absent ids: it was made, or is gone. */
  references: { name: string; before: string | undefined; after: string | undefined }[];
}

export interface PullRequest {
  event: 'pullRequestCreated' | 'pullRequestUpdated' | 'pullRequestClosed';
  number: string;
  title: string;
  author: string;
  isMerged: boolean;
  sourceBranch: string;
  destinationBranch: string;
  sourceCommit: string;
  destinationCommit?: string;
}

export type Told =
  | Push
  | { kind: 'pull-request'; repository: string; pullRequest: PullRequest }
  | { kind: 'nothing' };

/** What a request of a provider's tells, by its headers. Undefined: it is of no provider that is known. */
export function readWebhook(headers: Headers, body: unknown): Told | undefined {
  // Gitea and its kin send GitHub's headers too.
  const github = headers['x-github-event'] ?? headers['x-gitea-event'];
  if (github !== undefined) return ofGitHub(github, body);
  const gitlab = headers['x-gitlab-event'];
  if (gitlab !== undefined) return ofGitLab(body);
  const bitbucket = headers['x-event-key'];
  return bitbucket === undefined ? undefined : ofBitbucket(bitbucket, body);
}

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads */
function ofGitHub(event: string, body: unknown): Told {
  const repository = text(body, 'repository.full_name');
  if (event === 'push' || event === 'create' || event === 'delete') {
    // A push tells of both others, too.
    if (event !== 'push') return { kind: 'nothing' };
    const its = { name: text(body, 'ref'), before: commit(body, 'before') };
    return { kind: 'push', repository, references: [{ ...its, after: commit(body, 'after') }] };
  }
  if (event !== 'pull_request' && event !== 'pull_request_sync') return { kind: 'nothing' };
  const known: Record<string, PullRequest['event']> = {
    opened: 'pullRequestCreated',
    reopened: 'pullRequestCreated',
    synchronize: 'pullRequestUpdated',
    synchronized: 'pullRequestUpdated',
    closed: 'pullRequestClosed',
  };
  return pullRequest(repository, ownValue(known, text(body, 'action')), {
    number: text(body, 'pull_request.number'),
    title: text(body, 'pull_request.title'),
    author: text(body, 'pull_request.user.login'),
    isMerged: at(body, 'pull_request.merged') === true,
    sourceBranch: text(body, 'pull_request.head.ref'),
    destinationBranch: text(body, 'pull_request.base.ref'),
    sourceCommit: commit(body, 'pull_request.head.sha'),
    destinationCommit: commit(body, 'pull_request.base.sha'),
  });
}

/** https://docs.gitlab.com/user/project/integrations/webhook_events */
function ofGitLab(body: unknown): Told {
  const repository = text(body, 'project.path_with_namespace');
  const kind = text(body, 'object_kind');
  if (kind === 'push' || kind === 'tag_push') {
    const its = { name: text(body, 'ref'), before: commit(body, 'before') };
    // Of an annotated tag `after` is the tag's own id.
    const after = commit(body, 'checkout_sha') ?? commit(body, 'after');
    return { kind: 'push', repository, references: [{ ...its, after }] };
  }
  if (kind !== 'merge_request') return { kind: 'nothing' };
  const action = text(body, 'object_attributes.action');
  const known: Record<string, PullRequest['event']> = {
    open: 'pullRequestCreated',
    reopen: 'pullRequestCreated',
    close: 'pullRequestClosed',
    merge: 'pullRequestClosed',
    // Of titles and labels it tells too, and has no earlier commit then.
    ...(commit(body, 'object_attributes.oldrev') && { update: 'pullRequestUpdated' as const }),
  };
  return pullRequest(repository, ownValue(known, action), {
    number: text(body, 'object_attributes.iid'),
    title: text(body, 'object_attributes.title'),
    author: text(body, 'user.username'),
    isMerged: action === 'merge',
    sourceBranch: text(body, 'object_attributes.source_branch'),
    destinationBranch: text(body, 'object_attributes.target_branch'),
    sourceCommit: commit(body, 'object_attributes.last_commit.id'),
    destinationCommit: undefined,
  });
}

/** https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ */
function ofBitbucket(event: string, body: unknown): Told {
  const repository = text(body, 'repository.full_name');
  if (event === 'repo:push') {
    const pushed = at(body, 'push.changes');
    const references = (Array.isArray(pushed) ? pushed : []).map((one) => {
      const type = text(one, 'new.type') || text(one, 'old.type');
      const name = text(one, 'new.name') || text(one, 'old.name');
      return {
        name: `refs/${type === 'tag' ? 'tags' : 'heads'}/${name}`,
        before: commit(one, 'old.target.hash'),
        after: commit(one, 'new.target.hash'),
      };
    });
    return { kind: 'push', repository, references };
  }
  const known: Record<string, PullRequest['event']> = {
    'pullrequest:created': 'pullRequestCreated',
    'pullrequest:updated': 'pullRequestUpdated',
    'pullrequest:fulfilled': 'pullRequestClosed',
    'pullrequest:rejected': 'pullRequestClosed',
  };
  // Its commits are abbreviated, and asked for at the provider: the branch's head says which one it is.
  return pullRequest(repository, ownValue(known, event), {
    number: text(body, 'pullrequest.id'),
    title: text(body, 'pullrequest.title'),
    author: text(body, 'pullrequest.author.nickname'),
    isMerged: event === 'pullrequest:fulfilled',
    sourceBranch: text(body, 'pullrequest.source.branch.name'),
    destinationBranch: text(body, 'pullrequest.destination.branch.name'),
    sourceCommit: commit(body, 'pullrequest.source.commit.hash'),
    destinationCommit: commit(body, 'pullrequest.destination.commit.hash'),
  });
}

type Said = Omit<PullRequest, 'event' | 'sourceCommit' | 'destinationCommit'> &
  Record<'sourceCommit' | 'destinationCommit', string | undefined>;

function pullRequest(
  repository: string,
  event: PullRequest['event'] | undefined,
  { sourceCommit, destinationCommit, ...its }: Said,
): Told {
  if (event === undefined || sourceCommit === undefined || its.number === '')
    return { kind: 'nothing' };
  const more = destinationCommit === undefined ? {} : { destinationCommit };
  return {
    kind: 'pull-request',
    repository,
    pullRequest: { event, ...its, sourceCommit, ...more },
  };
}
