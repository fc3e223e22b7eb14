import { operationsIn } from '../../../kit/operation.ts';
import * as destinations from './destinations.ts';
import * as events from './events.ts';
import * as exports from './exports.ts';
import * as filteredEvents from './filtered-events.ts';
import * as groups from './groups.ts';
import * as ingestion from './ingestion.ts';
import * as liveTail from './live-tail.ts';
import * as metricFilters from './metric-filters.ts';
import * as policies from './policies.ts';
import * as queries from './queries.ts';
import * as queryDefinitions from './query-definitions.ts';
import * as records from './records.ts';
import * as streams from './streams.ts';
import * as subscriptionFilters from './subscription-filters.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(
  destinations,
  exports,
  filteredEvents,
  events,
  groups,
  liveTail,
  metricFilters,
  policies,
  queries,
  queryDefinitions,
  records,
  ingestion,
  streams,
  subscriptionFilters,
  tags,
);
