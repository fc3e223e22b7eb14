import type { Migration } from '../../../db/database.ts';
import { history } from './0001-history.ts';

export const migrations: Migration[] = [history];
