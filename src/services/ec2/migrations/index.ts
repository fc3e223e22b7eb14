import type { Migration } from '../../../db/database.ts';
import { instances } from './0001-instances.ts';
import { launchTemplates } from './0002-launch-templates.ts';

export const migrations: Migration[] = [instances, launchTemplates];
