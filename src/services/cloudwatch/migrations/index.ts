import type { Migration } from '../../../db/database.ts';
import { metrics } from './0001-metrics.ts';
import { alarms } from './0002-alarms.ts';
import { dashboards } from './0003-dashboards.ts';

export const migrations: Migration[] = [metrics, alarms, dashboards];
