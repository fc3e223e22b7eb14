import * as client from '@aws-sdk/client-service-quotas';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { provides } from './provides.ts';

export default defineService({
  name: 'service-quotas',
  apis: [{ api: apiOf(client), operations }],
  migrations,
  provides,
});
