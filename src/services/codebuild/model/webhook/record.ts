import type { Webhook } from '@aws-sdk/client-codebuild';
import type { Forge } from '../../../../kit/forges/repository.ts';
import type { WebhookSettings } from './rules.ts';
import type { ForgeEvent } from './told.ts';

/** A webhook as it is kept. */
export interface WebhookRecord {
  forge: Forge;
  /** The part of its URL that nobody can guess. */
  address: string;
  /** Sealed. */
  secret: string;
  /** Epoch milliseconds. */
  lastModifiedSecret: number;
  /** Of the hook in the forge's API; absent: it is registered by hand. */
  url?: string;
  /** Why that is so. */
  byHand?: string;
  settings: WebhookSettings;
  /** Pull requests that wait for a comment, by their number; the latest last. */
  waiting?: [number: string, event: ForgeEvent][];
}

/** Pull requests that wait, of a webhook: the oldest go. */
const MOST_WAITING = 200;

/** A pull request waits in place of what it was before. */
export function withWaiting(record: WebhookRecord, event: ForgeEvent): WebhookRecord {
  const { number = '' } = event.pullRequest ?? {};
  const others = (record.waiting ?? []).filter(([other]) => other !== number);
  const { paths: _, ...kept } = event;
  return {
    ...record,
    waiting: [...others, [number, kept] as [string, ForgeEvent]].slice(-MOST_WAITING),
  };
}

export function withoutWaiting(record: WebhookRecord, number: string): WebhookRecord {
  return { ...record, waiting: (record.waiting ?? []).filter(([other]) => other !== number) };
}

/** A webhook as AWS shows it. @param secret where it is told: once, to who registers it by hand */
export function webhookView(
  record: WebhookRecord,
  payloadUrl: string,
  secret?: string | undefined,
): Webhook {
  const { settings, url, byHand } = record;
  const { filterGroups, branchFilter, buildType, manualCreation } = settings;
  const { scopeConfiguration, pullRequestBuildPolicy } = settings;
  return {
    ...{ payloadUrl, ...(url !== undefined && { url }), ...(secret !== undefined && { secret }) },
    ...(branchFilter !== undefined && { branchFilter }),
    filterGroups: (filterGroups ?? []).map((group) =>
      group.map((filter) => ({
        ...filter,
        excludeMatchedPattern: filter.excludeMatchedPattern ?? false,
      })),
    ),
    buildType: (buildType ?? 'BUILD') as NonNullable<Webhook['buildType']>,
    manualCreation: manualCreation ?? false,
    lastModifiedSecret: new Date(record.lastModifiedSecret),
    ...(scopeConfiguration && { scopeConfiguration }),
    ...(pullRequestBuildPolicy && { pullRequestBuildPolicy }),
    status: 'ACTIVE',
    ...(byHand !== undefined && { statusMessage: byHand }),
  };
}
