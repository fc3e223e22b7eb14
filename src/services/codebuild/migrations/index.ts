import type { Migration } from '../../../db/database.ts';
import { projectsAndBuilds } from './0001-projects-and-builds.ts';
import { reports } from './0002-reports.ts';
import { resourcePolicies } from './0003-resource-policies.ts';

export const migrations: Migration[] = [projectsAndBuilds, reports, resourcePolicies];
