import type * as client from '@aws-sdk/client-codebuild';
import { notImplemented, type Operations } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import * as builds from './builds.ts';
import * as images from './images.ts';
import * as projects from './projects.ts';
import * as reports from './reports.ts';

export const operations = {
  ...projects,
  ...builds,
  ...images,
  ...reports,
  batchGetBuildBatches: notImplemented,
  batchGetCommandExecutions: notImplemented,
  batchGetFleets: notImplemented,
  batchGetSandboxes: notImplemented,
  createFleet: notImplemented,
  createReportGroup: notImplemented,
  createWebhook: notImplemented,
  deleteBuildBatch: notImplemented,
  deleteFleet: notImplemented,
  deleteReportGroup: notImplemented,
  deleteResourcePolicy: notImplemented,
  deleteSourceCredentials: notImplemented,
  deleteWebhook: notImplemented,
  describeCodeCoverages: notImplemented,
  getReportGroupTrend: notImplemented,
  getResourcePolicy: notImplemented,
  importSourceCredentials: notImplemented,
  invalidateProjectCache: notImplemented,
  listBuildBatches: notImplemented,
  listBuildBatchesForProject: notImplemented,
  listCommandExecutionsForSandbox: notImplemented,
  listFleets: notImplemented,
  listSandboxes: notImplemented,
  listSandboxesForProject: notImplemented,
  listSharedProjects: notImplemented,
  listSharedReportGroups: notImplemented,
  listSourceCredentials: notImplemented,
  putResourcePolicy: notImplemented,
  retryBuildBatch: notImplemented,
  startBuildBatch: notImplemented,
  startCommandExecution: notImplemented,
  startSandbox: notImplemented,
  startSandboxConnection: notImplemented,
  stopBuildBatch: notImplemented,
  stopSandbox: notImplemented,
  updateFleet: notImplemented,
  updateProjectVisibility: notImplemented,
  updateReportGroup: notImplemented,
  updateWebhook: notImplemented,
} satisfies Operations<typeof client, ServiceContext>;
