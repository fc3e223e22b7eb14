import type { Migration } from '../../../db/database.ts';
import { loadBalancers } from './0001-load-balancers.ts';

export const migrations: Migration[] = [loadBalancers];
