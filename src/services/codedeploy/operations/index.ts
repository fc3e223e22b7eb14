import type * as client from '@aws-sdk/client-codedeploy';
import { notImplemented, type Operations } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import * as applications from './applications.ts';
import {
  createDeploymentConfig,
  deleteDeploymentConfig,
  getDeploymentConfig,
  listDeploymentConfigs,
} from './configs.ts';
import {
  batchGetDeployments,
  createDeployment,
  getDeployment,
  listDeployments,
  stopDeployment,
} from './deployments.ts';
import * as groups from './groups.ts';
import * as instances from './instances.ts';
import * as revisions from './revisions.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';
import * as targets from './targets.ts';

export const operations = {
  ...applications,
  ...groups,
  ...instances,
  ...revisions,
  ...targets,
  createDeploymentConfig,
  deleteDeploymentConfig,
  getDeploymentConfig,
  listDeploymentConfigs,
  batchGetDeployments,
  createDeployment,
  getDeployment,
  listDeployments,
  stopDeployment,
  listTagsForResource,
  tagResource,
  untagResource,
  continueDeployment: notImplemented,
  deleteGitHubAccountToken: notImplemented,
  deleteResourcesByExternalId: notImplemented,
  listGitHubAccountTokenNames: notImplemented,
  putLifecycleEventHookExecutionStatus: notImplemented,
  skipWaitTimeForInstanceTermination: notImplemented,
} satisfies Operations<typeof client, ServiceContext>;
