import { unsupported } from '../../../aws/errors.ts';
import { invalidStructure } from '../errors.ts';
import { type ActionFacts, findActionType } from './action-type.ts';
import type { Pipeline } from './declaration.ts';
import { compileGlob, GlobError } from './glob.ts';

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

/** @throws InvalidStructureException */
export function validateTriggers(pipeline: Pipeline, types: readonly ActionFacts[]): void {
  const seen = new Set<string>();
  for (const trigger of (pipeline.triggers ?? []) as Trigger[]) {
    const { sourceActionName: name, push, pullRequest } = trigger.gitConfiguration;
    const action = pipeline.stages[0]?.actions.find((one) => one.name === name);
    if (!action) throw refused(name, 'there is no such source action');
    if (seen.has(name)) throw refused(name, 'a source action can have one trigger only');
    seen.add(name);
    const triggers = findActionType(types, action.actionTypeId)?.watches?.triggers;
    if (!triggers)
      throw refused(name, `an action of ${action.actionTypeId.provider} can have no trigger`);
    if (pullRequest && !triggers.includes('pull-request'))
      throw unsupported(`pull requests as triggers of ${action.actionTypeId.provider}`);
    for (const filter of push ?? []) validatePush(name, filter);
    for (const filter of pullRequest ?? []) validatePullRequest(name, filter);
  }
}

const refused = (name: string, why: string) =>
  invalidStructure(`Trigger of the source action '${name}' is not valid: ${why}`);

/** CP-C42 */
function validatePush(name: string, { tags, branches, filePaths }: PushFilter): void {
  if (tags && (branches || filePaths))
    throw refused(name, 'a push filter has either tags, or branches and file paths');
  if (!tags && !branches) throw refused(name, 'a push filter must have tags or branches');
  for (const filter of [tags, branches, filePaths]) if (filter) validateFilter(name, filter);
}

function validatePullRequest(name: string, { branches, filePaths }: PullRequestFilter): void {
  if (!branches) throw refused(name, 'a pull request filter must have branches');
  for (const filter of [branches, filePaths]) if (filter) validateFilter(name, filter);
}

function validateFilter(name: string, { includes = [], excludes = [] }: Filter): void {
  if (includes.length + excludes.length === 0)
    throw refused(name, 'a filter must have includes or excludes');
  for (const glob of [...includes, ...excludes]) {
    try {
      compileGlob(glob);
    } catch (error) {
      if (!(error instanceof GlobError)) throw error;
      throw refused(name, `the pattern '${glob}' cannot be used: ${error.message}`);
    }
  }
}
