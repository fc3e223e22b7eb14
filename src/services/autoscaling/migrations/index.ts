import type { Migration } from '../../../db/database.ts';
import { groups } from './0001-groups.ts';

export const migrations: Migration[] = [groups];
