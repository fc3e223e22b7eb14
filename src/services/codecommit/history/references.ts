import { randomUUID } from 'node:crypto';
import { formatArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import type { Platform, ServiceContext } from '../../../kit/service.ts';
import { branchOf } from '../model/names.ts';
import {
  compareReferences,
  firstBranch,
  type References,
  referenceEvent,
} from '../model/references.ts';
import { findMergesInto } from '../store/merges.ts';
import {
  announcedReferences,
  deleteChange,
  insertChange,
  recordReferenceChange,
  whoBegan,
} from '../store/references.ts';
import {
  changeRepository,
  findRepositoryById,
  type RepositoryRecord,
} from '../store/repositories.ts';
import { askGit, type GitAnswers, stepsToTake, takeSteps } from './pull-requests.ts';
import { tellTriggers } from './triggers.ts';

/** Name of the reconciler that makes true what a crash interrupted. Its key is the repository id. */
export const REFERENCES = 'codecommit/references';

/** How long after a change has begun the reconciler looks whether it was announced. */
const FIRST_LOOK_MS = 3_000;

/** Changes are announced again when somebody else has announced in between; more often than this is a bug. */
const MOST_ATTEMPTS = 50;

/**
 * Runs something that may change references of a repository, and announces what it has changed.
 * That it was begun is committed first: if the server is killed in the middle, the reconciler announces
 * what has happened to git's references by then, and looks again while the rest may still happen.
 * @param allowed asked in the transaction that says that it begins: what it throws is thrown, and nothing is changed
 */
export async function changingReferences<T>(
  platform: Platform & Partial<Pick<ServiceContext, 'principal'>>,
  repositoryId: string,
  change: () => Promise<T>,
  allowed?: (tx: Tx) => Promise<void>,
): Promise<T> {
  const changeId = await platform.transaction(async (tx) => {
    await allowed?.(tx);
    return noteChange(platform, tx, repositoryId, platform.principal?.arn);
  });
  try {
    return await change();
  } finally {
    await announceReferences(platform, repositoryId, changeId);
  }
}

/** Lets the reconciler look whether a call that announces references has got to its end. */
export function lookSoon(
  { clock, engine }: Pick<Platform, 'clock' | 'engine'>,
  tx: Tx,
  repositoryId: string,
): Promise<void> {
  const at = new Date(clock.now().getTime() + FIRST_LOOK_MS);
  return engine.wake(tx, REFERENCES, repositoryId, at);
}

/** The first half of changingReferences, for changes that end in a callback: `announceReferences` with this id ends it. */
export async function beginChange(
  platform: Platform,
  repositoryId: string,
  userArn?: string,
): Promise<string> {
  return platform.transaction((tx) => noteChange(platform, tx, repositoryId, userArn));
}

/** The same in a transaction that says more of the change. */
export async function noteChange(
  platform: Pick<Platform, 'clock' | 'engine'>,
  tx: Tx,
  repositoryId: string,
  userArn: string | undefined,
): Promise<string> {
  const changeId = randomUUID();
  await insertChange(tx, { changeId, repositoryId, now: platform.clock.now(), userArn });
  await lookSoon(platform, tx, repositoryId);
  return changeId;
}

/**
 * Compares git's references with those that were announced; publishes the difference and remembers it, in one
 * transaction. May run at any time, by several at once: whoever read git's references before another one's
 * commit reads them again, so that nothing is announced twice or backwards.
 */
export async function announceReferences(
  platform: Platform,
  repositoryId: string,
  endedChange?: string,
): Promise<void> {
  const answers: GitAnswers = new Map();
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const seen = await findRepositoryById(platform.db, repositoryId);
    if (!seen) return; // deleted, and with it what was announced
    const references = await platform.git.repository(repositoryId).references();
    const actual: References = new Map(references.map(({ name, id }) => [name, id]));
    await askGit(platform, repositoryId, actual, answers);
    const done = await platform.transaction(async (tx) => {
      const repository = await findRepositoryById(tx, repositoryId);
      if (!repository) return true;
      if (repository.generation !== seen.generation) return false;
      const steps = await stepsToTake(tx, repositoryId, actual, answers);
      if (!steps) return false;
      const began = await whoBegan(tx, repositoryId, endedChange);
      // Of a change that was begun before this was noted, the account alone is known.
      const userArn = began ?? rootArn(repository);
      if (endedChange) await deleteChange(tx, endedChange);
      await announce(platform, tx, repository, { actual, userArn });
      await takeSteps(platform, tx, { steps, userArn });
      return true;
    });
    if (done && !seen.defaultBranch) await alignHead(platform, repositoryId);
    if (done) return;
  }
  throw new Error(`References of repository ${repositoryId} change faster than they are announced`);
}

const rootArn = ({ accountId }: RepositoryRecord) =>
  formatArn({ service: 'iam', region: '', accountId, resource: 'root' });

async function announce(
  platform: Platform,
  tx: Tx,
  repository: RepositoryRecord,
  { actual, userArn }: { actual: References; userArn: string },
): Promise<void> {
  const { repositoryId } = repository;
  const changes = compareReferences(await announcedReferences(tx, repositoryId), actual);
  const defaultBranch = repository.defaultBranch ?? firstBranch(actual);
  if (changes.length === 0 && defaultBranch === repository.defaultBranch) return;
  const merges = await findMergesInto(tx, repositoryId, changes);
  for (const change of changes) {
    await recordReferenceChange(tx, repositoryId, change);
    const event = referenceEvent(repository, change, merges.get(change.name));
    if (event) await platform.events.publish(tx, event);
  }
  await tellTriggers(platform, tx, repository, { changes, userArn });
  await changeRepository(tx, repositoryId, {
    generation: repository.generation + 1,
    modified: platform.clock.now(),
    ...(defaultBranch !== undefined && { defaultBranch }),
  });
}

/**
 * Git's HEAD follows the default branch: clones check it out, and git refuses to delete it. HEAD goes only to a branch that
 * is there, in the same turn in which references move; so a branch is either deleted before it becomes the default one,
 * and that is taken back, or not at all.
 */
export async function alignHead(platform: Platform, repositoryId: string): Promise<void> {
  const git = platform.git.repository(repositoryId);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const repository = await findRepositoryById(platform.db, repositoryId);
    if (!repository?.defaultBranch) return;
    const wanted = `refs/heads/${repository.defaultBranch}`;
    if ((await git.head()) === wanted) return;
    if (!(await git.setHead(wanted, { there: true })))
      await takeBackDefault(platform, repositoryId, repository.defaultBranch);
  }
  throw new Error(`The default branch of ${repositoryId} changes faster than HEAD follows it`);
}

/** A default branch that is gone was none: the one before stays, at which HEAD still is. Where that is gone, too, the first one becomes it. */
async function takeBackDefault(
  platform: Platform,
  repositoryId: string,
  gone: string,
): Promise<void> {
  const git = platform.git.repository(repositoryId);
  const head = await git.head();
  const [there] = await git.references([head]);
  const defaultBranch = (there && branchOf(head)) ?? null;
  await platform.transaction(async (tx) => {
    const repository = await findRepositoryById(tx, repositoryId);
    if (repository?.defaultBranch !== gone) return;
    await changeRepository(tx, repositoryId, { defaultBranch });
    if (defaultBranch === null) await platform.engine.wake(tx, REFERENCES, repositoryId);
  });
}
