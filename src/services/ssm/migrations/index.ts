import type { Migration } from '../../../db/database.ts';
import { parameters } from './0001-parameters.ts';
import { sessions } from './0002-sessions.ts';
import { sessionTimes } from './0003-session-times.ts';

export const migrations: Migration[] = [parameters, sessions, sessionTimes];
