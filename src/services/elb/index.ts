import * as client from '@aws-sdk/client-elastic-load-balancing';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { provides } from './provides.ts';
import { instanceGone } from './reconcilers/instance-gone.ts';
import { serveReconciler } from './reconcilers/serve.ts';
import { balancer } from './resources/balancer.ts';

export default defineService({
  name: 'elb',
  apis: [{ api: apiOf(client), operations }],
  resources: [balancer],
  migrations,
  reconcilers: [serveReconciler],
  subscriptions: [instanceGone],
  quotas,
  provides,
});
