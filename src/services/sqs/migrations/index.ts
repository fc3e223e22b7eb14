import type { Migration } from '../../../db/database.ts';
import { queues } from './0001-queues.ts';

export const migrations: Migration[] = [queues];
