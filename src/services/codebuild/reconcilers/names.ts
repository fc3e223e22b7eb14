import type { Owner } from '../store/tables.ts';

// The keys of all of them but the last two are builds' keys, from `buildKey`.

/** The machine of a build. */
export const BUILD = 'codebuild/build';
/** Does the work of a build's phases. */
export const WORK = 'codebuild/work';
/** Ends the driver of a build that StopBuild was called for. */
export const STOP = 'codebuild/stop-build';
/** Clears away what a build has left that could not be cleared away before it was over. */
export const LEFTOVERS = 'codebuild/leftovers';
/** Deletes a report that has expired. */
export const EXPIRE_REPORT = 'codebuild/expire-report';

/** Clears away what is kept for builds to come and is not asked for any more; its one key is `ALL_CACHES`. */
export const LOCAL_CACHES = 'codebuild/local-caches';
export const ALL_CACHES = 'all';
/** Removes what stands for a VPC or a file system; its keys are as a build's are, with a kind and a name for an id. */
export const PLACES = 'codebuild/places';
/** Tells a forge of a build; its keys are those of the statuses. */
export const COMMIT_STATUS = 'codebuild/commit-status';

/** The key of a build for the engine. */
export function buildKey({ accountId, region }: Owner, id: string): string {
  return `${accountId}/${region}/${id}`;
}

export function parseBuildKey(key: string): Owner & { id: string } {
  const [accountId = '', region = '', ...rest] = key.split('/');
  return { accountId, region, id: rest.join('/') };
}

/** What rings when a build has other work than it had, or its driver is to stop. */
export const workTopic = (key: string): string => `codebuild/work/${key}`;
/** What rings when a build is complete. */
export const endTopic = (key: string): string => `codebuild/ended/${key}`;

/** Tells a sandbox of its commands. */
export const SANDBOX_COMMANDS = 'codebuild/sandbox-commands';

// Batches, whose keys are of the same form.

/** The machine of a batch. */
export const BATCH = 'codebuild/batch';
/** Starts and stops the builds of a batch, and combines their artifacts. */
export const BATCH_WORK = 'codebuild/batch-work';

/** What rings when a batch is complete. */
export const batchEndTopic = (key: string): string => `codebuild/batch-ended/${key}`;
