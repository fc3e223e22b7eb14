import type * as client from '@aws-sdk/client-secrets-manager';
import { notImplemented, type Operations } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import { deleteSecret, restoreSecret } from './deletion.ts';
import { listSecrets, listSecretVersionIds } from './lists.ts';
import { createSecret, describeSecret, getResourcePolicy, updateSecret } from './secrets.ts';
import { updateSecretVersionStage } from './stages.ts';
import { tagResource, untagResource } from './tags.ts';
import {
  batchGetSecretValue,
  getRandomPassword,
  getSecretValue,
  putSecretValue,
} from './values.ts';

export const operations = {
  batchGetSecretValue,
  cancelRotateSecret: notImplemented,
  createSecret,
  deleteResourcePolicy: notImplemented,
  deleteSecret,
  describeSecret,
  getRandomPassword,
  getResourcePolicy,
  getSecretValue,
  listSecretVersionIds,
  listSecrets,
  putResourcePolicy: notImplemented,
  putSecretValue,
  removeRegionsFromReplication: notImplemented,
  replicateSecretToRegions: notImplemented,
  restoreSecret,
  rotateSecret: notImplemented,
  stopReplicationToReplica: notImplemented,
  tagResource,
  untagResource,
  updateSecret,
  updateSecretVersionStage,
  validateResourcePolicy: notImplemented,
} satisfies Operations<typeof client, ServiceContext>;
