import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { pullRequestChanged, repositoryChanged } from '../events.ts';
import type { Connection } from '../model/connection.ts';
import { referenceNamed } from '../model/references.ts';
import type { PullRequest, Push, Told } from '../model/webhook.ts';
import { WATCHES } from '../reconcilers/names.ts';
import { findWatchOf, notePullRequest, saveWatch, type Watch } from '../store/watches.ts';

/** What follows from what a provider has told. @returns what is said to it */
export async function heed(
  platform: Platform,
  connection: Connection,
  told: Told,
): Promise<string> {
  if (told.kind === 'nothing') return 'Nothing follows from this.';
  return platform.transaction(async (tx) => {
    const watch = await findWatchOf(tx, connection.arn, told.repository);
    if (!watch) return 'Nobody watches this repository.';
    const now = { ...watch, webhookAt: platform.clock.now() };
    if (told.kind === 'pull-request') {
      await saveWatch(tx, now);
      return heedPullRequest(platform, tx, { connection, watch }, told.pullRequest);
    }
    return heedPush(platform, tx, { connection, watch: now }, told);
  });
}

interface Place {
  connection: Connection;
  watch: Watch;
}

/**
 * A push that goes on where we know the branch to be is told at once, as itself: several of one moment stay several. All
 * else (calls that come twice, or in another order) makes us look, and what is seen counts.
 */
async function heedPush(
  platform: Platform,
  tx: Tx,
  { connection, watch }: Place,
  { references: pushed }: Push,
): Promise<string> {
  const references = new Map(Object.entries(watch.references ?? {}));
  let { version } = watch;
  let isOdd = false;
  for (const { name: full, before, after } of pushed) {
    const named = referenceNamed(full);
    if (!named || references.get(full) === after) continue;
    const isNext = watch.references !== undefined && references.get(full) === before;
    // Of a tag a provider may tell its own id, and not its commit's.
    if (!isNext || named.type === 'tag') {
      isOdd = true;
      continue;
    }
    if (after === undefined) references.delete(full);
    else references.set(full, after);
    version += 1;
    const change = { ...named, before, after };
    await platform.events.publish(
      tx,
      repositoryChanged(connection, watch.fullRepositoryId, change),
    );
  }
  const known = watch.references && { references: Object.fromEntries(references) };
  await saveWatch(tx, { ...watch, ...known, version, polled: true });
  if (isOdd || !watch.polled) await platform.engine.wake(tx, WATCHES, watch.id);
  return 'Heard.';
}

async function heedPullRequest(
  platform: Platform,
  tx: Tx,
  { connection, watch }: Place,
  pullRequest: PullRequest,
): Promise<string> {
  const { number, event, sourceCommit } = pullRequest;
  const isNew = await notePullRequest(tx, watch.id, number, `${event} ${sourceCommit}`);
  if (!isNew) return 'This is known.';
  const told = pullRequestChanged(connection, watch.fullRepositoryId, pullRequest);
  await platform.events.publish(tx, told);
  return 'Heard.';
}
