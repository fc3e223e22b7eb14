import * as client from '@aws-sdk/client-kms';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { deleteKeyReconciler } from './reconcilers/delete-key.ts';
import { key } from './resources/key.ts';

export default defineService({
  name: 'kms',
  apis: [{ api: apiOf(client), operations }],
  resources: [key],
  migrations,
  reconcilers: [deleteKeyReconciler],
});
