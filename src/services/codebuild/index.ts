import * as client from '@aws-sdk/client-codebuild';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { buildMetrics } from './metrics/builds.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { buildReconciler } from './reconcilers/build.ts';
import { stopBuildReconciler } from './reconcilers/stop-build.ts';
import { workReconciler } from './reconcilers/work.ts';
import { project } from './resources/project.ts';
import { reportGroup } from './resources/report-group.ts';

// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html#API_CreateProject_Errors
const api = apiOf(client, {
  validation: 'InvalidInputException',
  // People put there what belongs into a parameter or a secret.
  record: { secrets: ['EnvironmentVariable.value'] },
});

export default defineService({
  name: 'codebuild',
  apis: [{ api, operations }],
  resources: [project, reportGroup],
  migrations,
  reconcilers: [buildReconciler, workReconciler, stopBuildReconciler],
  subscriptions: [buildMetrics],
  quotas,
});
