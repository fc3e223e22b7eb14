import type { Migration } from '../../../db/database.ts';
import { keys } from './0001-keys.ts';
import { grants } from './0002-grants.ts';

export const migrations: Migration[] = [keys, grants];
