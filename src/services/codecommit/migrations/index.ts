import type { Migration } from '../../../db/database.ts';
import { repositories } from './0001-repositories.ts';
import { uploads } from './0002-uploads.ts';

export const migrations: Migration[] = [repositories, uploads];
