import type { Migration } from '../../db/database.ts';
import { sessions } from './0001-sessions.ts';
import { live } from './0002-live.ts';

export const migrations: Migration[] = [sessions, live];
