import type { Migration } from '../../../db/database.ts';
import { projectsAndBuilds } from './0001-projects-and-builds.ts';
import { reports } from './0002-reports.ts';
import { resourcePolicies } from './0003-resource-policies.ts';
import { reportGroups } from './0004-report-groups.ts';
import { buildBatches } from './0005-build-batches.ts';
import { caches } from './0006-caches.ts';
import { forges } from './0007-forges.ts';
import { localCaches } from './0008-caches-badges-visibility.ts';
import { sandboxCommands } from './0009-sandbox-commands.ts';
import { fleets } from './0010-fleets.ts';

export const migrations: Migration[] = [
  projectsAndBuilds,
  reports,
  resourcePolicies,
  reportGroups,
  buildBatches,
  caches,
  forges,
  localCaches,
  sandboxCommands,
  fleets,
];
