import type { Platform } from '../platform.ts';
import { apiPath, callForge, type ForgeApi, ForgeRefused } from './api.ts';
import type { Kind } from './repository.ts';

/** What a forge is asked to tell, and where. */
export interface Hook {
  /** Where it posts to. */
  payloadUrl: string;
  secret: string;
}

/** https://docs.github.com/en/rest/repos/webhooks, https://docs.gitlab.com/api/project_webhooks, https://developer.atlassian.com/cloud/bitbucket/rest/api-group-repositories */
const BODIES: Record<Kind, (hook: Hook) => object> = {
  github: ({ payloadUrl: url, secret }) => ({
    ...{ name: 'web', active: true },
    events: ['push', 'pull_request', 'release', 'issue_comment'],
    config: { url, content_type: 'json', secret },
  }),
  gitlab: ({ payloadUrl: url, secret }) => ({
    ...{ url, token: secret, push_events: true, tag_push_events: true },
    ...{ merge_requests_events: true, releases_events: true, note_events: true },
  }),
  bitbucket: ({ payloadUrl: url, secret }) => ({
    ...{ description: 'AWS CodeBuild', url, secret, active: true },
    events: [
      ...['repo:push', 'pullrequest:created', 'pullrequest:updated', 'pullrequest:fulfilled'],
      ...['pullrequest:rejected', 'pullrequest:comment_created'],
    ],
  }),
};

/** Asks a forge to call. @returns the API's URL of the hook @throws ForgeRefused */
export async function createHook(
  platform: Pick<Platform, 'outbound'>,
  api: ForgeApi,
  hook: Hook,
): Promise<string> {
  const path = `${apiPath(api)}/hooks`;
  const made = await callForge(platform, api, {
    method: 'POST',
    path,
    body: BODIES[api.kind](hook),
  });
  const { id, uuid } = (made ?? {}) as { id?: unknown; uuid?: unknown };
  const its = typeof id === 'number' ? String(id) : uuid;
  if (typeof its !== 'string' || !/^[\w{}-]{1,100}$/.test(its))
    throw new ForgeRefused(
      `${new URL(api.base).host} did not say which webhook it has made`,
      false,
    );
  return `${api.base}${path}/${encodeURIComponent(its)}`;
}

/** Gives a hook another secret. @throws ForgeRefused */
export async function updateHook(
  platform: Pick<Platform, 'outbound'>,
  api: ForgeApi,
  url: string,
  hook: Hook,
): Promise<void> {
  const method = api.kind === 'github' ? 'PATCH' : 'PUT';
  const { name: _, ...body } = BODIES[api.kind](hook) as { name?: string };
  await callForge(platform, api, { method, path: pathOf(api, url), body });
}

/** One that is gone already is gone. @throws ForgeRefused */
export async function deleteHook(
  platform: Pick<Platform, 'outbound'>,
  api: ForgeApi,
  url: string,
): Promise<void> {
  try {
    await callForge(platform, api, { method: 'DELETE', path: pathOf(api, url) });
  } catch (error) {
    if (!(error instanceof ForgeRefused && error.status === 404)) throw error;
  }
}

/** The same hook where the API is now. */
const pathOf = (api: ForgeApi, url: string) =>
  `${apiPath(api)}/hooks/${url.slice(url.lastIndexOf('/') + 1)}`;
