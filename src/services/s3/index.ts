import * as client from '@aws-sdk/client-s3';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../service.ts';
import { objects } from './migrations/0001-objects.ts';
import { operations } from './operations/index.ts';
import { blobsReconciler } from './reconcilers/blobs.ts';

export default defineService({
  name: 's3',
  apis: [{ api: apiOf(client), operations }],
  migrations: [objects],
  reconcilers: [blobsReconciler],
});
