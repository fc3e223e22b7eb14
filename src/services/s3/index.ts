import * as client from '@aws-sdk/client-s3';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { facts } from './facts.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { blobsReconciler } from './reconcilers/blobs.ts';
import { notify } from './reconcilers/notify.ts';
import { routes } from './routes/index.ts';

export default defineService({
  name: 's3',
  apis: [{ api: apiOf(client, facts), operations }],
  migrations,
  reconcilers: [blobsReconciler, notify],
  routes,
});
