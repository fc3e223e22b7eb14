import { operationsIn } from '../../../kit/operation.ts';
import * as filterEvents from './filter-events.ts';
import * as getEvents from './get-events.ts';
import * as groups from './groups.ts';
import * as policies from './policies.ts';
import * as putEvents from './put-events.ts';
import * as streams from './streams.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(
  filterEvents,
  getEvents,
  groups,
  policies,
  putEvents,
  streams,
  tags,
);
