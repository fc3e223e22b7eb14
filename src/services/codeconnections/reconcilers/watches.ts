import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import type { Platform } from '../../../kit/service.ts';
import { PULL_REQUEST_CHANGED, REPOSITORY_CHANGED, repositoryChanged } from '../events.ts';
import {
  ASKED_MS,
  LOOK_AFTER_FAILURE_MS,
  MAX_REFERENCES,
  POLL_BESIDE_WEBHOOK_MS,
} from '../limits.ts';
import type { Connection } from '../model/connection.ts';
import { changes } from '../model/references.ts';
import { repositoryKey } from '../model/repository.ts';
import { sourceFailure } from '../sources/failure.ts';
import { installationOf, openRemote } from '../sources/remote.ts';
import { findConnectionByArn } from '../store/connections.ts';
import { deleteWatch, findWatch, saveWatch, type Watch } from '../store/watches.ts';
import { WATCHES } from './names.ts';

/**
 * Looks where the branches and tags of a repository elsewhere are, and tells of those that are not where they were. It goes
 * on as long as anybody listens, seldom where the provider's webhook works.
 */
export const watches = defineReconciler<Platform>({
  name: WATCHES,
  concurrency: 4,
  async reconcile(platform, id, signal) {
    const watch = await findWatch(platform.db, id);
    if (!watch) return undefined;
    const connection = await findConnectionByArn(platform.db, watch.connectionArn);
    if (!connection) return void (await platform.transaction((tx) => deleteWatch(tx, id)));
    if (!(await isHeard(platform, connection, watch))) return rest(platform, watch);
    // PENDING: whoever completes it wakes this.
    if (!(await installationOf(platform.db, connection, watch.fullRepositoryId))) return undefined;
    try {
      const found = await look(platform, connection, watch, signal);
      if (!(await tell(platform, connection, watch, found))) return 'now';
    } catch (error) {
      const failure = signal.aborted ? undefined : sourceFailure(error);
      if (!failure) throw error;
      await note(platform, watch, failure.message);
      return nextLook(platform, watch, failure.passes ? 0 : LOOK_AFTER_FAILURE_MS);
    }
    return nextLook(platform, watch);
  },
});

async function isHeard(
  { clock, events, transaction }: Platform,
  { accountId: account, region }: Connection,
  { askedAt, connectionArn, fullRepositoryId }: Watch,
): Promise<boolean> {
  if (clock.now().getTime() - askedAt.getTime() < ASKED_MS) return true;
  const about = `${connectionArn} ${repositoryKey(fullRepositoryId)}`;
  return transaction(async (tx) => {
    for (const type of [REPOSITORY_CHANGED, PULL_REQUEST_CHANGED]) {
      const kind = { account, region, 'detail-type': type, about };
      if (await events.mayWant(tx, kind)) return true;
    }
    return false;
  });
}

/** Nobody listens any more. What it knew would be old when somebody does again. */
async function rest(platform: Platform, { id }: Watch): Promise<undefined> {
  await platform.transaction(async (tx) => {
    const now = await findWatch(tx, id);
    if (!now) return;
    const { references: _, ...others } = now;
    await saveWatch(tx, { ...others, polled: false, version: now.version + 1 });
  });
}

/** What is wrong is the connection's, and said once. */
async function note(platform: Platform, { id }: Watch, failure: string): Promise<void> {
  const isNews = await platform.transaction(async (tx) => {
    const now = await findWatch(tx, id);
    if (!now || now.failure === failure) return false;
    await saveWatch(tx, { ...now, failure });
    return true;
  });
  const repository = { watch: id, reason: failure };
  if (isNews) platform.log.warn(repository, 'a repository of a connection cannot be looked at');
}

async function look(
  platform: Platform,
  connection: Connection,
  { fullRepositoryId }: Watch,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const remote = await openRemote(platform, connection, fullRepositoryId, signal);
  const found = await platform.git.remoteReferences(remote, signal);
  if (found.size > MAX_REFERENCES)
    throw new GitLimitError(`more than ${MAX_REFERENCES} branches and tags`);
  return found;
}

/** @returns false where a webhook has told of something meanwhile: then what was seen may be older */
async function tell(
  platform: Platform,
  connection: Connection,
  seen: Watch,
  found: Map<string, string>,
): Promise<boolean> {
  return platform.transaction(async (tx: Tx) => {
    const now = await findWatch(tx, seen.id);
    if (!now) return true;
    if (now.version !== seen.version) return false;
    const { references } = now;
    const changed = references ? changes(new Map(Object.entries(references)), found) : [];
    if (references && changed.length === 0 && now.failure === undefined) return true;
    for (const one of changed)
      await platform.events.publish(tx, repositoryChanged(connection, now.fullRepositoryId, one));
    const { failure: _, ...well } = now;
    const version = now.version + 1;
    await saveWatch(tx, { ...well, version, references: Object.fromEntries(found) });
    return true;
  });
}

function nextLook({ clock, config }: Platform, { webhookAt }: Watch, least = 0): Date {
  const usual = Math.max(config.connectionPollSeconds * 1000, least);
  const wait = webhookAt ? Math.max(POLL_BESIDE_WEBHOOK_MS, usual) : usual;
  return new Date(clock.now().getTime() + wait);
}
