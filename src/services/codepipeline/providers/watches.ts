import type { Watching } from '../model/action-type.ts';

// What the source action types watch, apart from the types: whether an event is wanted is asked before a client package is loaded.

/** CP-C7 */
export const branch: Watching = {
  name: 'branch-moved',
  pattern: {
    'detail-type': ['CodeCommit Repository State Change'],
    detail: { event: ['referenceCreated', 'referenceUpdated'], referenceType: ['branch'] },
  },
  source: (setting) =>
    setting('PollForSourceChanges') === 'true'
      ? { resource: setting('RepositoryName'), item: setting('BranchName') }
      : undefined,
  changed: ({ detail }) => ({
    resource: String(detail.repositoryName),
    item: String(detail.referenceName),
    revision: { revisionType: 'COMMIT_ID', revisionValue: String(detail.commitId) },
  }),
};

/** Of the event's detail, what is read of it. */
interface ObjectCreated {
  bucket?: { name: string };
  object?: { key: string; 'version-id'?: string };
}

export const object: Watching = {
  name: 'object-created',
  pattern: { source: ['aws.s3'], 'detail-type': ['Object Created'] },
  source: (setting) =>
    setting('PollForSourceChanges') === 'true'
      ? { resource: setting('S3Bucket'), item: setting('S3ObjectKey') }
      : undefined,
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
