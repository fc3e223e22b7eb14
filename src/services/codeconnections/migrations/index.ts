import type { Migration } from '../../../db/database.ts';
import { connections } from './0001-connections.ts';
import { sources } from './0002-sources.ts';

export const migrations: Migration[] = [connections, sources];
