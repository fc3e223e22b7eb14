import type { EnvironmentVariable } from '@aws-sdk/client-codebuild';
import type { Headers } from '../../../../kit/forges/payload.ts';
import { type Forge, kindOf } from '../../../../kit/forges/repository.ts';
import type { ForgeEvent } from './told.ts';

/** The variable, which is taken out again, by which a webhook says that another repository proposes what is built. */
export const FROM_FORK = 'CODEBUILD_WEBHOOK_FROM_FORK';

/** What a build of an event is started with. */
export interface EventStart {
  sourceVersion: string;
  variables: EnvironmentVariable[];
}

/** @returns undefined for what cannot be cloned */
export function startOf(forge: Forge, event: ForgeEvent): EventStart | undefined {
  const { pullRequest, commit, headRef } = event;
  const isBitbucket = kindOf(forge) === 'bitbucket';
  // What a fork proposes is in no repository but the fork.
  if (pullRequest?.isFork && isBitbucket) return undefined;
  const sourceVersion = pullRequest
    ? isBitbucket
      ? (commit ?? headRef)
      : `pr/${pullRequest.number}`
    : (commit ?? headRef);
  const variables: Record<string, string | undefined> = {
    CODEBUILD_RESOLVED_SOURCE_VERSION: commit,
    CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID: event.actor.id,
    CODEBUILD_WEBHOOK_BASE_REF: event.baseRef,
    CODEBUILD_WEBHOOK_EVENT: event.event,
    CODEBUILD_WEBHOOK_HEAD_REF: headRef,
    CODEBUILD_WEBHOOK_MERGE_COMMIT: event.mergeCommit,
    CODEBUILD_WEBHOOK_PREV_COMMIT: event.previous,
    CODEBUILD_WEBHOOK_TRIGGER: trigger(event),
    [FROM_FORK]: pullRequest?.isFork ? 'true' : undefined,
  };
  return {
    sourceVersion,
    variables: Object.entries(variables).flatMap(([name, value]) =>
      value ? [{ name, value, type: 'PLAINTEXT' as const }] : [],
    ),
  };
}

function trigger({ pullRequest, headRef }: ForgeEvent): string {
  if (pullRequest) return `pr/${pullRequest.number}`;
  return headRef.replace(/^refs\/heads\//, 'branch/').replace(/^refs\/tags\//, 'tag/');
}

/** How forges call themselves: `GitHub-Hookshot/044aadd`. */
export function initiatorOf(forge: Forge, headers: Headers): string {
  const agent = headers['user-agent'] ?? '';
  if (/^(GitHub-Hookshot|Bitbucket-Webhooks|GitLab)\/[\w.-]{1,100}$/.test(agent)) return agent;
  const names = { github: 'GitHub-Hookshot', gitlab: 'GitLab', bitbucket: 'Bitbucket-Webhooks' };
  return names[kindOf(forge)];
}
