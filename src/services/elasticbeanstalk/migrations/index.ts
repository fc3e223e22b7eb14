import type { Migration } from '../../../db/database.ts';
import { environments } from './0001-environments.ts';

export const migrations: Migration[] = [environments];
