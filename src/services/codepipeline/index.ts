import * as client from '@aws-sdk/client-codepipeline';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { executionMetrics } from './metrics/executions.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { actionTypes } from './providers/index.ts';
import { actionReconciler } from './reconcilers/action.ts';
import { jobReconciler } from './reconcilers/job.ts';
import { pipelineReconciler } from './reconcilers/pipeline.ts';
import { customActionType } from './resources/custom-action-type.ts';
import { pipeline } from './resources/pipeline.ts';
import { webhook } from './resources/webhook.ts';
import { routes } from './routes/index.ts';
import { subscriptions } from './subscriptions.ts';

export default defineService({
  name: 'codepipeline',
  apis: [{ api: apiOf(client), operations }],
  resources: [customActionType, pipeline, webhook],
  migrations,
  reconcilers: [actionReconciler(actionTypes), jobReconciler, pipelineReconciler],
  subscriptions: [...subscriptions(actionTypes), executionMetrics],
  routes,
  quotas,
});
