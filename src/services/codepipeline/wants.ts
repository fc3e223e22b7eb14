import type { Tx } from '../../db/database.ts';
import type { NewEvent } from '../../engine/events.ts';
import type { Wants } from '../../kit/manifest.ts';
import { findWatchers, type WatchedSource } from './store.ts';

type Detail = Record<string, unknown>;
const text = (value: unknown) => (typeof value === 'string' ? value : '');
const object = (value: unknown) => (value ?? {}) as Detail;

/** The source actions that watch the branch that an event tells of. */
export function watchersOfBranch(
  tx: Tx,
  { account, region, detail }: NewEvent,
): Promise<WatchedSource[]> {
  return findWatchers(tx, {
    ...{ accountId: account, region, provider: 'CodeCommit' },
    resource: text(detail.repositoryName),
    item: text(detail.referenceName),
  });
}

/** The source actions that watch the object that an event tells of. */
export function watchersOfObject(
  tx: Tx,
  { account, region, detail }: NewEvent,
): Promise<WatchedSource[]> {
  return findWatchers(tx, {
    ...{ accountId: account, region, provider: 'S3' },
    resource: text(object(detail.bucket).name),
    item: text(object(detail.object).key),
  });
}

/** Most branches and objects are watched by no pipeline: then nothing is delivered. */
export const wants = {
  'codepipeline/branch-moved': async (tx, event) => (await watchersOfBranch(tx, event)).length > 0,
  'codepipeline/object-created': async (tx, event) =>
    (await watchersOfObject(tx, event)).length > 0,
} satisfies Wants;
