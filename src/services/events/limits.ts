import type { QuotaCatalogue } from '../../kit/quotas.ts';

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
export const RULES_PER_BUS = { code: 'L-244521F2', name: 'Number of rules', value: 300 };
export const BUSES = { code: 'L-6A9EE1F7', name: 'Event buses', value: 100 };
export const quotas: QuotaCatalogue = {
  serviceName: 'Amazon EventBridge (CloudWatch Events)',
  quotas: [RULES_PER_BUS, BUSES],
};
export const MAX_TARGETS_PER_RULE = 5;
export const MAX_PATTERN_CHARACTERS = 4096;
export const MAX_POLICY_BYTES = 10_240;
export const MAX_TAGS = 50;
/** Of all entries of a call together. */
export const MAX_ENTRIES_BYTES = 256 * 1024;
export const MAX_API_DESTINATIONS = 3000;
export const MAX_CONNECTIONS = 3000;

export const DEFAULT_PAGE = 100;
/** That run at the same time. */
export const MAX_REPLAYS = 10;
/** How long one that has ended can be described. */
export const REPLAY_KEPT_DAYS = 90;
/** Calls a second of an API destination that says nothing of it. */
export const DEFAULT_RATE = 300;
