import type { Migration } from '../../db/database.ts';
import { sessions } from './0001-sessions.ts';
import { live } from './0002-live.ts';
import { position } from './0003-position.ts';

export const migrations: Migration[] = [sessions, live, position];
