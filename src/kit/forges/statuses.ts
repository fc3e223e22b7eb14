import type { Platform } from '../platform.ts';
import { apiPath, callForge, type ForgeApi } from './api.ts';
import type { Kind } from './repository.ts';

export type StatusState = 'pending' | 'success' | 'failure' | 'error';

/** What a forge shows of a commit. */
export interface CommitStatus {
  commit: string;
  state: StatusState;
  /** By which a later one replaces it. */
  context: string;
  description: string;
  targetUrl: string;
}

/** https://docs.gitlab.com/api/commits/#set-commit-pipeline-status, https://developer.atlassian.com/cloud/bitbucket/rest/api-group-commit-statuses */
const WORDS: Record<Exclude<Kind, 'github'>, Record<StatusState, string>> = {
  gitlab: { pending: 'running', success: 'success', failure: 'failed', error: 'failed' },
  bitbucket: { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED', error: 'FAILED' },
};

/** GitHub takes no more. */
const MOST_DESCRIPTION = 140;
/** Bitbucket takes no more for what a later status replaces. */
const MOST_KEY = 40;

/** Tells a forge how a build of a commit goes. @throws ForgeRefused */
export async function putStatus(
  platform: Pick<Platform, 'outbound'>,
  api: ForgeApi,
  status: CommitStatus,
): Promise<void> {
  const { path, body } = statusCall(api, status);
  await callForge(platform, api, { method: 'POST', path, body });
}

function statusCall(
  api: ForgeApi,
  { commit, state, context, targetUrl, ...status }: CommitStatus,
): { path: string; body: object } {
  const repository = apiPath(api);
  const description = status.description.slice(0, MOST_DESCRIPTION);
  if (api.kind === 'github')
    return {
      path: `${repository}/statuses/${commit}`,
      body: { state, context, description, target_url: targetUrl },
    };
  if (api.kind === 'gitlab')
    return {
      path: `${repository}/statuses/${commit}`,
      body: { state: WORDS.gitlab[state], name: context, description, target_url: targetUrl },
    };
  return {
    path: `${repository}/commit/${commit}/statuses/build`,
    body: {
      ...{ state: WORDS.bitbucket[state], key: context.slice(0, MOST_KEY), name: context },
      ...{ url: targetUrl, description },
    },
  };
}
