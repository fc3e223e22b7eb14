import type { Migration } from '../../../db/database.ts';
import { instances } from './0001-instances.ts';

export const migrations: Migration[] = [instances];
