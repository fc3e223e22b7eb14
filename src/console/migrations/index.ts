import type { Migration } from '../../db/database.ts';
import { sessions } from './0001-sessions.ts';

export const migrations: Migration[] = [sessions];
