import type { Migration } from '../../../db/database.ts';
import { parameters } from './0001-parameters.ts';

export const migrations: Migration[] = [parameters];
