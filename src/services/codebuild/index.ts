import * as client from '@aws-sdk/client-codebuild';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { buildMetrics } from './metrics/builds.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { provides } from './provides.ts';
import { batchReconciler } from './reconcilers/batch.ts';
import { batchWorkReconciler } from './reconcilers/batch-work.ts';
import { buildReconciler } from './reconcilers/build.ts';
import { commitStatusReconciler } from './reconcilers/commit-status.ts';
import { expireReportReconciler } from './reconcilers/expire-report.ts';
import { leftoversReconciler } from './reconcilers/leftovers.ts';
import { localCachesReconciler } from './reconcilers/local-caches.ts';
import { placesReconciler } from './reconcilers/places.ts';
import { sandboxCommandsReconciler } from './reconcilers/sandbox-commands.ts';
import { stopBuildReconciler } from './reconcilers/stop-build.ts';
import { workReconciler } from './reconcilers/work.ts';
import { fleet } from './resources/fleet.ts';
import { project } from './resources/project.ts';
import { reportGroup } from './resources/report-group.ts';
import { routes } from './routes/index.ts';

// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html#API_CreateProject_Errors
const api = apiOf(client, {
  validation: 'InvalidInputException',
  // People put there what belongs into a parameter or a secret.
  // Of a webhook's address, half of what starts builds by it; the other half is called a secret by its name.
  record: {
    secrets: ['EnvironmentVariable.value', 'SSMSession.tokenValue', 'Webhook.payloadUrl'],
  },
});

export default defineService({
  name: 'codebuild',
  apis: [{ api, operations }],
  resources: [project, reportGroup, fleet],
  migrations,
  reconcilers: [
    ...[buildReconciler, workReconciler, stopBuildReconciler, expireReportReconciler],
    ...[batchReconciler, batchWorkReconciler, commitStatusReconciler],
    ...[leftoversReconciler, localCachesReconciler, sandboxCommandsReconciler, placesReconciler],
  ],
  routes,
  subscriptions: [buildMetrics],
  provides,
  quotas,
});
