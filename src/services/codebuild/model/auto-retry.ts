import { createHash } from 'node:crypto';
import type { AutoRetryConfig, Build, StatusType } from '@aws-sdk/client-codebuild';
import type { BuildInputs } from './build-record.ts';

/** Builds that were stopped have ended as somebody wanted. */
const FAILED: StatusType[] = ['FAILED', 'FAULT', 'TIMED_OUT'];

/** What a build shows of its retries (CB-J3), in its first try; nothing where it has none. */
export function autoRetryConfig({
  autoRetryLimit,
}: Pick<BuildInputs, 'autoRetryLimit'>): AutoRetryConfig | undefined {
  return autoRetryLimit ? { autoRetryLimit, autoRetryNumber: 0 } : undefined;
}

/**
 * Whether builds are tried again by themselves that were started so. What belongs to a batch or to a pipeline's action is
 * tried again by that, which waits for the build that it has started and for no other.
 */
export function isAutoRetried({ autoRetryLimit, batch, source }: BuildInputs): boolean {
  return Boolean(autoRetryLimit) && !batch && source.type !== 'CODEPIPELINE';
}

/** A build that is over and is tried again: as it shows that, and what the next one shows. Undefined where it is not. */
export function autoRetryOf(build: Build): { ended: Build; next: NextTry } | undefined {
  const { autoRetryConfig: config, buildStatus = 'SUCCEEDED', arn = '' } = build;
  const { autoRetryLimit = 0, autoRetryNumber = 0 } = config ?? {};
  if (!FAILED.includes(buildStatus) || autoRetryNumber >= autoRetryLimit) return undefined;
  const id = nextId(build.id ?? '');
  const [head] = arn.split(':build/');
  return {
    ended: { ...build, autoRetryConfig: { ...config, nextAutoRetry: `${head}:build/${id}` } },
    next: {
      id,
      config: { autoRetryLimit, autoRetryNumber: autoRetryNumber + 1, previousAutoRetry: arn },
    },
  };
}

/** The build that a failed one is followed by. */
export interface NextTry {
  id: string;
  config: AutoRetryConfig;
}

/** It follows from the build that has failed, so that there is one, however often its end is committed. */
function nextId(id: string): string {
  const hex = createHash('sha256').update(`auto-retry\0${id}`).digest('hex');
  const parts = [8, 12, 16, 20, 32].map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end));
  return `${id.split(':')[0]}:${parts.join('-')}`;
}
