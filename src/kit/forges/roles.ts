import { ownValue } from '../../lib/own.ts';
import type { Platform } from '../platform.ts';
import { apiPath, callForge, type ForgeApi, ForgeRefused } from './api.ts';
import type { Kind } from './repository.ts';

/** Who may do what in a repository, as CodeBuild names it: from the least to the most. */
const ROLES: Record<Kind, Record<string, string>> = {
  github: {
    ...{ read: 'GITHUB_READ', triage: 'GITHUB_TRIAGE', write: 'GITHUB_WRITE' },
    ...{ maintain: 'GITHUB_MAINTAIN', admin: 'GITHUB_ADMIN' },
  },
  // https://docs.gitlab.com/api/access_requests/#valid-access-levels
  gitlab: {
    ...{ 10: 'GITLAB_GUEST', 15: 'GITLAB_PLANNER', 20: 'GITLAB_REPORTER' },
    ...{ 30: 'GITLAB_DEVELOPER', 40: 'GITLAB_MAINTAINER', 50: 'GITLAB_OWNER' },
  },
  bitbucket: { read: 'BITBUCKET_READ', write: 'BITBUCKET_WRITE', admin: 'BITBUCKET_ADMIN' },
};

/** @param id as the forge's API asks for a user: GitHub's login, GitLab's number, Bitbucket's account id */
function rolePath(api: ForgeApi, id: string): string {
  const user = encodeURIComponent(id);
  if (api.kind === 'github') return `${apiPath(api)}/collaborators/${user}/permission`;
  if (api.kind === 'gitlab') return `${apiPath(api)}/members/all/${user}`;
  return `${apiPath(api)}/permissions-config/users/${user}`;
}

/** The role of a user in a repository; undefined for who has none. @throws ForgeRefused where the forge does not say */
export async function roleOf(
  platform: Pick<Platform, 'outbound'>,
  api: ForgeApi,
  id: string,
): Promise<string | undefined> {
  if (id === '' || /^\.+$/.test(id)) return undefined;
  try {
    const path = rolePath(api, id);
    const said = (await callForge(platform, api, { method: 'GET', path })) as
      | Record<string, unknown>
      | undefined;
    const { role_name, permission, access_level } = said ?? {};
    return ownValue(ROLES[api.kind], String(role_name ?? access_level ?? permission));
  } catch (error) {
    if (error instanceof ForgeRefused && error.status === 404) return undefined;
    throw error;
  }
}
