import { operationsIn } from '../../../kit/operation.ts';
import * as batches from './batches.ts';
import * as builds from './builds.ts';
import * as fleets from './fleets.ts';
import * as images from './images.ts';
import * as policies from './policies.ts';
import * as projects from './projects.ts';
import * as reportGroups from './report-groups.ts';
import * as reports from './reports.ts';
import * as sandboxes from './sandboxes.ts';
import * as shared from './shared.ts';
import * as sourceCredentials from './source-credentials.ts';
import * as visibility from './visibility.ts';
import * as webhooks from './webhooks.ts';

export const operations = operationsIn(
  batches,
  builds,
  fleets,
  images,
  policies,
  projects,
  reportGroups,
  reports,
  sandboxes,
  shared,
  sourceCredentials,
  visibility,
  webhooks,
);
