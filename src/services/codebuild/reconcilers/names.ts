import type { Owner } from '../store/tables.ts';

// The keys of all of them are builds' keys, from `buildKey`.

/** The machine of a build. */
export const BUILD = 'codebuild/build';
/** Does the work of a build's phases. */
export const WORK = 'codebuild/work';
/** Ends the driver of a build that StopBuild was called for. */
export const STOP = 'codebuild/stop-build';

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
