import type { AwsEvent } from '../../../engine/events.ts';
import type { Changed, Setting, Watching } from '../model/action-type.ts';

// What the source action types watch, apart from the types: whether an event is wanted is asked before a client package is loaded.

const polls = (setting: Setting) => setting('PollForSourceChanges') === 'true';

/** CP-C7 */
export const branch: Watching = {
  name: 'branch-moved',
  pattern: {
    'detail-type': ['CodeCommit Repository State Change'],
    detail: { event: ['referenceCreated', 'referenceUpdated'], referenceType: ['branch', 'tag'] },
  },
  source: (setting) => ({ resource: setting('RepositoryName'), item: setting('BranchName') }),
  ...{ detects: polls, polled: true },
  triggers: ['push'],
  changed: ({ detail }) => ({ resource: String(detail.repositoryName), ...pushed(detail) }),
};

/** What a push changes; a tag is something that only triggers ask for. */
function pushed(detail: AwsEvent['detail']): Omit<Changed, 'resource'> {
  const [name, revisionValue] = [String(detail.referenceName), String(detail.commitId)];
  const isTag = detail.referenceType === 'tag';
  const variables: Record<string, string> = isTag ? { TagName: name } : { BranchName: name };
  return {
    item: isTag ? undefined : name,
    revision: { revisionType: 'COMMIT_ID', revisionValue, variables },
    change: { kind: isTag ? 'tag' : 'branch', name },
  };
}

/** A connection's repository, by both their names: providers take names in any case. */
export const connectedTo = (connectionArn = '', fullRepositoryId = '') =>
  `${connectionArn} ${fullRepositoryId.toLowerCase()}`;

const PULL_REQUEST_EVENTS = {
  pullRequestCreated: 'OPEN',
  pullRequestUpdated: 'UPDATED',
  pullRequestClosed: 'CLOSED',
} as const;

/** CP-B4, CP-C42 */
export const connectedRepository: Watching = {
  name: 'connected-repository-changed',
  pattern: {
    source: ['aws.codeconnections'],
    'detail-type': [
      'CodeConnections Repository State Change',
      'CodeConnections Pull Request State Change',
    ],
    detail: {
      event: ['referenceCreated', 'referenceUpdated', ...Object.keys(PULL_REQUEST_EVENTS)],
    },
  },
  source: (setting) => ({
    resource: connectedTo(setting('ConnectionArn'), setting('FullRepositoryId')),
    item: setting('BranchName'),
  }),
  detects: (setting) => setting('DetectChanges') === 'true',
  region: (resource) => resource.split(':')[3],
  about: (about) => about,
  triggers: ['push', 'pull-request'],
  changed({ detail }) {
    const { connectionArn, fullRepositoryId } = detail as Record<string, string>;
    const resource = connectedTo(connectionArn, fullRepositoryId);
    const trigger = { triggerType: 'WebhookV2', triggerDetail: connectionArn ?? '' } as const;
    const its = 'pullRequestId' in detail ? ofPullRequest(detail) : pushed(detail);
    return { resource, trigger, ...its };
  },
};

/** GitHub's first action type names a repository and no connection (CP-B5). */
export const gitHubRepository: Watching = {
  name: 'github-repository-changed',
  pattern: {
    source: ['aws.codeconnections'],
    'detail-type': ['CodeConnections Repository State Change'],
    detail: { event: ['referenceCreated', 'referenceUpdated'], referenceType: ['branch'] },
  },
  source: (setting) => ({
    resource: ofGitHub(`${setting('Owner')}/${setting('Repo')}`),
    item: setting('Branch'),
  }),
  // It begins with the connection, which may be any.
  about: (about) => ofGitHub(about.slice(about.indexOf(' ') + 1)),
  ...{ detects: polls, polled: true },
  changed: ({ detail }) => ({
    resource: ofGitHub(String(detail.fullRepositoryId)),
    ...pushed(detail),
  }),
};

const ofGitHub = (fullRepositoryId: string) => `GitHub ${fullRepositoryId.toLowerCase()}`;

/** It is about the branch that it comes from, and asked for by the one that it goes to (CP-C42). */
function ofPullRequest(detail: AwsEvent['detail']): Omit<Changed, 'resource'> {
  const its = detail as Record<string, string>;
  const { sourceBranch = '', destinationBranch = '', pullRequestId = '', title = '' } = its;
  return {
    item: undefined,
    revision: {
      revisionType: 'COMMIT_ID',
      revisionValue: its.sourceCommit ?? '',
      variables: {
        ...{ BranchName: sourceBranch, SourceBranchName: sourceBranch },
        ...{ DestinationBranchName: destinationBranch },
        ...{ PullRequestId: pullRequestId, PullRequestTitle: title },
      },
    },
    change: {
      kind: 'pull-request',
      event: PULL_REQUEST_EVENTS[its.event as keyof typeof PULL_REQUEST_EVENTS] ?? 'OPEN',
      branch: destinationBranch,
    },
  };
}

/** What the project of a build is called that CodePipeline runs for an action of its own (Commands): no project can be called so. */
export const OWN_BUILDS = 'codepipeline/';

/** Of the event's detail, what is read of it. */
interface ObjectCreated {
  bucket?: { name: string };
  object?: { key: string; 'version-id'?: string };
}

export const object: Watching = {
  name: 'object-created',
  pattern: { source: ['aws.s3'], 'detail-type': ['Object Created'] },
  source: (setting) => ({ resource: setting('S3Bucket'), item: setting('S3ObjectKey') }),
  ...{ detects: polls, polled: true },
  changed: ({ detail }) => {
    const { bucket, object } = detail as unknown as ObjectCreated;
    const version = object?.['version-id'];
    return {
      resource: bucket?.name,
      item: object?.key,
      ...(version && {
        revision: { revisionType: 'S3_OBJECT_VERSION_ID', revisionValue: version },
      }),
    };
  },
};
