import * as client from '@aws-sdk/client-elastic-beanstalk';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { environmentReconciler } from './reconcilers/environment.ts';
import { fleetReconciler } from './reconcilers/fleet.ts';
import { instanceChanged } from './reconcilers/instances.ts';
import { kinds } from './resources/kinds.ts';
import { routes } from './routes/index.ts';

// Environment properties are where applications have their passwords.
const api = apiOf(client, { record: { secrets: ['ConfigurationOptionSetting.Value'] } });

export default defineService({
  name: 'elasticbeanstalk',
  apis: [{ api, operations }],
  resources: kinds,
  migrations,
  routes,
  reconcilers: [environmentReconciler, fleetReconciler],
  subscriptions: [instanceChanged],
  quotas,
});
