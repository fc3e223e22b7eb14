import * as client from '@aws-sdk/client-codepipeline';
import { apiOf } from '../../aws/api.ts';
import type { SecretWhere } from '../../aws/record-facts.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { executionMetrics } from './metrics/executions.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { workTypes } from './providers/index.ts';
import { provides } from './provides.ts';
import { actionReconciler } from './reconcilers/action.ts';
import { jobReconciler } from './reconcilers/job.ts';
import { pipelineReconciler } from './reconcilers/pipeline.ts';
import { subscriptions } from './reconcilers/subscriptions.ts';
import { customActionType } from './resources/custom-action-type.ts';
import { pipeline } from './resources/pipeline.ts';
import { webhook } from './resources/webhook.ts';
import { routes } from './routes/index.ts';

/** Which keys of a made type's configuration are secret is known to its store alone. */
const configuration: SecretWhere = {
  member: 'ActionDeclaration.configuration',
  where: ({ actionTypeId }) => (actionTypeId as client.ActionTypeId | undefined)?.owner !== 'AWS',
};

const secrets = [
  configuration,
  // What workers get.
  'ActionConfiguration.configuration',
  'WebhookAuthConfiguration.SecretToken',
  'AcknowledgeThirdPartyJobInput.clientToken',
  'GetThirdPartyJobDetailsInput.clientToken',
  'PutThirdPartyJobFailureResultInput.clientToken',
  'PutThirdPartyJobSuccessResultInput.clientToken',
];

export default defineService({
  name: 'codepipeline',
  apis: [{ api: apiOf(client, { record: { secrets } }), operations }],
  resources: [customActionType, pipeline, webhook],
  migrations,
  reconcilers: [actionReconciler(workTypes), jobReconciler, pipelineReconciler],
  subscriptions: [...subscriptions(workTypes), executionMetrics],
  routes,
  provides,
  quotas,
});
