import type { Migration } from '../../../db/database.ts';
import { logs } from './0001-logs.ts';
import { sealedChunks } from './0002-sealed-chunks.ts';
import { resourcePolicies } from './0003-resource-policies.ts';
import { insights } from './0004-insights.ts';
import { metricFilters } from './0005-metric-filters.ts';
import { exports } from './0006-exports.ts';
import { subscriptions } from './0007-subscriptions.ts';

export const migrations: Migration[] = [
  logs,
  sealedChunks,
  resourcePolicies,
  insights,
  metricFilters,
  exports,
  subscriptions,
];
