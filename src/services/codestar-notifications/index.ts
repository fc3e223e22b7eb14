import { api } from '../../aws/apis/codestar-notifications.ts';
import { defineService } from '../../kit/service.ts';
import { subscriptions } from './delivery/subscriptions.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { collect } from './reconcilers/collect.ts';
import { deliver } from './reconcilers/deliver.ts';
import { rule } from './resources/rule.ts';

export default defineService({
  name: 'codestar-notifications',
  apis: [{ api, operations }],
  resources: [rule],
  migrations,
  reconcilers: [deliver, collect],
  subscriptions,
});
