import type * as client from '@aws-sdk/client-codepipeline';
import { notImplemented, type Operations } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import * as actionTypes from './action-types.ts';
import * as executions from './executions.ts';
import * as pipelines from './pipelines.ts';
import * as stages from './stages.ts';
import * as state from './state.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';

export const operations = {
  ...actionTypes,
  ...executions,
  ...pipelines,
  ...stages,
  ...state,
  listTagsForResource,
  tagResource,
  untagResource,
  acknowledgeJob: notImplemented,
  acknowledgeThirdPartyJob: notImplemented,
  createCustomActionType: notImplemented,
  deleteCustomActionType: notImplemented,
  deleteWebhook: notImplemented,
  deregisterWebhookWithThirdParty: notImplemented,
  getActionType: notImplemented,
  getJobDetails: notImplemented,
  getThirdPartyJobDetails: notImplemented,
  listDeployActionExecutionTargets: notImplemented,
  listRuleExecutions: notImplemented,
  listRuleTypes: notImplemented,
  listWebhooks: notImplemented,
  overrideStageCondition: notImplemented,
  pollForJobs: notImplemented,
  pollForThirdPartyJobs: notImplemented,
  putActionRevision: notImplemented,
  putJobFailureResult: notImplemented,
  putJobSuccessResult: notImplemented,
  putThirdPartyJobFailureResult: notImplemented,
  putThirdPartyJobSuccessResult: notImplemented,
  putWebhook: notImplemented,
  registerWebhookWithThirdParty: notImplemented,
  rollbackStage: notImplemented,
  updateActionType: notImplemented,
} satisfies Operations<typeof client, ServiceContext>;
