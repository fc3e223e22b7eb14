import type { Migration } from '../../../db/database.ts';
import { pipelines } from './0001-pipelines.ts';
import { executions } from './0002-executions.ts';
import { rules } from './0003-rules.ts';
import { jobs } from './0004-jobs.ts';
import { webhooks } from './0005-webhooks.ts';
import { history } from './0006-history.ts';

export const migrations: Migration[] = [pipelines, executions, rules, jobs, webhooks, history];
