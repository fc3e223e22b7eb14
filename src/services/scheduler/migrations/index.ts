import type { Migration } from '../../../db/database.ts';
import { schedules } from './0001-schedules.ts';

export const migrations: Migration[] = [schedules];
