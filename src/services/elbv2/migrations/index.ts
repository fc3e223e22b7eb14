import type { Migration } from '../../../db/database.ts';
import { loadBalancers } from './0001-load-balancers.ts';
import { certificates } from './0002-certificates.ts';

export const migrations: Migration[] = [loadBalancers, certificates];
