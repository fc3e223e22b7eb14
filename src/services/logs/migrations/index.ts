import type { Migration } from '../../../db/database.ts';
import { logs } from './0001-logs.ts';
import { sealedChunks } from './0002-sealed-chunks.ts';

export const migrations: Migration[] = [logs, sealedChunks];
