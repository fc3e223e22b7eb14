import type { Tx } from '../../db/database.ts';
import type { NewEvent } from '../../engine/events.ts';
import type { Wants } from '../../kit/manifest.ts';
import type { Watching } from './model/action-type.ts';
import { branch, object } from './providers/watches.ts';
import { findWatchers, type WatchedSource } from './store.ts';

/** What a source action type watches. */
interface Watcher {
  provider: string;
  watching: Watching;
}

/** The source actions that watch what an event tells of. */
export async function watchersOf(
  tx: Tx,
  { provider, watching }: Watcher,
  event: NewEvent,
): Promise<WatchedSource[]> {
  const { resource, item } = watching.changed(event);
  if (!resource || !item) return [];
  const { account: accountId, region } = event;
  return findWatchers(tx, { accountId, region, provider, resource, item });
}

const wanted = ({ provider, watching }: Watcher) => ({
  [`codepipeline/${watching.name}`]: async (tx: Tx, event: NewEvent) =>
    (await watchersOf(tx, { provider, watching }, event)).length > 0,
});

/** Most branches and objects are watched by no pipeline: then nothing is delivered. */
export const wants: Wants = {
  ...wanted({ provider: 'CodeCommit', watching: branch }),
  ...wanted({ provider: 'S3', watching: object }),
};
