import type { Migration } from '../../../db/database.ts';
import { quotas } from './0001-quotas.ts';

export const migrations: Migration[] = [quotas];
