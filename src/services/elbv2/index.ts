import * as client from '@aws-sdk/client-elastic-load-balancing-v2';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { provides } from './provides.ts';
import { instanceGone } from './reconcilers/instance-gone.ts';
import { serveReconciler } from './reconcilers/serve.ts';
import { kinds } from './resources/kinds.ts';

export default defineService({
  name: 'elbv2',
  apis: [{ api: apiOf(client), operations }],
  resources: kinds,
  migrations,
  reconcilers: [serveReconciler],
  subscriptions: [instanceGone],
  quotas,
  provides,
});
