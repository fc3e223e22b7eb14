import type { Migration } from '../../../db/database.ts';
import { objects } from './0001-objects.ts';
import { smallBodies } from './0002-small-bodies.ts';
import { notifications } from './0003-notifications.ts';

export const migrations: Migration[] = [objects, smallBodies, notifications];
