import type { Pipeline } from './declaration.ts';
import { compileGlob } from './glob.ts';

// Which changes of a source start a pipeline (CP-C41..C43). Pure.

/** Of names or paths: those that an include takes, and no exclude. */
export interface Filter {
  includes?: string[] | undefined;
  excludes?: string[] | undefined;
}

export interface PushFilter {
  tags?: Filter | undefined;
  branches?: Filter | undefined;
  filePaths?: Filter | undefined;
}

export interface PullRequestFilter {
  events?: ('OPEN' | 'UPDATED' | 'CLOSED')[] | undefined;
  branches?: Filter | undefined;
  filePaths?: Filter | undefined;
}

export interface Trigger {
  providerType: string;
  gitConfiguration: {
    sourceActionName: string;
    push?: PushFilter[] | undefined;
    pullRequest?: PullRequestFilter[] | undefined;
  };
}

/** What has happened in a repository. */
export type Change =
  | { kind: 'branch'; name: string }
  | { kind: 'tag'; name: string }
  /** `branch`: into which it is to be merged. */
  | { kind: 'pull-request'; event: 'OPEN' | 'UPDATED' | 'CLOSED'; branch: string };

/**
 * Does the change start the pipeline? Filters are alternatives; what one asks for is asked for together.
 * @param files those that the change changed; undefined where that is not known yet
 * @returns `files` where it depends on them
 */
export function decide(
  { gitConfiguration: { push, pullRequest } }: Trigger,
  change: Change,
  files?: readonly string[],
): boolean | 'files' {
  const filters: (PushFilter & PullRequestFilter)[] =
    (change.kind === 'pull-request' ? pullRequest : push) ?? [];
  const named = filters.filter((filter) => isNamed(filter, change));
  if (named.some(({ filePaths }) => filePaths === undefined)) return true;
  if (named.length === 0) return false;
  if (files === undefined) return 'files';
  return named.some(({ filePaths }) => {
    const takes = passing(filePaths ?? {});
    return files.some(takes);
  });
}

function isNamed({ tags, branches, events }: PushFilter & PullRequestFilter, change: Change) {
  if (change.kind === 'tag') return tags !== undefined && passing(tags)(change.name);
  if (branches === undefined) return false;
  if (change.kind === 'branch') return passing(branches)(change.name);
  return (events ?? ALL_EVENTS).includes(change.event) && passing(branches)(change.branch);
}

const ALL_EVENTS = ['OPEN', 'UPDATED', 'CLOSED'] as const;

/** An exclude beats every include; without includes all are taken (CP-C41). */
function passing({ includes, excludes = [] }: Filter): (name: string) => boolean {
  const [taken, left] = [includes?.map(compileGlob), excludes.map(compileGlob)];
  return (name) =>
    !left.some((glob) => glob.test(name)) && (taken?.some((glob) => glob.test(name)) ?? true);
}

/** The trigger that a source action has. */
export function triggerOf(
  { triggers }: Pick<Pipeline, 'triggers'>,
  actionName: string,
): Trigger | undefined {
  return (triggers as Trigger[] | undefined)?.find(
    ({ gitConfiguration }) => gitConfiguration.sourceActionName === actionName,
  );
}

/** One without filters starts the pipeline as the source action would itself. */
export const isFiltering = ({ gitConfiguration: { push, pullRequest } }: Trigger): boolean =>
  push !== undefined || pullRequest !== undefined;
