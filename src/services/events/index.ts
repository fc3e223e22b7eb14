import * as client from '@aws-sdk/client-eventbridge';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { subscriptions } from './delivery/subscriptions.ts';
import { quotas } from './limits.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { authorize } from './reconcilers/authorize.ts';
import { collect } from './reconcilers/collect.ts';
import { deliver, deliverAgain, deliverOutside } from './reconcilers/deliver.ts';
import { replay } from './reconcilers/replay.ts';
import { schedule } from './reconcilers/schedule.ts';
import { bus } from './resources/bus.ts';
import { rule } from './resources/rule.ts';

export default defineService({
  name: 'events',
  apis: [{ api: apiOf(client), operations }],
  resources: [bus, rule],
  migrations,
  reconcilers: [deliver, deliverOutside, deliverAgain, schedule, replay, authorize, collect],
  subscriptions,
  quotas,
});
