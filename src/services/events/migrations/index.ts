import type { Migration } from '../../../db/database.ts';
import { rules } from './0001-rules.ts';
import { archives } from './0002-archives.ts';
import { destinations } from './0003-destinations.ts';

export const migrations: Migration[] = [rules, archives, destinations];
