import type { Migration } from '../../../db/database.ts';
import { topics } from './0001-topics.ts';

export const migrations: Migration[] = [topics];
