import type { Migration } from '../../../db/database.ts';
import { pipelines } from './0001-pipelines.ts';
import { executions } from './0002-executions.ts';
import { jobs } from './0003-jobs.ts';
import { webhooks } from './0004-webhooks.ts';

export const migrations: Migration[] = [pipelines, executions, jobs, webhooks];
