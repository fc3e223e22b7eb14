import type { Migration } from '../../../db/database.ts';
import { rules } from './0001-rules.ts';

export const migrations: Migration[] = [rules];
