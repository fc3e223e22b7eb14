import type {
  Project,
  PullRequestBuildPolicy,
  ScopeConfiguration,
  WebhookFilter,
} from '@aws-sdk/client-codebuild';
import { unsupported } from '../../../../aws/errors.ts';
import {
  type Forge,
  isForge,
  kindOf,
  WEBHOOK_LOCATION,
} from '../../../../kit/forges/repository.ts';
import { RuleError } from '../rule-error.ts';
import { compilePattern, eventsOf } from './filters.ts';
import { EVENTS } from './told.ts';

/** What CreateWebhook and UpdateWebhook say of a webhook. */
export interface WebhookSettings {
  branchFilter?: string | undefined;
  filterGroups?: WebhookFilter[][] | undefined;
  buildType?: string | undefined;
  manualCreation?: boolean | undefined;
  scopeConfiguration?: ScopeConfiguration | undefined;
  pullRequestBuildPolicy?: PullRequestBuildPolicy | undefined;
}

/** Of one webhook: what one event may cost. */
const MOST_FILTERS = 100;
const RELEASES = ['RELEASED', 'PRERELEASED'];

const wrong = (message: string) => new RuleError(`Invalid webhook: ${message}`);

/** Checks a webhook of a project. @returns its forge @throws RuleError, and NotImplemented for runners */
export function checkWebhook(project: Project, settings: WebhookSettings): Forge {
  const { type: forge } = project.source ?? {};
  if (!isForge(forge))
    throw new RuleError(`Invalid project source: a project of source type ${forge} has no webhook`);
  const { buildType, manualCreation, branchFilter, filterGroups = [] } = settings;
  if (buildType === 'RUNNER_BUILDKITE_BUILD') throw unsupported('buildType RUNNER_BUILDKITE_BUILD');
  if (buildType === 'BUILD_BATCH' && !project.buildBatchConfig)
    throw wrong('buildType BUILD_BATCH needs the buildBatchConfig of its project');
  if (manualCreation && kindOf(forge) !== 'github')
    throw wrong('manualCreation is only for GITHUB and GITHUB_ENTERPRISE');
  if (branchFilter && filterGroups.length > 0)
    throw wrong('branchFilter and filterGroups do not go together');
  if (branchFilter) checkPattern('branchFilter', branchFilter);
  checkScope(forge, project.source?.location, settings.scopeConfiguration);
  if (filterGroups.flat().length > MOST_FILTERS)
    throw wrong(`it has more than ${MOST_FILTERS} filters`);
  for (const group of filterGroups) checkGroup(forge, group, settings.scopeConfiguration);
  checkPolicy(forge, settings.pullRequestBuildPolicy);
  return forge;
}

function checkPattern(what: string, pattern: string): void {
  try {
    compilePattern(pattern);
  } catch (error) {
    throw wrong(`the pattern of ${what} cannot be used: ${(error as Error).message.slice(0, 200)}`);
  }
}

function checkGroup(
  forge: Forge,
  group: WebhookFilter[],
  scope: ScopeConfiguration | undefined,
): void {
  const [named, ...more] = group.filter(({ type }) => type === 'EVENT');
  if (!named || more.length > 0) throw wrong('a filter group needs one filter of type EVENT');
  const events = eventsOf(named.pattern ?? '');
  for (const event of events) checkEvent(forge, event);
  for (const { type = '', pattern = '' } of group) {
    if (type === 'EVENT') continue;
    if (type === 'WORKFLOW_NAME') throw unsupported('the webhook filter WORKFLOW_NAME');
    checkPattern(type, pattern);
    const reason = misplaced(type, { forge, events, scope });
    if (reason) throw wrong(`a filter of type ${type} ${reason}`);
  }
}

function checkEvent(forge: Forge, event: string): void {
  if (event === 'WORKFLOW_JOB_QUEUED') throw unsupported('the webhook event WORKFLOW_JOB_QUEUED');
  if (!(EVENTS as readonly string[]).includes(event)) throw wrong(`there is no event ${event}`);
  const notBitbucket = ['PULL_REQUEST_REOPENED', ...RELEASES];
  if (forge === 'BITBUCKET' && notBitbucket.includes(event))
    throw wrong(`BITBUCKET has no event ${event}`);
}

/** Why a filter does not go with the others of its group (CB-I2). */
function misplaced(
  type: string,
  {
    forge,
    events,
    scope,
  }: { forge: Forge; events: string[]; scope: ScopeConfiguration | undefined },
): string | undefined {
  const isPull = (event: string) => event.startsWith('PULL_REQUEST_');
  if (type === 'BASE_REF' && !events.every(isPull)) return 'is for events of pull requests alone';
  if (type === 'TAG_NAME' || type === 'RELEASE_NAME')
    return events.every((event) => RELEASES.includes(event))
      ? undefined
      : 'is for RELEASED and PRERELEASED alone';
  const atCommit = type === 'FILE_PATH' || type === 'COMMIT_MESSAGE';
  if (atCommit && forge === 'GITHUB_ENTERPRISE' && events.some(isPull))
    return 'does not go with pull requests of GITHUB_ENTERPRISE';
  if (type === 'REPOSITORY_NAME' && !scope) return 'is for global and organization webhooks alone';
  if (type === 'ORGANIZATION_NAME' && scope?.scope !== 'GITHUB_GLOBAL')
    return 'is for global webhooks alone';
  return undefined;
}

/** CB-I3 */
function checkScope(
  forge: Forge,
  location: string | undefined,
  scope: ScopeConfiguration | undefined,
): void {
  if ((location === WEBHOOK_LOCATION) !== (scope !== undefined))
    throw wrong(
      `scopeConfiguration goes with the source location ${WEBHOOK_LOCATION}, and it with that`,
    );
  if (!scope) return;
  const kind = kindOf(forge);
  if (kind === 'bitbucket' || (scope.scope === 'GITLAB_GROUP') !== (kind === 'gitlab'))
    throw wrong(`the scope ${scope.scope} is not one of ${forge}`);
  if (!/^[\w.-]{1,255}(\/[\w.-]{1,255}){0,20}$/.test(scope.name ?? ''))
    throw wrong('the name of its scope is none of an organization or group');
  const isOwn = forge === 'GITHUB_ENTERPRISE' || forge === 'GITLAB_SELF_MANAGED';
  if (isOwn !== (scope.domain !== undefined))
    throw wrong(
      'the domain of its scope is for GITHUB_ENTERPRISE and GITLAB_SELF_MANAGED, which need it',
    );
  if (isOwn && !/^(https?:\/\/)?[\w.-]{1,253}(:\d{1,5})?$/.test(scope.domain ?? ''))
    throw wrong('the domain of its scope is no host');
}

/** CB-I4 */
function checkPolicy(forge: Forge, policy: PullRequestBuildPolicy | undefined): void {
  const { requiresCommentApproval, approverRoles = [] } = policy ?? {};
  if (requiresCommentApproval === 'DISABLED' && approverRoles.length > 0)
    throw wrong('approverRoles do not go with requiresCommentApproval DISABLED');
  const prefix = `${kindOf(forge).toUpperCase()}_`;
  const other = approverRoles.find((role) => !role.startsWith(prefix));
  if (other) throw wrong(`${other} is not a role of ${forge}`);
}
