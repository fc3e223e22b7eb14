import * as client from '@aws-sdk/client-service-quotas';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './migrations/0001-quotas.ts';
import { operations } from './operations/index.ts';
import { raisedQuota } from './store.ts';

export default defineService({
  name: 'service-quotas',
  apis: [{ api: apiOf(client), operations }],
  migrations: [quotas],
  provides: { raisedQuota },
});
