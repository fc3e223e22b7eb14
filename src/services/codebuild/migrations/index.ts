import type { Migration } from '../../../db/database.ts';
import { projectsAndBuilds } from './0001-projects-and-builds.ts';
import { reports } from './0002-reports.ts';

export const migrations: Migration[] = [projectsAndBuilds, reports];
