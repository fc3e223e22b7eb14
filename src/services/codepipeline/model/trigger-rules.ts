import { unsupported } from '../../../aws/errors.ts';
import { invalidStructure } from '../errors.ts';
import { type ActionFacts, findActionType } from './action-type.ts';
import type { Pipeline } from './declaration.ts';
import { compileGlob, GlobError } from './glob.ts';
import type { Filter, PullRequestFilter, PushFilter, Trigger } from './triggers.ts';

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

/** CP-C41 */
const filesAlone = (name: string) =>
  refused(name, 'filePaths cannot be specified without branches');

/** CP-C42 */
function validatePush(name: string, { tags, branches, filePaths }: PushFilter): void {
  if (tags && (branches || filePaths))
    throw refused(name, 'a push filter has either tags, or branches and file paths');
  if (filePaths && !branches) throw filesAlone(name);
  if (!tags && !branches) throw refused(name, 'a push filter must have tags or branches');
  for (const filter of [tags, branches, filePaths]) if (filter) validateFilter(name, filter);
}

function validatePullRequest(name: string, { branches, filePaths }: PullRequestFilter): void {
  if (filePaths && !branches) throw filesAlone(name);
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
