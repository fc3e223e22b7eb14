import { ForgeRefused } from '../../../kit/forges/api.ts';
import { roleOf } from '../../../kit/forges/roles.ts';
import type { Platform } from '../../../kit/service.ts';
import { PhaseFailure } from '../model/build-state.ts';
import type { Actor, ForgeEvent } from '../model/webhook/told.ts';
import { forgeApi } from './forge-api.ts';
import type { Hooked } from './hooked.ts';

/** Has somebody to say by a comment that a pull request may be built (CB-I4)? */
export async function needsApproval(
  platform: Platform,
  hooked: Hooked,
  { pullRequest }: ForgeEvent,
): Promise<boolean> {
  const policy = hooked.hook.webhook.settings.pullRequestBuildPolicy;
  const when = policy?.requiresCommentApproval ?? 'DISABLED';
  if (!pullRequest || when === 'DISABLED') return false;
  if (when === 'FORK_PULL_REQUESTS' && !pullRequest.isFork) return false;
  return !(await isApprover(platform, hooked, pullRequest.author));
}

/** Has who it is one of the roles that approve? Where the forge cannot be asked, nobody has but who owns the repository. */
export async function isApprover(
  platform: Platform,
  { hook, project, location }: Hooked,
  actor: Actor,
): Promise<boolean> {
  const roles = hook.webhook.settings.pullRequestBuildPolicy?.approverRoles ?? [];
  if (actor.isOwner && roles.includes('GITHUB_ADMIN')) return true;
  if (roles.length === 0) return false;
  const { accountId, region } = hook;
  const { source, serviceRole = '' } = project;
  const who = { accountId, region, id: `${hook.project}:webhook`, serviceRole };
  try {
    const api = await forgeApi(platform, who, { type: source?.type, auth: source?.auth, location });
    if ('missing' in api) return false;
    const role = await roleOf(platform, api, actor.key);
    return role !== undefined && (roles as string[]).includes(role);
  } catch (error) {
    if (error instanceof ForgeRefused || error instanceof PhaseFailure) return false;
    throw error;
  }
}
