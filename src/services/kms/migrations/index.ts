import type { Migration } from '../../../db/database.ts';
import { keys } from './0001-keys.ts';

export const migrations: Migration[] = [keys];
