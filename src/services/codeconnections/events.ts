import type { NewEvent } from '../../engine/events.ts';
import type { Connection } from './model/connection.ts';
import type { ReferenceChange } from './model/references.ts';
import type { PullRequest } from './model/webhook.ts';

/*
 * AWS tells nobody but its own services of changes of a connection's repositories, and publishes no events of them. Here they
 * are events like all others, which rules of EventBridge may have too: docs/decisions/connections.md.
 */
export const REPOSITORY_CHANGED = 'CodeConnections Repository State Change';
export const PULL_REQUEST_CHANGED = 'CodeConnections Pull Request State Change';

const event = (
  { accountId: account, region, arn, providerType }: Connection,
  detailType: string,
  fullRepositoryId: string,
  detail: Record<string, unknown>,
): NewEvent => ({
  'detail-type': detailType,
  source: 'aws.codeconnections',
  ...{ account, region, resources: [arn] },
  detail: { connectionArn: arn, providerType, fullRepositoryId, ...detail },
});

export function repositoryChanged(
  connection: Connection,
  fullRepositoryId: string,
  { type, name, before, after }: ReferenceChange,
): NewEvent {
  const kind = after === undefined ? 'Deleted' : before === undefined ? 'Created' : 'Updated';
  return event(connection, REPOSITORY_CHANGED, fullRepositoryId, {
    event: `reference${kind}`,
    referenceType: type,
    referenceName: name,
    referenceFullName: `refs/${type === 'tag' ? 'tags' : 'heads'}/${name}`,
    ...(after !== undefined && { commitId: after }),
    ...(before !== undefined && { oldCommitId: before }),
  });
}

export function pullRequestChanged(
  connection: Connection,
  fullRepositoryId: string,
  { event: what, number, ...its }: PullRequest,
): NewEvent {
  return event(connection, PULL_REQUEST_CHANGED, fullRepositoryId, {
    event: what,
    pullRequestId: number,
    ...its,
  });
}
