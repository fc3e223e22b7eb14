import type { Migration } from '../../../db/database.ts';
import { objects } from './0001-objects.ts';

export const migrations: Migration[] = [objects];
