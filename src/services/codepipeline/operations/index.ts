import { operationsIn } from '../../../kit/operation.ts';
import * as actionTypes from './action-types.ts';
import * as customActionTypes from './custom-action-types.ts';
import * as deployTargets from './deploy-targets.ts';
import * as executions from './executions.ts';
import * as jobs from './jobs.ts';
import * as pipelines from './pipelines.ts';
import * as revisions from './revisions.ts';
import * as ruleTypes from './rule-types.ts';
import * as stages from './stages.ts';
import * as state from './state.ts';
import * as tags from './tags.ts';
import * as thirdPartyJobs from './third-party-jobs.ts';
import * as webhooks from './webhooks.ts';

export const operations = operationsIn(
  actionTypes,
  customActionTypes,
  deployTargets,
  executions,
  jobs,
  pipelines,
  revisions,
  ruleTypes,
  stages,
  state,
  tags,
  thirdPartyJobs,
  webhooks,
);
