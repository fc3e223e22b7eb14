import type { Migration } from '../../../db/database.ts';
import { secrets } from './0001-secrets.ts';

export const migrations: Migration[] = [secrets];
